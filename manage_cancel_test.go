package paymount_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

// upgraded is a user who has gone up from 12 to 49 in the middle of the period, which is to be charged with the next invoice.
func upgraded(t *testing.T, options ...option) (b *bundle, clock *clock, sub string) {
	t.Helper()
	clock = newClock()
	b = setup(t, append([]option{clock.share}, options...)...)
	sub = b.buy()
	b.advance(clock, 10*day)
	want(t, "upgrade", b.post("update-subscription", map[string]any{"new_price_id": b.team.ID}).status, 200)
	b.settle()
	want(t, "pending prorations", len(b.stripe.InvoiceItems()), 2)
	return b, clock, sub
}

// paid is what the customer has paid in all, and credit what is left on the balance.
func (b *bundle) paid() (paid, credit int64) {
	for _, i := range b.stripe.Invoices() {
		paid += i.AmountPaid
	}
	return paid, -b.stripe.Customers()[0].Balance
}

func TestAnImmediateCancellationInvoicesWhatIsPending(t *testing.T) {
	t.Parallel()
	b, _, _ := upgraded(t)
	var pending int64
	for _, item := range b.stripe.InvoiceItems() {
		pending += item.Amount
	}
	a := b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
	want(t, "status", a.status, 200)
	want(t, "subscription", a.text("status"), "canceled")
	b.settle()
	paid, credit := b.paid()
	want(t, "paid", paid, 1200+pending)
	want(t, "credit", credit, 0)
	want(t, "payments shown", b.as(user, "GET", "/billing/my-payments", nil).body["total"], any(2.0))
}

func TestAnImmediateCancellationGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"at the invoice":           {Method: http.MethodPost, Path: "/v1/invoices"},
		"after the invoice":        {Method: http.MethodPost, Path: "/v1/invoices", Acted: true},
		"after its finalization":   {Method: http.MethodPost, Path: "/v1/invoices/*/finalize", Acted: true},
		"after its payment":        {Method: http.MethodPost, Path: "/v1/invoices/*/pay", Acted: true},
		"at the cancellation":      {Method: http.MethodDelete, Path: "/v1/subscriptions/*"},
		"after the cancellation":   {Method: http.MethodDelete, Path: "/v1/subscriptions/*", Acted: true},
		"at the look at the items": {Method: http.MethodGet, Path: "/v1/invoiceitems"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _, sub := upgraded(t)
			body := map[string]any{"cancel_immediately": true, "subscription_id": sub}
			fault.Status = http.StatusInternalServerError
			remove := b.inject(fault)
			want(t, "while Stripe fails", b.post("cancel-subscription", body).status, http.StatusServiceUnavailable)
			remove()
			a := b.post("cancel-subscription", body)
			want(t, "again", a.status, 200)
			want(t, "subscription", a.text("status"), "canceled")
			paid, _ := b.paid()
			if paid <= 1200 || len(b.stripe.Invoices()) != 2 {
				t.Errorf("paid %d with %d invoices", paid, len(b.stripe.Invoices()))
			}
		})
	}
}

func TestACancellationInTheHourAfterARenewalBillsTheProrations(t *testing.T) {
	t.Parallel()
	b, clock, _ := upgraded(t, func(_ *paymount.Config, o *stripetest.Options) { o.DraftTime = time.Hour })
	b.advance(clock, 21*day+time.Minute)
	invoices := b.stripe.Invoices()
	want(t, "the renewal", invoices[len(invoices)-1].Status, "draft")
	want(t, "cancel", b.post("cancel-subscription", map[string]any{"cancel_immediately": true}).status, 200)
	renewal, _ := b.stripe.Invoice(invoices[len(invoices)-1].ID)
	want(t, "the renewal afterwards", renewal.Status, "paid")
}

func TestACancellationGoesThroughWhenTheLastPaymentFails(t *testing.T) {
	t.Parallel()
	b, _, _ := upgraded(t)
	b.must(b.stripe.SetCardFails(b.customer(), true))
	a := b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
	want(t, "subscription", a.text("status"), "canceled")
	b.settle()
	last := b.stripe.Invoices()[1]
	want(t, "the invoice", last.Status, "open")
	newest := b.as(user, "GET", "/billing/my-payments", nil).body["payments"].([]any)[0].(map[string]any)
	want(t, "payment", newest["status"], any("failed"))
}

func TestNothingIsInvoicedWhileCollectionIsPaused(t *testing.T) {
	t.Parallel()
	b, _, sub := upgraded(t)
	b.must(b.stripe.PauseCollection(sub, "keep_as_draft"))
	want(t, "cancel", b.post("cancel-subscription", map[string]any{"cancel_immediately": true}).text("status"), "canceled")
	want(t, "invoices", len(b.stripe.Invoices()), 1)
}

