//go:build linux

package crash

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

func owner(user string) subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: projectID, Mode: project.ModeTest}, ID: user}
}

// check compares everything with Stripe, at rest.
func (w *world) check() {
	w.t.Helper()
	w.checkBlocking()
	w.checkOne()
	w.checkStore()
	for _, user := range w.users {
		w.checkPages(user)
	}
	w.checkAnswers()
	w.checkTold()
	w.finishUnanswered()
}

// blocking counts the subscriptions of each user that keep them from buying another one.
func (w *world) blocking() map[string]int {
	blocking := map[string]int{}
	for _, s := range w.stripe.Subscriptions() {
		if subscription.Status(s.Status).Blocks() {
			blocking[s.Metadata["user_id"]]++
		}
	}
	return blocking
}

// checkBlocking looks for what may never be, at any moment: two subscriptions of one user.
func (w *world) checkBlocking() {
	w.t.Helper()
	for user, n := range w.blocking() {
		if n > 1 {
			w.divergef("%s has %d subscriptions", user, n)
		}
	}
}

// checkOne looks whether each user has one customer and one open session for a subscription at most, and no such session
// next to a subscription: who pays there would buy twice.
func (w *world) checkOne() {
	w.t.Helper()
	customers, open := map[string]int{}, map[string]int{}
	for _, c := range w.stripe.Customers() {
		if !c.Deleted {
			customers[c.Metadata["user_id"]]++
		}
	}
	for _, s := range w.stripe.Sessions() {
		if s.Status == "open" && s.Mode == "subscription" {
			open[s.Metadata["user_id"]]++
		}
	}
	for user, n := range customers {
		if n > 1 {
			w.divergef("%s has %d customers", user, n)
		}
	}
	blocking := w.blocking()
	for user, n := range open {
		if n+blocking[user] > 1 {
			w.divergef("%s has %d open sessions and %d subscriptions", user, n, blocking[user])
		}
	}
}

// checkStore compares every stored subscription with Stripe, both ways.
func (w *world) checkStore() {
	w.t.Helper()
	stored := map[string]subscription.Subscription{}
	for _, user := range w.users {
		subs, err := w.store.Subscriptions(w.t.Context(), owner(user))
		if err != nil {
			w.t.Fatalf("seed %d: %v", w.seed, err)
		}
		for _, s := range subs {
			stored[s.ID] = s
		}
	}
	for _, truth := range w.stripe.Subscriptions() {
		got, ok := stored[truth.ID]
		delete(stored, truth.ID)
		if want := expected(truth); !ok || !equal(got, want) {
			w.divergef("%s is stored as\n%+v, want\n%+v", truth.ID, got, want)
		}
	}
	for id := range stored {
		w.divergef("%s is stored and unknown to Stripe", id)
	}
}

// expected is a subscription of Stripe's as the store has to have it, but for the names of its products.
func expected(s stripetest.Subscription) subscription.Subscription {
	out := subscription.Subscription{
		ID: s.ID, Owner: owner(s.Metadata["user_id"]), CustomerID: s.Customer, Status: subscription.Status(s.Status),
		CurrentPeriodStart: at(s.CurrentPeriodStart), CurrentPeriodEnd: at(s.CurrentPeriodEnd), CancelAt: at(s.CancelAt),
		CancelAtPeriodEnd: s.CancelAtPeriodEnd, CanceledAt: at(s.CanceledAt), EndedAt: at(s.EndedAt), TrialEnd: at(s.TrialEnd),
		CreatedAt: at(s.Created), CollectionPaused: s.PauseCollection != "", ScheduleID: s.Schedule, Metadata: s.Metadata,
	}
	if s.CancelAtPeriodEnd {
		out.CancelAt = out.CurrentPeriodEnd
	}
	for _, item := range s.Items {
		out.Items = append(out.Items, subscription.Item{ID: item.ID, PriceID: item.Price, Quantity: item.Quantity})
	}
	return out
}

func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func equal(a, b subscription.Subscription) bool {
	items := slices.EqualFunc(a.Items, b.Items, func(a, b subscription.Item) bool {
		return a.ID == b.ID && a.PriceID == b.PriceID && a.Quantity == b.Quantity
	})
	times := a.CurrentPeriodStart.Equal(b.CurrentPeriodStart) && a.CurrentPeriodEnd.Equal(b.CurrentPeriodEnd) &&
		a.CancelAt.Equal(b.CancelAt) && a.CanceledAt.Equal(b.CanceledAt) && a.EndedAt.Equal(b.EndedAt) &&
		a.TrialEnd.Equal(b.TrialEnd) && a.CreatedAt.Equal(b.CreatedAt)
	return items && times && a.Owner == b.Owner && a.CustomerID == b.CustomerID && a.Status == b.Status &&
		a.CancelAtPeriodEnd == b.CancelAtPeriodEnd && a.CollectionPaused == b.CollectionPaused &&
		a.ScheduleID == b.ScheduleID && maps.Equal(a.Metadata, b.Metadata)
}

