package simulation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// compareAll checks that the store, and what the host was told, equals Stripe: once all events have been dealt with.
func (w *world) compareAll() {
	held := map[*owner]int{}
	for _, s := range w.scopes {
		for _, truth := range s.account.Subscriptions() {
			o, got := w.holder(s, truth)
			w.compareSubscription(s, truth, o, got)
			if o != nil {
				held[o]++
				w.compareTold(o, got)
			}
		}
	}
	for _, o := range w.owners {
		stored := w.stored(o)
		if n := held[o] + w.compareForgotten(o, stored); n != len(stored) {
			w.mu.Lock()
			w.violatedf("the store equals Stripe", "%s: %d subscriptions are stored, Stripe has %d", o, len(stored), n)
			w.mu.Unlock()
		}
		w.comparePayments(o)
	}
}

// compareForgotten checks that the stored subscriptions which Stripe has forgotten have ended, and counts them.
func (w *world) compareForgotten(o *owner, stored map[string]subscription.Subscription) (n int) {
	for _, id := range slices.SortedFunc(maps.Keys(stored), func(a, b string) int { return cmp.Compare(w.name(a), w.name(b)) }) {
		if _, known := o.account.Subscription(id); known || !o.forgetful {
			continue
		}
		n++
		if s := stored[id]; !s.Status.Ended() {
			w.mu.Lock()
			w.violatedf("test data that are gone have ended", "%s of %s is stored as %s", w.name(id), o, s.Status)
			w.mu.Unlock()
		}
		w.compareTold(o, stored[id])
	}
	return n
}

// compareSubscription checks how a subscription is stored, field by field: o is nil where it is not.
func (w *world) compareSubscription(s *scope, truth stripetest.Subscription, o *owner, got subscription.Subscription) {
	want := s.expected(truth)
	somebodys := w.isSomebodys(s, truth)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	if o == nil {
		if somebodys {
			w.violatedf("the store equals Stripe", "%s is not stored, Stripe has it as %s", w.name(truth.ID), truth.Status)
		}
		return
	}
	want.Owner = o.owner()
	if a, b := asJSON(withoutNames(got)), asJSON(want); a != b {
		w.violatedf("the store equals Stripe", "%s\n  stored %s\n  Stripe %s", w.name(truth.ID), a, b)
	}
}

// withoutNames leaves out what is not looked at: the products' names, and since when a payment has failed.
func withoutNames(s subscription.Subscription) subscription.Subscription {
	s.PastDueSince = time.Time{}
	s.Items = slices.Clone(s.Items)
	for i := range s.Items {
		s.Items[i].PlanName = ""
	}
	return s
}

// expected is how a subscription has to be stored, but for its owner.
func (s *scope) expected(t stripetest.Subscription) subscription.Subscription {
	out := subscription.Subscription{
		ID: t.ID, CustomerID: t.Customer, Status: subscription.Status(t.Status),
		CurrentPeriodStart: at(t.CurrentPeriodStart), CurrentPeriodEnd: at(t.CurrentPeriodEnd),
		CancelAt: at(t.CancelAt), CancelAtPeriodEnd: t.CancelAtPeriodEnd, CanceledAt: at(t.CanceledAt), EndedAt: at(t.EndedAt),
		TrialEnd: at(t.TrialEnd), CreatedAt: at(t.Created), CollectionPaused: t.PauseCollection != "", ScheduleID: t.Schedule,
		Metadata: t.Metadata,
	}
	if t.CancelAtPeriodEnd && t.CancelAt == 0 {
		out.CancelAt = out.CurrentPeriodEnd
	}
	for _, i := range t.Items {
		price, _ := s.account.Price(i.Price)
		item := subscription.Item{
			ID: i.ID, PriceID: i.Price, ProductID: price.Product, Quantity: i.Quantity, Metered: price.Metered,
		}
		if price.Metered {
			item.Quantity = 1 // Stripe has none
		}
		out.Items = append(out.Items, item)
	}
	return out
}

func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func asJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(data)
}