func TestUnusedTimeIsCreditedWhereTheHostSaysSo(t *testing.T) {
	t.Parallel()
	for _, credits := range []bool{false, true} {
		clock := newClock()
		b := setup(t, clock.share, func(c *paymount.Config, _ *stripetest.Options) { c.CreditUnusedTime = credits })
		b.buy()
		b.advance(clock, 10*day)
		want(t, "cancel", b.post("cancel-subscription", map[string]any{"cancel_immediately": true}).status, 200)
		if _, credit := b.paid(); credit > 0 != credits || credit >= 1200 {
			t.Errorf("with the setting %v: credit %d", credits, credit)
		}
	}
}

func TestInvoicesOfAnotherSubscriptionGoOnBeingCollected(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"undisturbed":            {Method: http.MethodPost, Path: "/v1/nothing"},
		"after the cancellation": {Method: http.MethodDelete, Path: "/v1/subscriptions/*", Acted: true},
		"at the resumption":      {Method: http.MethodPost, Path: "/v1/invoices/*", Skip: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			b := setup(t, clock.share, func(_ *paymount.Config, o *stripetest.Options) {
				o.PaymentRetries = []time.Duration{5 * day}
			})
			addOn := b.buy()
			b.advance(clock, day)
			plan := b.buy(map[string]any{"price_id": b.yearly.ID, "allow_existing_subscription": true})
			b.must(b.stripe.SetCardFails(b.customer(), true))
			b.advance(clock, 31*day)
			truth, _ := b.stripe.Subscription(addOn)
			want(t, "the add-on", truth.Status, "past_due")
			fault.Status = http.StatusInternalServerError
			remove := b.inject(fault)
			body := map[string]any{"cancel_immediately": true, "subscription_id": plan}
			b.post("cancel-subscription", body)
			remove()
			want(t, "cancel", b.post("cancel-subscription", body).status, 200)
			b.must(b.stripe.SetCardFails(b.customer(), false))
			b.advance(clock, 6*day)
			truth, _ = b.stripe.Subscription(addOn)
			want(t, "the add-on, collected", truth.Status, "active")
			for _, i := range b.stripe.Invoices() {
				want(t, "marks that are left", len(i.Metadata), 0)
			}
		})
	}
}

func TestTheEventOfAnEndFinishesWhatItsMakerDiedBefore(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share, func(_ *paymount.Config, o *stripetest.Options) {
		o.PaymentRetries = []time.Duration{5 * day}
	})
	addOn := b.buy()
	b.must(b.stripe.SetCardFails(b.customer(), true))
	b.advance(clock, 31*day)
	declined := b.mustCheckout(map[string]any{"price_id": b.yearly.ID, "allow_existing_subscription": true})
	b.must(b.stripe.Decline(declined))
	b.settle()
	remove := b.inject(stripetest.Fault{
		Method: http.MethodDelete, Path: "/v1/subscriptions/*", Acted: true, Status: http.StatusInternalServerError,
	})
	b.stripe.Hold()
	a := b.checkout(map[string]any{"price_id": b.team.ID, "allow_existing_subscription": true})
	want(t, "while Stripe fails", a.status, http.StatusServiceUnavailable)
	remove()
	marked := 0
	for _, i := range b.stripe.Invoices() {
		marked += len(i.Metadata)
	}
	want(t, "marks before the event", marked, 1)
	b.stripe.Release()
	b.settle()
	for _, i := range b.stripe.Invoices() {
		want(t, "marks after the event", len(i.Metadata), 0)
	}
	b.must(b.stripe.SetCardFails(b.customer(), false))
	b.advance(clock, 6*day)
	truth, _ := b.stripe.Subscription(addOn)
	want(t, "the add-on, collected", truth.Status, "active")
}

func TestACancellationKeepsItsReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	for name, body := range map[string]map[string]any{
		"reason":  {"reason": "bored"},
		"comment": {"comment": strings.Repeat("x", 5001)},
	} {
		a := b.post("cancel-subscription", body)
		if a.status != 422 || a.fields()[0] != "body."+name {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	want(t, "calls", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
	for _, step := range []struct {
		body    map[string]any
		reason  string
		changed int
	}{
		{map[string]any{"reason": "too_expensive", "comment": "Ouch"}, "too_expensive", 1},
		{map[string]any{}, "too_expensive", 1},
		{map[string]any{"reason": "unused"}, "unused", 2},
	} {
		a := b.post("cancel-subscription", step.body)
		want(t, "status", a.status, 200)
		want(t, "subscription_id", a.text("subscription_id"), sub)
		calls := b.stripe.Calls("POST", "/v1/subscriptions/*")
		want(t, "calls", len(calls), step.changed)
		want(t, "feedback", calls[len(calls)-1].Form.Get("cancellation_details[feedback]"), step.reason)
	}
	a := b.post("cancel-subscription", map[string]any{"cancel_immediately": true, "comment": "Now"})
	want(t, "status", a.text("status"), "canceled")
	want(t, "comment", b.stripe.Calls("DELETE", "/v1/subscriptions/*")[0].Form.Get("cancellation_details[comment]"), "Now")
}
