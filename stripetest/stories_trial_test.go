package stripetest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// What happens when a trial ends that nobody has given a payment method for, as told on
// https://docs.stripe.com/billing/subscriptions/trials#create-free-trials-without-payment.

// cardlessTrial is a shop with a subscription in a trial of seven days, whose customer has no card.
func cardlessTrial(t *testing.T, more ...string) *shop {
	t.Helper()
	s := newShop(t)
	price := s.price("Basic", 1000, "month")
	id := s.c.post("/v1/subscriptions", append([]string{
		"customer", s.srv.AddCustomer("b@example.com").ID, "items[0][price]", price.ID, "trial_period_days", "7",
	}, more...)...).ok().id()
	s.sub, _ = s.srv.Subscription(id)
	s.now.advance(7*24*time.Hour - time.Second)
	if got := s.current(); got.Status != "trialing" {
		t.Fatalf("before the end of the trial: %s", got.Status)
	}
	return s
}

func (s *shop) endOfTrial() (events []string, invoices int) {
	s.t.Helper()
	s.srv.Tick()
	seen, before := s.seen(), len(s.srv.Invoices())
	s.now.advance(time.Second)
	s.srv.Tick()
	return s.since(seen), len(s.srv.Invoices()) - before
}

const missingMethod = "trial_settings[end_behavior][missing_payment_method]"

func TestATrialWithoutAPaymentMethodCanEndInACancellation(t *testing.T) {
	t.Parallel()
	s := cardlessTrial(t, missingMethod, "cancel")
	events, invoices := s.endOfTrial()
	if want := []string{"customer.subscription.deleted"}; !slices.Equal(events, want) || invoices != 0 {
		t.Errorf("events = %v, %d invoices", events, invoices)
	}
	if got := s.current(); got.Status != "canceled" || got.EndedAt != s.sub.TrialEnd {
		t.Errorf("the subscription is %+v", got)
	}
}

func TestATrialWithoutAPaymentMethodCanEndInAPause(t *testing.T) {
	t.Parallel()
	s := cardlessTrial(t)
	path := "/v1/subscriptions/" + s.sub.ID
	s.c.get(path).ok().equal(map[string]any{"trial_settings.end_behavior.missing_payment_method": "create_invoice"})
	s.c.post(path, missingMethod, "pause").ok().
		equal(map[string]any{"trial_settings.end_behavior.missing_payment_method": "pause"})
	events, invoices := s.endOfTrial()
	// "Only applies when subscriptions enter status=paused" (https://docs.stripe.com/api/events/types).
	if !slices.Contains(events, "customer.subscription.paused") || invoices != 0 || s.current().Status != "paused" {
		t.Errorf("events = %v, %d invoices, %s", events, invoices, s.current().Status)
	}
	// "A paused subscription doesn't generate invoices" (https://docs.stripe.com/api/subscriptions/object).
	s.now.advance(90 * 24 * time.Hour)
	if n := len(s.srv.Invoices()); s.latest().ID != s.sub.LatestInvoice || s.current().Status != "paused" {
		t.Errorf("a paused subscription has been invoiced: %d", n)
	}
}

func TestATrialWithoutAPaymentMethodEndsInAnUnpaidInvoiceOtherwise(t *testing.T) {
	t.Parallel()
	s := cardlessTrial(t)
	events, invoices := s.endOfTrial()
	last := s.latest()
	if invoices != 1 || last.Status != "open" || last.Total != 1000 || s.current().Status != "past_due" {
		t.Errorf("%d invoices, the last %+v, %s", invoices, last, s.current().Status)
	}
	if !slices.Contains(events, "invoice.payment_failed") {
		t.Errorf("events = %v", events)
	}
}

func TestATrialWithAPaymentMethodGoesOnWhateverItsEndSays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "7",
		"subscription_data["+missingMethod[:len("trial_settings")]+"]"+missingMethod[len("trial_settings"):], "cancel")))
	s.sub = s.srv.Subscriptions()[1]
	if s.sub.MissingPaymentMethod != "cancel" {
		t.Errorf("the session's setting is %q", s.sub.MissingPaymentMethod)
	}
	s.now.advance(7 * 24 * time.Hour)
	if got := s.current().Status; got != "active" {
		t.Errorf("status = %s", got)
	}
}

func TestADetachedCardIsNoPaymentMethodAtTheEndOfATrial(t *testing.T) {
	t.Parallel()
	// A detached payment method "can no longer be used for a payment" (https://docs.stripe.com/api/payment_methods/detach).
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "7")))
	s.sub = s.srv.Subscriptions()[1]
	s.c.post("/v1/subscriptions/"+s.sub.ID, missingMethod, "cancel").ok()
	s.c.post("/v1/payment_methods/" + s.sub.DefaultPaymentMethod + "/detach").ok()
	s.now.advance(7 * 24 * time.Hour)
	if got := s.current().Status; got != "canceled" {
		t.Errorf("status = %s", got)
	}
}

func TestAFreeCheckoutNeedsNoPaymentAndItsInvoiceIsPaid(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	id := openSession(t, c, srv.AddPrice(stripetest.PriceSpec{Product: "Free", Interval: "month"}))
	must(t, srv.Complete(id))
	// https://docs.stripe.com/payments/checkout/no-cost-orders
	c.get("/v1/checkout/sessions/"+id, "expand[]", "subscription.latest_invoice").ok().equal(map[string]any{
		"status": "complete", "payment_status": "no_payment_required", "subscription.status": "active",
		"subscription.latest_invoice.status": "paid", "subscription.latest_invoice.amount_paid": 0.0,
		"subscription.latest_invoice.payment_intent": nil,
	})
}
