package stripetest_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func (s *shop) due(want time.Time) {
	s.t.Helper()
	if got := time.Unix(s.current().CurrentPeriodEnd, 0).UTC(); !got.Equal(want) {
		s.t.Errorf("the period ends on %v, want %v", got, want)
	}
}

func TestRenewalsKeepTheAnchorsDay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, end := range []time.Time{
		time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 30, 12, 0, 0, 0, time.UTC), time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC),
	} {
		s.due(end)
		s.now.advance(end.Sub(s.now.now()))
	}
	if got := len(s.srv.Invoices()); got != 5 {
		t.Errorf("%d invoices, want 5", got)
	}
	daily := newShop(t)
	daily.sub = subscribe(t, daily.srv, daily.price("Daily", 100, "day"))
	daily.now.advance(100*24*time.Hour + time.Minute)
	daily.due(time.Date(2026, 1, 31+101, 12, 0, 0, 0, time.UTC))
}

func TestARenewalIsToldInOrderAtItsOwnTime(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	seen := s.seen()
	s.now.advance(30 * 24 * time.Hour) // two days late
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"invoice.created", "customer.subscription.updated", "invoice.finalized", "payment_intent.created",
		"charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	paid := s.box.last(t, "invoice.paid")
	paid.equal(map[string]any{
		"created": float64(s.sub.CurrentPeriodEnd), "data.object.billing_reason": "subscription_cycle",
		"data.object.amount_paid": 1900.0, "data.object.lines.data.0.period.start": float64(s.sub.CurrentPeriodEnd),
		"data.object.subscription_details.metadata.user": "1",
	})
	s.box.last(t, "customer.subscription.updated").
		equal(map[string]any{"data.previous_attributes.current_period_end": float64(s.sub.CurrentPeriodEnd)})
}

func TestARenewalsInvoiceCanStayADraft(t *testing.T) {
	t.Parallel()
	s := newShop(t, stripetest.Options{DraftTime: time.Hour})
	s.now.advance(28 * 24 * time.Hour)
	if got := s.latest(); got.Status != "draft" || s.current().Status != "active" {
		t.Errorf("the invoice is %s", got.Status)
	}
	s.now.advance(time.Hour)
	if got := s.latest(); got.Status != "paid" || got.FinalizedAt != got.Created+3600 {
		t.Errorf("after an hour the invoice is %+v", got)
	}
}

func TestATrialEndsWithItsFirstPayment(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "14")))
	s.sub = s.srv.Subscriptions()[1]
	seen := s.seen()
	s.now.advance(11 * 24 * time.Hour)
	s.srv.Tick()
	if got := s.since(seen); !slices.Equal(got, []string{"customer.subscription.trial_will_end"}) {
		t.Errorf("three days before the end: %v", got)
	}
	s.now.advance(3 * 24 * time.Hour)
	sub, invoice := s.current(), s.latest()
	if sub.Status != "active" || sub.CurrentPeriodStart != s.sub.TrialEnd || invoice.AmountPaid != 3800 {
		t.Errorf("after the trial: %+v, %+v", sub, invoice)
	}
	s.due(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
}

func TestATrialThatIsNotPaidFallsBehind(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "14")))
	s.sub = s.srv.Subscriptions()[1]
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(14 * 24 * time.Hour)
	if got := s.current(); got.Status != "past_due" {
		t.Errorf("status = %s", got.Status)
	}
}

func TestAFailedRenewalIsTriedAgainUntilItIsPaid(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	sub, invoice := s.current(), s.latest()
	if sub.Status != "past_due" || invoice.AttemptCount != 1 || invoice.NextPaymentAttempt != invoice.Created+3*24*3600 {
		t.Errorf("after the first try: %s, %+v", sub.Status, invoice)
	}
	seen := s.seen()
	s.now.advance(3 * 24 * time.Hour)
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"charge.failed", "payment_intent.payment_failed", "invoice.payment_failed",
	}; !slices.Equal(got, want) {
		t.Errorf("the second try: %v, want %v", got, want)
	}
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	seen = s.seen()
	s.now.advance(5 * 24 * time.Hour)
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
		"customer.subscription.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("the third try: %v, want %v", got, want)
	}
	if sub, invoice := s.current(), s.latest(); sub.Status != "active" || invoice.AttemptCount != 3 ||
		invoice.NextPaymentAttempt != 0 {
		t.Errorf("after the third try: %s, %+v", sub.Status, invoice)
	}
}

func TestACancelledSubscriptionIsNotChargedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	s.srv.Tick()
	must(t, s.srv.CancelSubscription(s.sub.ID))
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	s.now.advance(3 * 24 * time.Hour)
	if got := s.latest(); got.Status != "open" || got.AttemptCount != 1 {
		t.Errorf("the invoice is %s after %d tries", got.Status, got.AttemptCount)
	}
}

func TestRetriesRunOut(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]string{"": "canceled", "canceled": "canceled", "unpaid": "unpaid", "past_due": "past_due"} {
		t.Run("AfterRetries="+after, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, stripetest.Options{AfterRetries: after, PaymentRetries: []time.Duration{time.Hour, 2 * time.Hour}})
			must(t, s.srv.SetCardFails(s.sub.Customer, true))
			s.now.advance(28*24*time.Hour + 3*time.Hour - time.Second)
			if got := s.current().Status; got != "past_due" {
				t.Errorf("before the last try: %s", got)
			}
			s.now.advance(time.Second)
			sub, invoice := s.current(), s.latest()
			if sub.Status != want || invoice.Status != "open" || invoice.AttemptCount != 3 || invoice.NextPaymentAttempt != 0 {
				t.Errorf("after the last try: %s, %+v", sub.Status, invoice)
			}
			if reason := sub.CancellationReason; (want == "canceled") != (reason == "payment_failed") {
				t.Errorf("reason = %q", reason)
			}
			settle(t, s.srv)
			if want == "canceled" {
				s.box.last(t, "customer.subscription.deleted").
					equal(map[string]any{"data.object.cancellation_details.reason": "payment_failed"})
			}
		})
	}
	if _, err := stripetest.Start(stripetest.Options{AfterRetries: "asleep"}); !errors.Is(err, stripetest.ErrInvalid) {
		t.Errorf("Start = %v, want ErrInvalid", err)
	}
}

func TestAnUnpaidSubscriptionGoesOnInDrafts(t *testing.T) {
	t.Parallel()
	s := newShop(t, stripetest.Options{AfterRetries: "unpaid", PaymentRetries: []time.Duration{}})
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	s.now.advance(31 * 24 * time.Hour)
	sub, invoice := s.current(), s.latest()
	if sub.Status != "unpaid" || invoice.Status != "draft" {
		t.Errorf("in the next period: %s, %s", sub.Status, invoice.Status)
	}
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	must(t, s.srv.PayInvoice(invoice.ID))
	if got := s.current().Status; got != "active" {
		t.Errorf("after the payment: %s", got)
	}
}

func TestEverythingDueHappensInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	other := subscribe(t, s.srv, monthly(s.srv))
	must(t, s.srv.ScheduleCancelAt(other.ID, s.now.now().Add(29*24*time.Hour)))
	openSession(t, s.c, monthly(s.srv))
	seen := s.seen()
	s.now.advance(365 * 24 * time.Hour)
	s.srv.Tick()
	settle(t, s.srv)
	last := 0.0
	for _, d := range s.box.events()[seen:] {
		created, _ := d.event["created"].(float64)
		if created < last {
			t.Errorf("%v at %v comes after %v", d.event["type"], created, last)
		}
		last = created
	}
	types := s.since(seen)
	if types[0] != "checkout.session.expired" || types[len(types)-1] != "customer.subscription.deleted" {
		t.Errorf("events = %v", types)
	}
	if got, _ := s.srv.Subscription(other.ID); got.Status != "canceled" || got.EndedAt != got.CancelAt {
		t.Errorf("the scheduled cancellation: %+v", got)
	}
	if got := s.current(); got.Status != "canceled" || got.EndedAt != s.sub.CurrentPeriodEnd+15*24*3600 {
		t.Errorf("the unpaid one: %+v", got)
	}
}

func TestTheServersClockCanBeMoved(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL, Events: []string{"invoice.paid"}})
	before := srv.Now()
	sub := subscribe(t, srv, monthly(srv))
	srv.Advance(32 * 24 * time.Hour)
	if got, _ := srv.Subscription(sub.ID); got.CurrentPeriodStart != sub.CurrentPeriodEnd {
		t.Errorf("the subscription is %+v", got)
	}
	if moved := srv.Now().Sub(before); moved < 32*24*time.Hour || moved > 33*24*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
	settle(t, srv)
	for _, d := range box.events() {
		signed, err := time.ParseDuration(d.signature[len("t="):len("t=")+10] + "s")
		must(t, err)
		if age := time.Since(time.Unix(int64(signed.Seconds()), 0)); age < -time.Minute || age > time.Minute {
			t.Errorf("signed %v ago: a receiver with a real clock refuses that", age)
		}
	}
}
