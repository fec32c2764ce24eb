package simulation

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

const (
	// origin is where the app's pages are.
	origin = "https://app.example.com"
	// replicas is how many processes serve the app at once.
	replicas = 2
	// gateAge is for how long the gate may not know what another process has applied: package gate says so.
	gateAge = 3 * time.Second
)

// world is an app with its users, its store and Stripe, in one bubble of testing/synctest.
type world struct {
	seed   uint64
	store  subscription.SubscriptionStore // the one under test, bare
	stripe *stripetest.Server
	scopes []*scope
	owners []*owner
	// entitlement is the mode that the gate counts, faults how many operations in a thousand go wrong.
	entitlement project.Mode
	faults      uint64
	faultless   bool // nothing goes wrong at any time, but processes that are killed
	quiet       bool // the host wants to be told nothing
	trialDays   int64
	wide        bool // there is more than one currency, and more can happen: see wideActions
	t           testing.TB
	random      *rand.Rand // of the step that is being begun
	step        int

	processes [replicas]*process
	ticks     int
	idle      int // ticks that have followed each other
	steps     int
	seen      map[string]int
	names     map[string]*named
	counts    map[string]int
	pasts     map[string]*past
	keepers   map[string]string // with whom subscriptions of the dashboard's are stored
	trace     trace
	stats     Stats

	mu        sync.Mutex // guards what follows, which tasks share
	stopped   []*point
	tasks     int
	violation *violation
	suspects  map[suspect]bool
	shown     map[string]bool        // sessions that an answer has named: only they can be paid
	heard     []string               // of the answers since the last choice
	secrets   map[string]bool        // what no answer and no log may hold
	lost      map[string]bool        // events that Stripe has given up
	dropped   []*stripetest.Delivery // of which the app was never told
	delivered []*stripetest.Delivery
	arrived   []*stripetest.Delivery // since the last choice
	host      host
}

// scope is a project in one mode, with a Stripe account of its own.
type scope struct {
	project.Scope

	key, secret string
	account     *stripetest.Account
	plans       []stripetest.Price
	once        stripetest.Price
	touched     bool // something may have changed at Stripe
	changes     int  // how often that was so
	forgetful   bool // test data have been deleted
	unseen      bool // and the app has not gone through whole lists since
	unfinished  bool // the last reconciliation failed or was interrupted: the app is to call it again
	// strange says that the app has the key of another account, until a step begins.
	strange      bool
	strangeUntil int
}

// owner is a user in a scope.
type owner struct {
	*scope

	user string
	// second says that the user has asked for a second subscription: then there may be two.
	second bool
	// closed is since when all subscriptions of the user have ended and the store has been told; zero while that is not so.
	closed time.Time
}

func (o *owner) owner() subscription.Owner { return subscription.Owner{Scope: o.Scope, ID: o.user} }
func (o *owner) String() string            { return who(o.owner()) }

// process is one process of the app.
type process struct {
	w               *world
	number, version int
	service         *paymount.Service
	handler         http.Handler
	dead            bool
	busy            bool // a task that has to be alone has begun
	// closed are the users of whom this process itself has stored that their last subscription has ended.
	closed map[*owner]bool
}

func (p *process) String() string { return fmt.Sprintf("replica %d", p.number+1) }

func (p *process) killed() bool {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.dead
}

// newWorld sets the stage. Everything about it is drawn from the seed.
func newWorld(t *testing.T, seed uint64, open func(*testing.T) subscription.SubscriptionStore) *world {
	t.Helper()
	w := &world{
		seed: seed, store: open(t), seen: map[string]int{}, names: map[string]*named{}, counts: map[string]int{},
		pasts: map[string]*past{}, keepers: map[string]string{},
		suspects: map[suspect]bool{}, shown: map[string]bool{}, secrets: map[string]bool{}, lost: map[string]bool{},
		host:   newHost(),
		random: rand.New(rand.NewPCG(seed, 0)), // #nosec G404 -- chance that can be repeated
	}
	w.faults = []uint64{0, 10, 30, 80}[w.chance("faults")%4]
	w.faultless = w.faults == 0
	w.quiet = w.odds(8, "quiet")
	w.wide = w.odds(2, "wide")
	if w.odds(4, "trial") {
		w.trialDays = 7
	}
	w.stripe = stripetest.New(t, stripetest.Options{
		InProcess: true, Hold: true, DelayedIncomplete: w.odds(2, "delayed payments leave it incomplete"),
		CanceledIncomplete: w.odds(2, "a cancelled incomplete one is canceled"), KeepPending: w.odds(2, "prorations are kept"),
		DebitTime:  time.Duration(w.chance("days of a debit")%3) * 2 * 24 * time.Hour,
		HTTPClient: &http.Client{Transport: toApp{}}, Logf: t.Logf,
	})
	for _, projectID := range []string{"alpha", "beta"} {
		for _, mode := range []project.Mode{project.ModeTest, project.ModeLive} {
			w.addScope(t, project.Scope{ProjectID: projectID, Mode: mode})
		}
	}
	w.addOwners()
	w.widen(t)
	w.entitlement = w.owners[0].Mode
	for i := range w.processes {
		w.boot(t, i, 1)
	}
	w.touchAll()
	return w
}

