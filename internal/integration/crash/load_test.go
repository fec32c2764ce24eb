//go:build linux

package crash

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/paymount/paymount/stripetest"
)

// tab is one browser tab, of whoever sits there.
type tab struct {
	*world

	number uint64
	random *rand.Rand
	people []string
	keys   int
	seats  map[string]*sync.Mutex // who changes a subscription does one thing at a time
}

// most is how many times as many steps as asked for a tab does at most.
const most = 5

// load lets people use the shop in several tabs, each for a number of steps at least and as long as disturb goes on, while
// events arrive.
func (w *world) load(tabs, steps int, disturb func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	seats := map[string]*sync.Mutex{}
	for _, user := range w.users {
		seats[user] = &sync.Mutex{}
	}
	var people, others sync.WaitGroup
	var disturbing atomic.Bool
	disturbing.Store(true)
	for n := range uint64(tabs) {
		tab := &tab{world: w, number: n, random: source(w.seed, 100+n), people: w.users, seats: seats}
		people.Go(func() {
			for n := 0; n < steps || n < most*steps && disturbing.Load(); n++ {
				tab.step(ctx)
			}
		})
	}
	for n := range uint64(2) {
		others.Go(func() { w.courier.work(ctx, source(w.seed, 50+n)) })
	}
	people.Go(func() {
		defer disturbing.Store(false)
		disturb(ctx)
	})
	people.Wait()
	cancel()
	others.Wait()
}

func (tab *tab) step(ctx context.Context) {
	user := tab.people[tab.random.IntN(len(tab.people))]
	switch n := tab.random.IntN(100); {
	case n < 32:
		tab.checkout(ctx, user)
	case n < 40:
		tab.buyOnce(ctx, user)
	case n < 58:
		tab.pay()
	case n < 61:
		tab.onSession(tab.stripe.Expire)
	case n < 68:
		tab.comesBack(ctx, user)
	case n < 76:
		tab.cancel(ctx, user)
	case n < 79:
		tab.resume(ctx, user)
	case n < 84:
		tab.update(ctx, user)
	case n < 92:
		tab.look(ctx, user)
	case n < 98:
		tab.dashboard()
	default:
		tab.refund()
	}
}

// post sends a request of a user to either server, now and then with an Idempotency-Key, and writes the answer down.
func (tab *tab) post(ctx context.Context, user, path string, body map[string]any) answer {
	r := request{user: user, method: http.MethodPost, path: base + path, body: body, first: tab.random.IntN(len(tab.replicas))}
	if tab.random.IntN(3) == 0 {
		tab.keys++
		r.key = fmt.Sprintf("key-%d-%d", tab.number, tab.keys)
	}
	a := tab.send(ctx, r)
	tab.ledger.keep(r, a)
	switch a.status {
	case 0, 200, 400, 404, 409, 429, 503:
		return a
	case http.StatusBadGateway: // Stripe refuses to change what the dashboard has just ended
		if path != "/checkout-session" && tab.blocking()[user] == 0 {
			return a
		}
	}
	tab.divergef("%s of %s is answered %s", path, user, a)
	return a
}

// order is the body of a checkout, with changes.
func (w *world) order(changes map[string]any) map[string]any {
	body := map[string]any{
		"price_id": w.monthly.ID, "success_url": origin + "/done?s={CHECKOUT_SESSION_ID}", "cancel_url": origin + "/plans",
	}
	maps.Copy(body, changes)
	return body
}

func (tab *tab) recurring() string {
	return []string{tab.monthly.ID, tab.yearly.ID}[tab.random.IntN(2)]
}

func (tab *tab) checkout(ctx context.Context, user string) {
	quantity := max(1, tab.random.IntN(6)-3)
	a := tab.post(ctx, user, "/checkout-session", tab.order(map[string]any{"price_id": tab.recurring(), "quantity": quantity}))
	if a.status == http.StatusOK {
		tab.figures.checkouts.Add(1)
	}
}

func (tab *tab) buyOnce(ctx context.Context, user string) {
	a := tab.post(ctx, user, "/checkout-session", tab.order(map[string]any{"price_id": tab.single.ID, "mode": "payment"}))
	if a.status == http.StatusOK {
		tab.figures.checkouts.Add(1)
	}
}

// pay is somebody's press of the Pay button.
func (tab *tab) pay() {
	switch tab.random.IntN(8) {
	case 0:
		tab.onSession(tab.decline)
	case 1:
		tab.onSession(func(id string) error {
			if s, _ := tab.stripe.Session(id); s.Mode == "payment" {
				return tab.stripe.CompleteDelayed(id)
			}
			return tab.stripe.Complete(id)
		})
	default:
		tab.onSession(func(id string) error { return tab.stripe.Complete(id) })
	}
	tab.checkBlocking()
}

// decline pays with a card that is declined, which leaves an incomplete subscription.
func (tab *tab) decline(id string) error {
	s, _ := tab.stripe.Session(id)
	seat := tab.seats[s.Metadata["user_id"]]
	seat.Lock() // what is incomplete is not changed, see update
	defer seat.Unlock()
	if customer, _ := tab.stripe.Customer(s.Customer); customer.Balance < 0 {
		return tab.stripe.Complete(id) // there may be nothing to decline: the customer has a credit
	}
	return tab.stripe.Decline(id)
}

// onSession does something to an open session.
func (tab *tab) onSession(act func(id string) error) {
	var open []stripetest.Session
	for _, s := range tab.stripe.Sessions() {
		if s.Status == "open" {
			open = append(open, s)
		}
	}
	if len(open) > 0 {
		tab.atStripe(act(open[tab.random.IntN(len(open))].ID))
	}
}

// atStripe reports what can't go wrong there: somebody else was faster is all right.
func (w *world) atStripe(err error) {
	if err != nil && !errors.Is(err, stripetest.ErrState) {
		w.t.Errorf("seed %d: at Stripe: %v", w.seed, err)
	}
}

// finishPayments lets the payments arrive that take days.
func (w *world) finishPayments() {
	for _, s := range w.stripe.Sessions() {
		if s.Status == "complete" && s.PaymentStatus == "unpaid" {
			w.atStripe(w.stripe.SucceedDelayed(s.ID))
		}
	}
}

// dashboard is what the shop's owner does at Stripe.
func (tab *tab) dashboard() {
	subs := tab.stripe.Subscriptions()
	if len(subs) == 0 {
		return
	}
	s := subs[tab.random.IntN(len(subs))]
	if s.Status == "canceled" || s.Status == "incomplete_expired" || s.Status == "incomplete" {
		return
	}
	switch tab.random.IntN(4) {
	case 0:
		tab.atStripe(tab.stripe.CancelSubscription(s.ID))
	case 1:
		tab.atStripe(tab.stripe.SetStatus(s.ID, "past_due"))
	case 2:
		tab.atStripe(tab.stripe.SetStatus(s.ID, "unpaid"))
	default:
		tab.atStripe(tab.stripe.SetStatus(s.ID, "active"))
	}
}

func (tab *tab) refund() {
	for _, p := range tab.stripe.PaymentIntents() {
		if p.Status == "succeeded" && tab.random.IntN(3) == 0 {
			if _, err := tab.stripe.Refund(p.ID, 100); !errors.Is(err, stripetest.ErrInvalid) { // more than was paid
				tab.atStripe(err)
			}
			return
		}
	}
}