// checkPages looks whether every server shows a user what is true.
func (w *world) checkPages(user string) {
	w.t.Helper()
	var truth []subscription.Subscription
	for _, s := range w.stripe.Subscriptions() {
		if s.Metadata["user_id"] == user {
			truth = append(truth, expected(s))
		}
	}
	var current subscription.Subscription
	if open := subscription.Ranked(truth); len(open) > 0 {
		current = open[0]
	}
	pro := http.StatusPaymentRequired
	if slices.ContainsFunc(truth, func(s subscription.Subscription) bool { return s.Entitles(time.Now(), 0) }) {
		pro = http.StatusOK
	}
	for i, r := range w.replicas {
		if a := w.send(w.t.Context(), request{user: user, method: http.MethodGet, path: "/pro", first: i}); a.status != pro {
			w.divergef("/pro of %s at %s is answered %s, want %d", user, r.name, a, pro)
		}
		path := base + "/my-subscription"
		a := w.send(w.t.Context(), request{user: user, method: http.MethodGet, path: path, first: i})
		if a.status != http.StatusOK || a.field("subscription_id") != current.ID || a.field("status") != string(current.Status) {
			w.divergef("%s of %s at %s is answered %s, want %s %s", path, user, r.name, a, current.ID, current.Status)
		}
	}
	w.checkPayments(user)
}

// payment is what a payment has to look like on the page.
type payment struct {
	status           string
	amount, refunded int64
}

// checkPayments looks whether a user sees each payment that has succeeded, and no other one as such, once.
func (w *world) checkPayments(user string) {
	w.t.Helper()
	want := map[string]payment{}
	for _, p := range w.stripe.PaymentIntents() {
		customer, _ := w.stripe.Customer(p.Customer)
		if p.Status == "succeeded" && customer.Metadata["user_id"] == user {
			want[p.ID] = payment{"succeeded", p.Amount, 0}
		}
	}
	for _, r := range w.stripe.Refunds() {
		if p, ok := want[r.PaymentIntent]; ok && r.Status == "succeeded" {
			p.refunded += r.Amount
			p.status = "partially_refunded"
			if p.refunded == p.amount {
				p.status = "refunded"
			}
			want[r.PaymentIntent] = p
		}
	}
	seen := map[string]int{}
	for _, p := range w.payments(user) {
		switch p.Status {
		case subscription.PaymentPending, subscription.PaymentFailed, subscription.PaymentCanceled:
			continue
		default:
		}
		seen[p.PaymentIntentID]++
		got := payment{string(p.Status), p.AmountCents, p.RefundedAmountCents}
		if got != want[p.PaymentIntentID] {
			w.divergef("payment %s of %s is shown as %+v, want %+v", p.PaymentIntentID, user, got, want[p.PaymentIntentID])
		}
	}
	for id := range want {
		if seen[id] != 1 {
			w.divergef("payment %s of %s is shown %d times", id, user, seen[id])
		}
	}
}

// checkAnswers looks whether what clients were told is still true.
func (w *world) checkAnswers() {
	w.t.Helper()
	for _, sale := range w.ledger.sessions {
		w.checkSale(sale)
	}
	for _, id := range w.ledger.cancelled {
		if s, _ := w.stripe.Subscription(id); s.Status != "canceled" {
			w.divergef("%s was said to be cancelled and is %q", id, s.Status)
		}
	}
	for user, last := range w.ledger.last {
		s, _ := w.stripe.Subscription(last.subscription)
		switch {
		case last.subscription == "" || subscription.Status(s.Status).Ended():
		case last.ends && !s.CancelAtPeriodEnd, last.stays && s.CancelAtPeriodEnd:
			w.divergef("%s was told that %s ends: %t, and it does: %t", user, s.ID, last.ends, s.CancelAtPeriodEnd)
		case last.price != "" && s.Items[0].Price != last.price:
			w.divergef("%s was told that %s has the price %s, and it has %s", user, s.ID, last.price, s.Items[0].Price)
		}
	}
	w.checkReplays()
	w.checkSameAgain()
}

func (w *world) checkSale(sale sale) {
	w.t.Helper()
	s, ok := w.stripe.Session(sale.session)
	body := sale.request.body
	mode, _ := body["mode"].(string)
	if !ok || s.Metadata["user_id"] != sale.request.user || s.Mode != cmp.Or(mode, "subscription") ||
		len(s.LineItems) != 1 || s.LineItems[0].Price != body["price_id"] {
		w.divergef("%s was told of session %s for %v, and Stripe says %+v", sale.request.user, sale.session, body, s)
	}
}