// addScope opens a Stripe account with a catalog and a webhook.
func (w *world) addScope(t testing.TB, s project.Scope) {
	t.Helper()
	sc := &scope{
		Scope: s, key: "sk_" + string(s.Mode) + "_key_of_" + s.ProjectID, secret: "whsec_" + string(s.Mode) + "_of_" + s.ProjectID,
	}
	if err := w.stripe.AddAccount(sc.key); err != nil {
		t.Fatal(err)
	}
	sc.account = w.stripe.AccountFor(sc.key)
	w.addPlans(sc)
	versions := []stripetest.Version{
		stripetest.Version20221115, stripetest.Version20231016, stripetest.VersionBasil, stripetest.VersionEndive,
	}
	_, err := sc.account.AddWebhook(stripetest.Webhook{
		URL: "http://app.test/webhooks/" + s.ProjectID + "/" + string(s.Mode), Secrets: []string{sc.secret},
		Version: versions[w.chance("version %v", s)%uint64(len(versions))],
		Events: []string{
			"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
			"checkout.session.expired", "customer.subscription.created", "customer.subscription.updated",
			"customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
			"customer.subscription.trial_will_end", "customer.subscription.pending_update_applied",
			"customer.subscription.pending_update_expired", "customer.deleted", "invoice.paid", "invoice.payment_succeeded",
			"invoice.payment_failed", "invoice.payment_action_required", "invoice.voided", "invoice.marked_uncollectible",
			"payment_intent.created", "payment_intent.requires_action", "payment_intent.processing", "payment_intent.succeeded",
			"payment_intent.payment_failed", "payment_intent.canceled", "charge.refunded", "refund.created", "refund.updated",
			"refund.failed", "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
			"charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.secrets[sc.key], w.secrets[sc.secret] = true, true
	w.scopes = append(w.scopes, sc)
}

// addOwners chooses who takes part: few, so that they get into each other's way.
func (w *world) addOwners() {
	for i := range 1 + w.chance("owners")%3 {
		user := []string{"ada", "bob"}[w.chance("user %d", i)%2]
		sc := w.scopes[w.chance("scope %d", i)%uint64(len(w.scopes))]
		o := &owner{scope: sc, user: user}
		if w.find(sc, user) == nil {
			w.owners = append(w.owners, o)
		}
	}
}

func (w *world) find(sc *scope, user string) *owner {
	for _, o := range w.owners {
		if o.scope == sc && o.user == user {
			return o
		}
	}
	return nil
}

// boot starts a process in a replica's place.
func (w *world) boot(t testing.TB, number, version int) {
	t.Helper()
	p := &process{w: w, number: number, version: version, closed: map[*owner]bool{}}
	config := paymount.Config{
		Store: w.wrap(w.store), Credentials: keys{w}, Authenticator: auth.AuthenticatorFunc(signedIn),
		RedirectOrigins: []string{origin}, EntitlementMode: w.entitlement, OnChange: w.onChange,
		StripeURL: w.stripe.URL, HTTPClient: &http.Client{Transport: toStripe{w}},
		Logger: slog.New(slog.NewTextHandler(&listener{w}, nil)), Now: w.clock(number),
	}
	config.CheckoutOptions.TrialDays = w.trialDays
	if w.quiet {
		config.OnChange = nil
	}
	service, err := paymount.New(config)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", service.Handler())
	mux.Handle("/pro", service.Require()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})))
	p.service, p.handler = service, mux
	w.mu.Lock()
	defer w.mu.Unlock()
	if before := w.processes[number]; before != nil {
		before.dead = true
	}
	w.processes[number] = p
}

// clock is a replica's. In every other world the replicas' differ from each other, and from Stripe's, by up to two minutes.
func (w *world) clock(number int) func() time.Time {
	var skew time.Duration
	if w.odds(2, "skew") {
		skew = time.Duration(w.chance("clock %d", number)%241)*time.Second - 2*time.Minute
	}
	return func() time.Time { return time.Now().Add(skew) }
}

// signedIn takes "Bearer USER OWNER PROJECT" for a verified user who acts for an owner.
func signedIn(r *http.Request) (auth.Identity, error) {
	var id auth.Identity
	_, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer %s %s %s", &id.UserID, &id.OwnerID, &id.ProjectID)
	if err != nil {
		return id, auth.ErrNoCredentials
	}
	id.Email = id.UserID + "@example.com"
	return id, nil
}

func (w *world) touchAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.scopes {
		s.touched = true
	}
}

func (w *world) touch(s *scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.touched = true
}

// listener reads the app's log.
type listener struct{ w *world }

func (l *listener) Write(line []byte) (int, error) {
	l.w.keepsSecrets("a log line", string(line))
	return len(line), nil
}
