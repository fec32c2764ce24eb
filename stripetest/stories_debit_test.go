package stripetest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// How subscriptions are paid from a bank account: https://docs.stripe.com/billing/subscriptions/sepa-debit.

// withDebit is a shop whose subscription is paid from a bank account, four days after each invoice.
func withDebit(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, stripetest.Options{DebitTime: 4 * 24 * time.Hour, PaymentRetries: []time.Duration{24 * time.Hour}})
	session := openSession(t, s.c, monthly(s.srv))
	must(t, s.srv.CompleteDelayed(session))
	must(t, s.srv.SucceedDelayed(session))
	s.sub = s.srv.Subscriptions()[1]
	must(t, s.srv.CancelSubscription(s.srv.Subscriptions()[0].ID))
	return s
}

func (s *shop) intent() stripetest.PaymentIntent {
	s.t.Helper()
	intent, _ := s.srv.PaymentIntent(s.latest().PaymentIntent)
	return intent
}

func TestTheFirstDebitLeavesASubscriptionActiveOrIncomplete(t *testing.T) {
	t.Parallel()
	// "Subscriptions transition to status=active when successfully confirming the PaymentIntent"
	// (https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior), as users see it
	// (https://github.com/laravel/cashier-stripe/issues/1689); "Subscriptions can also be incomplete if there's a pending payment
	// and the PaymentIntent status is processing" (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
	for incomplete, want := range map[bool][3]string{
		false: {"active", "active", "past_due"}, true: {"incomplete", "active", "incomplete"},
	} {
		srv := stripetest.New(t, stripetest.Options{DelayedIncomplete: incomplete})
		c := newClient(t, srv)
		for n, end := range []func(string) error{srv.SucceedDelayed, srv.FailDelayed} {
			session := openSession(t, c, monthly(srv))
			must(t, srv.CompleteDelayed(session))
			id := srv.Subscriptions()[n].ID
			c.get("/v1/subscriptions/"+id, "expand[]", "latest_invoice.payment_intent").ok().equal(map[string]any{
				"status": want[0], "latest_invoice.status": "open", "latest_invoice.amount_paid": 0.0,
				"latest_invoice.payment_intent.status": "processing",
			})
			must(t, end(session))
			c.get("/v1/subscriptions/" + id).ok().equal(map[string]any{"status": want[n+1]})
		}
	}
}

func TestARenewalByDebitLeavesTheSubscriptionActiveUntilItArrives(t *testing.T) {
	t.Parallel()
	s := withDebit(t)
	s.now.advance(28 * 24 * time.Hour)
	if sub, last := s.current(), s.latest(); sub.Status != "active" || last.Status != "open" || s.intent().Status != "processing" {
		t.Errorf("%s, %+v, %s", sub.Status, last, s.intent().Status)
	}
	seen := s.seen()
	s.now.advance(4 * 24 * time.Hour)
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	if sub, last := s.current(), s.latest(); sub.Status != "active" || last.Status != "paid" || last.AmountPaid != 3800 {
		t.Errorf("%s, %+v", sub.Status, last)
	}
}

func TestARenewalByDebitThatFailsIsTriedAgainAndThenEndsTheSubscription(t *testing.T) {
	t.Parallel()
	s := withDebit(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	s.srv.Tick()
	seen := s.seen()
	s.now.advance(4 * 24 * time.Hour)
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "customer.subscription.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	if sub, last := s.current(), s.latest(); sub.Status != "past_due" || last.NextPaymentAttempt == 0 {
		t.Errorf("%s, %+v", sub.Status, last)
	}
	s.now.advance(time.Minute) // the second try begins
	if got := s.intent().Status; got != "processing" || s.current().Status != "past_due" {
		t.Errorf("%s, %s", got, s.current().Status)
	}
	s.now.advance(4 * 24 * time.Hour)
	if sub := s.current(); sub.Status != "canceled" || sub.CancellationReason != "payment_failed" {
		t.Errorf("after the last try: %+v", sub)
	}
}

func TestNoOtherPaymentOfAnInvoiceBeginsWhileADebitIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := withDebit(t)
	s.now.advance(28 * 24 * time.Hour)
	path := "/v1/invoices/" + s.latest().ID
	s.c.post(path+"/pay").refused(400, "payment_intent_unexpected_state", "")
	s.c.post(path+"/pay", "paid_out_of_band", "true").refused(400, "", "")
	s.c.post(path+"/void").refused(400, "", "")
	if charges := s.c.get("/v1/charges", "payment_intent", s.intent().ID).ok().ids(); len(charges) != 1 {
		t.Errorf("%d charges", len(charges))
	}
}
