package paymount_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

func TestAnIncompleteSubscriptionIsCancelledAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.mustCheckout()
	b.must(b.stripe.Decline(session))
	b.settle()
	want(t, "before", b.status(user), "incomplete")
	for range 2 {
		a := b.post("cancel-subscription", map[string]any{})
		want(t, "status", a.status, 200)
		want(t, "subscription", a.text("status"), "incomplete_expired")
	}
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
	want(t, "its invoice", b.stripe.Invoices()[0].Status, "void")
	want(t, "none is left", b.status(user), "")
}

func TestUsersCannotCancelAPaymentThatIsOnItsWay(t *testing.T) {
	t.Parallel()
	for _, now := range []bool{false, true} {
		b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.DelayedIncomplete = true })
		b.must(b.stripe.CompleteDelayed(b.mustCheckout()))
		b.settle()
		b.stripe.ResetCalls()
		a := b.post("cancel-subscription", map[string]any{"cancel_immediately": now})
		if a.status != http.StatusConflict || a.code() != "payment_in_progress" {
			t.Errorf("cancel, at once %v: %d %s", now, a.status, a.raw)
		}
		for _, c := range b.stripe.Calls() {
			want(t, "a call to "+c.Path, c.Method, http.MethodGet)
		}
	}
}

func TestAPaymentThatArrivesDuringTheCancellationIsNotLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"before the look": {Method: http.MethodGet, Path: "/v1/subscriptions/*", Skip: 1},
		"after the look":  {Method: http.MethodPost, Path: "/v1/invoices/*/void"},
	} {
		b := setup(t)
		session := b.mustCheckout()
		b.must(b.stripe.Decline(session))
		b.settle()
		b.stripe.Hold()
		fault.Times, fault.OnHit = 1, func(stripetest.Call) { b.must(b.stripe.Complete(session)) }
		b.inject(fault)
		want(t, name, b.post("cancel-subscription", nil).code(), "conflict")
		want(t, name+": cancellations", len(b.stripe.Calls(http.MethodDelete)), 0)
		a := b.post("cancel-subscription", nil)
		want(t, name+": again", a.text("status"), "active")
		if a.text("cancel_at") == "" {
			t.Errorf("%s, again: %s", name, a.raw)
		}
	}
}

func TestCheckoutLeavesInvoicesOfOtherSubscriptionsBeingCollected(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share, func(_ *paymount.Config, o *stripetest.Options) { o.PaymentRetries = []time.Duration{5 * day} })
	first := b.buy()
	b.must(b.stripe.SetCardFails(b.customer(), true))
	b.advance(clock, 32*day)
	want(t, "the first", b.status(user), "past_due")
	second := map[string]any{"price_id": b.team.ID, "allow_existing_subscription": true}
	b.must(b.stripe.Decline(b.mustCheckout(second)))
	b.settle()
	second["price_id"] = b.yearly.ID
	b.mustCheckout(second)
	want(t, "cancellations", len(b.stripe.Calls(http.MethodDelete)), 1)
	b.must(b.stripe.SetCardFails(b.customer(), false))
	b.advance(clock, 6*day)
	truth, _ := b.stripe.Subscription(first)
	want(t, "the first, collected", truth.Status, "active")
}

func TestAnIncompleteSubscriptionThatIsDeletedDuringACheckoutIsNoFailure(t *testing.T) {
	t.Parallel()
	for calls := range 12 {
		b := setup(t)
		b.must(b.stripe.Decline(b.mustCheckout()))
		b.settle()
		b.inject(stripetest.Fault{Skip: calls, Times: 1, OnHit: func(stripetest.Call) { b.must(b.stripe.DeleteTestData()) }})
		// The price has been deleted too.
		a := b.checkout(map[string]any{"price_id": b.yearly.ID})
		if a.status != http.StatusUnprocessableEntity || a.fields()[0] != "body.price_id" {
			t.Errorf("test data deleted at call %d: %d %s", calls, a.status, a.raw)
		}
	}
}
