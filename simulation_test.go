package paymount_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// TestSimulation lets users, Stripe and the store do what they may do, by chance, and looks after each step whether a
// promise was broken. Each seed is a world of its own; PAYMOUNT_SEED=n runs that one alone and prints its steps.
func TestSimulation(t *testing.T) {
	t.Parallel()
	seeds := uint64(40)
	if text := os.Getenv("PAYMOUNT_SEEDS"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = n
	}
	first := uint64(0)
	if text := os.Getenv("PAYMOUNT_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, seeds = n, n+1
	}
	for seed := first; seed < seeds; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			newWorld(t, seed).run()
		})
	}
}

// world is some users of one project, two replicas of the app on one store, and Stripe.
type world struct {
	*bundle

	random   *rand.Rand
	store    *faulty
	replicas []*httptest.Server
	users    []string
	log      []string
	mu       sync.Mutex
	told     map[string]int
	now      time.Time
}

// clock is the time for all; it moves only when the world waits.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{
		random: rand.New(rand.NewPCG(seed, 1)), users: []string{"ada", "bob", "cyd"}, told: map[string]int{},
		now:   time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		store: &faulty{SubscriptionStore: memstore.New(), random: rand.New(rand.NewPCG(seed, 2))},
	}
	hooks := rand.New(rand.NewPCG(seed, 3))
	var config paymount.Config
	w.bundle = setup(t, func(c *paymount.Config, o *stripetest.Options) {
		o.Hold, o.Now = true, w.clock
		c.Store, c.Now = w.store, w.clock
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.store.rateNow() > 0 && hooks.IntN(10) == 0 {
				return errors.New("the hook failed")
			}
			if change.Payment != nil {
				w.told[change.ID]++
			}
			return nil
		}
		config = *c
	})
	config.StripeURL = w.stripe.URL
	for range 2 {
		service, err := paymount.NewWithoutRetries(config)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(http.StripPrefix("/billing", service.Handler()))
		t.Cleanup(server.Close)
		w.replicas = append(w.replicas, server)
		_, err = w.stripe.AddWebhook(stripetest.Webhook{
			URL: server.URL + "/billing/webhooks/" + project + "/test", Secrets: []string{secret},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (f *faulty) rateNow() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rate
}

func (w *world) run() {
	w.store.set(0.05)
	for range 40 {
		w.faults()
		var wg sync.WaitGroup
		for range 1 + w.random.IntN(3) {
			name, action := w.choose()
			w.log = append(w.log, name)
			wg.Go(action)
		}
		wg.Wait()
		w.check("while things go wrong")
		if len(w.stripe.Pending()) == 0 {
			w.compare() // all has been acknowledged, so nothing may be missing
		}
		if w.t.Failed() {
			break
		}
	}
	w.settleAll()
	w.check("at rest")
	w.compare()
	if w.t.Failed() {
		w.t.Logf("steps: %s", strings.Join(w.log, " | "))
	}
}

// faults lets Stripe fail, now and then, before or after it has acted.
func (w *world) faults() {
	w.stripe.ClearFaults()
	if w.random.IntN(3) > 0 {
		return
	}
	paths := []string{"/v1/customers", "/v1/checkout/sessions", "/v1/checkout/sessions/*/expire", "/v1/subscriptions/*"}
	f := stripetest.Fault{
		Path:  paths[w.random.IntN(len(paths))],
		Acted: w.random.IntN(2) == 0, Times: 1 + w.random.IntN(2), Remember: true,
	}
	switch w.random.IntN(3) {
	case 0:
		f.Status = 500
	case 1:
		f.Status = 429
	default:
		f.Drop = true
	}
	w.log = append(w.log, fmt.Sprintf("FAULT %s %d acted=%v", f.Path, f.Status, f.Acted))
	if _, err := w.stripe.Inject(f); err != nil {
		w.t.Error(err)
	}
}

// choose picks what happens next. Everything random is decided here, so that a seed is one sequence.
func (w *world) choose() (string, func()) {
	who := w.users[w.random.IntN(len(w.users))]
	replica := w.replicas[w.random.IntN(2)]
	price := []string{w.monthly.ID, w.yearly.ID}[w.random.IntN(2)]
	pick := w.random.IntN(1 << 20)
	switch w.random.IntN(13) {
	case 0, 1, 2:
		return who + " checks out", func() {
			w.request(replica, who, "POST", "/checkout-session", w.order(map[string]any{"price_id": price}))
		}
	case 3:
		return who + " buys once", func() {
			w.request(replica, who, "POST", "/checkout-session", w.order(map[string]any{"price_id": w.once.ID, "mode": "payment"}))
		}
	case 4, 5:
		return "somebody pays", func() {
			w.onSession(pick, func(id string) error { return w.stripe.Complete(id) })
		}
	case 6:
		return "somebody gives up", func() { w.onSession(pick, w.stripe.Expire) }
	case 7:
		return "dashboard", func() { w.dashboard(pick) }
	case 8:
		return who + " cancels", func() {
			w.request(replica, who, "POST", "/cancel-subscription", map[string]any{"cancel_immediately": pick%2 == 0})
		}
	case 10:
		return "flurry", func() { w.flurry(pick) }
	case 9:
		return who + " comes back", func() { w.success(replica, who, pick) }
	}
	return "deliveries", func() { w.deliver(pick) }
}

// request sends a user's request. What it is answered does not matter, as long as it is answered.
func (w *world) request(replica *httptest.Server, who, method, path string, body any) answer {
	b := *w.bundle
	b.server = replica
	return b.as(who, method, "/billing"+path, body)
}

// onSession does something to one of the open sessions.
func (w *world) onSession(pick int, act func(id string) error) {
	open := w.openSessions()
	if len(open) == 0 {
		return
	}
	w.expect(act(open[pick%len(open)]))
}

func (w *world) success(replica *httptest.Server, who string, pick int) {
	sessions := w.stripe.Sessions()
	if len(sessions) > 0 {
		w.request(replica, who, "GET", "/checkout-session/"+sessions[pick%len(sessions)].ID, nil)
	}
}

func (w *world) dashboard(pick int) {
	subs := w.stripe.Subscriptions()
	if len(subs) == 0 {
		return
	}
	s := subs[pick%len(subs)]
	switch pick / 64 % 5 {
	case 0:
		w.expect(w.stripe.CancelSubscription(s.ID))
	case 1:
		w.expect(w.stripe.ScheduleCancel(s.ID, true))
	default:
		w.setStatus(s, []string{"past_due", "unpaid", "active", "incomplete"}[pick/320%4])
	}
}

func (w *world) setStatus(s stripetest.Subscription, status string) {
	if !subscription.Status(s.Status).Ended() {
		w.expect(w.stripe.SetStatus(s.ID, status))
	}
}

// expect takes a refusal by Stripe's rules as it is: others may have been faster.
func (w *world) expect(err error) {
	if err != nil && !errors.Is(err, stripetest.ErrState) {
		w.t.Error(err)
	}
}

// flurry changes a subscription again and again while the events of the changes before are being dealt with.
func (w *world) flurry(pick int) {
	var wg sync.WaitGroup
	for i := range 4 {
		if subs := w.stripe.Subscriptions(); len(subs) > 0 {
			w.setStatus(subs[pick%len(subs)], []string{"past_due", "active", "unpaid"}[(pick/64+i)%3])
		}
		for _, d := range w.stripe.Pending() {
			wg.Go(func() { _, _ = w.stripe.Deliver(w.t.Context(), d) })
		}
	}
	wg.Wait()
}

// deliver delivers some pending events, out of order, sometimes twice, sometimes at once.
func (w *world) deliver(pick int) {
	pending := w.stripe.Pending()
	var wg sync.WaitGroup
	for i := range min(len(pending), 1+pick%6) {
		d := pending[(pick/6+i*pick/64)%len(pending)]
		for range 1 + pick/16%2 {
			wg.Go(func() { _, _ = w.stripe.Deliver(w.t.Context(), d) })
		}
	}
	wg.Wait()
}

// settleAll lets nothing fail any more and delivers all that is left.
func (w *world) settleAll() {
	w.stripe.ClearFaults()
	w.store.set(0)
	for round := 0; len(w.stripe.Pending()) > 0 && round < 20; round++ {
		for _, d := range w.stripe.Pending() {
			_, _ = w.stripe.Deliver(w.t.Context(), d)
		}
		w.wait(time.Minute) // what a replica had claimed before it failed is free again
	}
	if n := len(w.stripe.Pending()); n > 0 {
		w.t.Errorf("%d deliveries do not come to rest\n%s", n, w.logs)
	}
}

// check looks whether a promise is broken at Stripe.
func (w *world) check(when string) {
	w.t.Helper()
	customers := map[string]int{}
	for _, c := range w.stripe.Customers() {
		if !c.Deleted {
			customers[c.Metadata["user_id"]]++
		}
	}
	open, blocking := map[string]int{}, map[string]int{}
	for _, s := range w.stripe.Sessions() {
		if s.Status == "open" && s.Mode == "subscription" {
			open[s.Metadata["user_id"]]++
		}
	}
	for _, s := range w.stripe.Subscriptions() {
		if subscription.Status(s.Status).Blocks() {
			blocking[s.Metadata["user_id"]]++
		}
	}
	for _, who := range w.users {
		if customers[who] > 1 || open[who] > 1 || blocking[who] > 1 {
			w.t.Errorf("%s: %s has %d customers, %d open sessions, %d subscriptions", when, who, customers[who], open[who], blocking[who])
		}
	}
}

// compare looks whether the store equals Stripe.
func (w *world) compare() {
	w.t.Helper()
	stored := map[string]subscription.Subscription{}
	payments := map[string]subscription.PaymentStatus{}
	for _, who := range w.users {
		owner := subscription.Owner{Scope: subscription.Scope{ProjectID: project, Mode: auth.ModeTest}, UserID: who}
		subs, err := w.store.SubscriptionStore.Subscriptions(w.t.Context(), owner)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, s := range subs {
			stored[s.ID] = s
		}
		page, _, err := w.store.SubscriptionStore.Payments(w.t.Context(), owner, 0, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range page {
			payments[p.PaymentIntentID] = p.Status
		}
	}
	for _, truth := range w.stripe.Subscriptions() {
		got := stored[truth.ID]
		if string(got.Status) != truth.Status || got.CancelAtPeriodEnd != truth.CancelAtPeriodEnd ||
			got.CurrentPeriodEnd.Unix() != truth.CurrentPeriodEnd || got.Owner.UserID != truth.Metadata["user_id"] {
			w.t.Errorf("%s: stored %+v, Stripe says %s", truth.ID, got, truth.Status)
		}
	}
	for _, truth := range w.stripe.PaymentIntents() {
		if truth.Status == "succeeded" && payments[truth.ID] != subscription.PaymentSucceeded {
			w.t.Errorf("%s: stored %q, Stripe says %s", truth.ID, payments[truth.ID], truth.Status)
		}
		if oneTime := truth.Metadata["user_id"] != ""; oneTime && truth.Status == "succeeded" && w.told[truth.ID] == 0 {
			w.t.Errorf("%s was paid, and the host was not told", truth.ID)
		}
	}
}