// compareTold checks what the host believes of a subscription.
func (w *world) compareTold(o *owner, stored subscription.Subscription) {
	if w.quiet {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	last := w.host.last[told(o.Scope, stored.ID)]
	if last == nil {
		w.violatedf("the host knows how each subscription stands", "%s was never told", w.name(stored.ID))
		return
	}
	if a, b := asJSON(last), asJSON(stored); a != b {
		w.violatedf("the host knows how each subscription stands", "%s\n  told   %s\n  stored %s", w.name(stored.ID), a, b)
	}
}

// comparePayments checks that everything that was paid is stored, that all stored payments stand as at Stripe, and that the
// host was told of each one-time payment.
func (w *world) comparePayments(o *owner) {
	truth, unsure := w.paymentsAtStripe(o)
	page, total, err := w.store.Payments(context.Background(), o.owner(), subscription.Page{Limit: 1000})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks += len(truth) + 2
	if err != nil || total != len(page) {
		w.violatedf("the store works", "Payments: %d of %d, %v", len(page), total, err)
	}
	stored := map[string]bool{}
	for _, p := range page {
		stored[p.ID] = true
		t, ok := truth[p.ID]
		if _, known := o.account.JSON(p.ID); !known && o.forgetful {
			continue // what was paid was paid
		}
		got := payment{p.Status, p.Amount, p.AmountRefunded, p.Disputed, p.PaymentIntentID, p.Currency, p.CustomerID}
		if t.status == subscription.PaymentPending && got.status == subscription.PaymentFailed {
			got.status = t.status // another try is being processed, of which no event tells that the app deals with
		}
		if !ok || t != got {
			w.violatedf("the payments equal Stripe's", "%s of %s: stored %+v, Stripe has %+v", w.name(p.ID), o, got, t)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(truth)) {
		if truth[id].status.Paid() && !unsure[id] {
			w.comparePaid(o, id, stored[id] || truth[id].amount == 0)
		}
	}
}

// comparePaid checks that a payment which has come in is stored and was told. The caller holds the mutex.
func (w *world) comparePaid(o *owner, id string, stored bool) {
	if !stored {
		w.violatedf("the payments equal Stripe's", "%s of %s was paid and is not stored", w.name(id), o)
	}
	if strings.HasPrefix(id, "pi_") && !w.quiet && w.host.paid[told(o.Scope, id)] == 0 {
		w.violatedf("the host is told of each one-time payment", "%s of %s was paid, and the host was not told", w.name(id), o)
	}
}

// payment is what has to be right of one.
type payment struct {
	status                     subscription.PaymentStatus
	amount, refunded           int64
	disputed                   bool
	intent, currency, customer string
}

// paymentsAtStripe returns a user's payments as they have to be stored, by id, and which of them may be somebody else's or
// nobody's: those of a subscription made by hand, when what its metadata name or who has its customer has changed since.
func (w *world) paymentsAtStripe(o *owner) (out map[string]payment, unsure map[string]bool) {
	out, unsure = map[string]payment{}, map[string]bool{}
	for _, i := range o.account.Invoices() {
		users := w.ownersOf(o.scope, i.Customer, i.SubscriptionMetadata)
		if len(users) > 0 && !slices.Contains(users, o.user) || i.Status == "draft" {
			continue
		}
		unsure[i.ID] = len(users) != 1 || w.byHand(o.scope, i.Customer) && o.named(i.SubscriptionMetadata) == ""
		p := payment{currency: i.Currency, customer: i.Customer, intent: i.PaymentIntent, amount: due(i)}
		intent, _ := o.account.PaymentIntent(i.PaymentIntent)
		charge, _ := o.account.Charge(intent.LatestCharge)
		p.refunded, p.disputed = charge.AmountRefunded, charge.Disputed
		switch i.Status {
		case "paid":
			p.status = paid(p.refunded, i.AmountPaid)
		case "void":
			p.status = subscription.PaymentCanceled
		case "uncollectible":
			p.status = subscription.PaymentFailed
		default:
			p.status = pending(intent)
		}
		out[i.ID] = p
	}
	for _, i := range o.account.PaymentIntents() {
		if i.Invoice != "" || i.Metadata["user_id"] != o.user {
			continue
		}
		charge, _ := o.account.Charge(i.LatestCharge)
		p := payment{
			currency: i.Currency, customer: i.Customer, intent: i.ID, amount: i.Amount,
			refunded: charge.AmountRefunded, disputed: charge.Disputed, status: pending(i),
		}
		if i.Status == "succeeded" {
			p.status = paid(p.refunded, i.Amount)
		}
		out[i.ID] = p
	}
	return out, unsure
}

// due is what an invoice asks for: its total and what the customer's balance adds or takes off.
func due(i stripetest.Invoice) int64 {
	return max(0, i.Total+i.StartingBalance)
}

func paid(refunded, amount int64) subscription.PaymentStatus {
	switch {
	case refunded > 0 && refunded >= amount:
		return subscription.PaymentRefunded
	case refunded > 0:
		return subscription.PaymentPartiallyRefunded
	}
	return subscription.PaymentSucceeded
}

// pending is the status of a payment that has not come in.
func pending(i stripetest.PaymentIntent) subscription.PaymentStatus {
	switch {
	case i.Status == "canceled":
		return subscription.PaymentCanceled
	case i.Status == "requires_payment_method" && (i.DeclineCode != "" || i.ErrorCode != ""):
		return subscription.PaymentFailed
	}
	return subscription.PaymentPending
}
