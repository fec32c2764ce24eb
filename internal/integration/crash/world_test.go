//go:build linux

package crash

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/sqlstore"
)

const (
	projectID     = "shop"
	origin        = "https://shop.example.com"
	base          = "/api/v1/payments/stripe"
	webhookSecret = "whsec_of_the_crash_tests"
	tokenSecret   = "a secret of the crash tests, which nobody may find in a log"
)

// backend is the database below a world.
type backend struct {
	dialect sqlstore.Dialect
	// urls are what the servers are told, one for each.
	urls []string
	// db is for the test to look.
	db *sql.DB
}

// world is one round: a shop with some users, its servers and their database, and Stripe.
type world struct {
	round

	random   *rand.Rand // of the one who disturbs
	stripe   *stripetest.Server
	client   *http.Client
	backend  backend
	store    *sqlstore.Store
	replicas []*replica
	courier  *courier
	ledger   *ledger
	users    []string
	monthly  stripetest.Price
	yearly   stripetest.Price
	single   stripetest.Price
}

func newWorld(r round, b backend) *world {
	t := r.t
	t.Helper()
	w := &world{
		round: r, random: source(r.seed, 0), backend: b, ledger: newLedger(),
		users:  []string{"ada", "bob", "cyd"},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
	}
	t.Cleanup(w.client.CloseIdleConnections)
	w.stripe = stripetest.New(t, stripetest.Options{
		Hold: true, WebhookTimeout: requestLimit, Logf: func(string, ...any) {},
	})
	w.monthly = w.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	w.yearly = w.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro yearly", Amount: 12000, Interval: "year"})
	w.single = w.stripe.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500})
	var err error
	if w.store, err = sqlstore.New(b.db, b.dialect, sqlstore.Config{}); err != nil {
		t.Fatal(err)
	}
	for i, url := range b.urls {
		r := newReplica(t, "server-"+strconv.Itoa(i), map[string]string{
			"PAYMOUNT_DATABASE_URL": url, "PAYMOUNT_PROJECT": projectID, "PAYMOUNT_MODE": "test",
			"PAYMOUNT_HS256_SECRET": tokenSecret, "PAYMOUNT_REDIRECT_ORIGINS": origin,
			"STRIPE_SECRET_KEY": stripetest.TestKey, "STRIPE_WEBHOOK_SECRET": webhookSecret, "STRIPE_API_BASE": w.stripe.URL,
		})
		w.replicas = append(w.replicas, r)
		webhook := stripetest.Webhook{URL: r.webhook(), Secrets: []string{webhookSecret}}
		if _, err := w.stripe.AddWebhook(webhook); err != nil {
			t.Fatal(err)
		}
		r.start()
	}
	w.courier = &courier{world: w}
	t.Cleanup(w.story)
	w.awaitReplicas()
	r.figures.rounds.Add(1)
	return w
}

// source is the chance of one actor of a round.
func source(seed, actor uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, actor)) }

func (w *world) awaitReplicas() {
	w.t.Helper()
	for _, r := range w.replicas {
		if !r.ready(w.t.Context(), w.client) {
			log, _ := os.ReadFile(r.log)
			w.t.Fatalf("seed %d: %s does not get ready:\n%s", w.seed, r.name, tail(log))
		}
	}
}

// revive starts the servers that are dead.
func (w *world) revive() {
	w.t.Helper()
	for _, r := range w.replicas {
		if !r.alive() {
			r.start()
		}
	}
	w.awaitReplicas()
}

// divergef reports that a promise is broken.
func (w *world) divergef(format string, args ...any) {
	w.t.Helper()
	w.figures.divergences.Add(1)
	w.t.Errorf("seed %d: %s", w.seed, fmt.Sprintf(format, args...))
}

// restart stops every server, half of them without a warning, and starts all of them again.
func (w *world) restart() {
	w.t.Helper()
	w.revive()
	for _, r := range w.replicas {
		if w.random.IntN(2) == 0 {
			r.kill()
		} else {
			r.stop()
		}
		r.start()
	}
	w.awaitReplicas()
}

// settle lets all go well: it starts everything again, lets the payments under way arrive, and delivers what was not
// acknowledged until nothing is left. A server that died while it told the host of a change has it reserved for seconds.
func (w *world) settle() {
	w.t.Helper()
	w.stripe.ClearFaults()
	w.restart()
	w.finishPayments()
	w.rest()
}

// rest delivers until nothing is left.
func (w *world) rest() {
	w.t.Helper()
	eventually(w.t.Context(), patience, 100*time.Millisecond, func(ctx context.Context) bool {
		w.courier.deliverAll(ctx)
		return len(w.stripe.Pending()) == 0
	})
	for _, d := range w.stripe.Pending() {
		w.divergef("%s %s does not come to rest", d.Event.Type, d.Event.ID)
	}
}

// finish ends a round.
func (w *world) finish() {
	w.t.Helper()
	w.settle()
	w.check()
	for _, r := range w.replicas {
		r.stop()
	}
	w.checkLogs()
}

// round is one of a kind.
type round struct {
	t       *testing.T
	seed    uint64
	figures *figures
}

// figures counts what the rounds of one kind did.
type figures struct {
	rounds, disturbances, requests, unanswered, checkouts, deliveries, acknowledged, divergences atomic.Int64
}

func (f *figures) String() string {
	return fmt.Sprintf("%d rounds, %d disturbances, %d requests (%d without an answer), %d checkouts, "+
		"%d deliveries (%d acknowledged), %d divergences", f.rounds.Load(), f.disturbances.Load(), f.requests.Load(),
		f.unanswered.Load(), f.checkouts.Load(), f.deliveries.Load(), f.acknowledged.Load(), f.divergences.Load())
}

// usualLanes is how many rounds of a kind are played at once: they wait most of the time, as clients do.
const usualLanes = 3

// play plays the rounds of a kind, each in a test of its own that its seed names.
func play(t *testing.T, rounds int, play func(round)) {
	t.Helper()
	first := rand.Uint64N(1_000_000)
	if n, ok := variable(t, "PAYMOUNT_CRASH_SEED"); ok {
		first = n
	}
	if n, ok := variable(t, "PAYMOUNT_CRASH_ROUNDS"); ok {
		rounds = int(n)
	}
	lanes := uint64(usualLanes)
	if n, ok := variable(t, "PAYMOUNT_CRASH_LANES"); ok {
		lanes = n
	}
	f, started := &figures{}, time.Now()
	defer func() { t.Logf("figures of %s: %s in %s", t.Name(), f, time.Since(started).Round(time.Second)) }()
	// There can be more rounds at once than -parallel lets tests be.
	var group sync.WaitGroup
	var played atomic.Uint64
	for range lanes {
		group.Go(func() {
			for n := played.Add(1); n <= uint64(rounds); n = played.Add(1) {
				seed := first + n - 1
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { play(round{t, seed, f}) })
			}
		})
	}
	group.Wait()
}

func variable(t *testing.T, name string) (uint64, bool) {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n, true
}
