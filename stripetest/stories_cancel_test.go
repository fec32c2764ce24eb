package stripetest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// unpaidFirst is a shop with a subscription whose first payment was declined.
func unpaidFirst(t *testing.T, opts ...stripetest.Options) *shop {
	t.Helper()
	s := newShop(t, opts...)
	must(t, s.srv.Decline(openSession(t, s.c, monthly(s.srv))))
	s.sub = s.srv.Subscriptions()[1]
	return s
}

func TestAnIncompleteSubscriptionEndsAfter23Hours(t *testing.T) {
	t.Parallel()
	// "If the first invoice is not paid within 23 hours, the subscription transitions to incomplete_expired. This is a terminal
	// status, the open invoice will be voided and no further invoices will be generated"
	// (https://docs.stripe.com/api/subscriptions/object#subscription_object-status).
	s := unpaidFirst(t)
	seen := s.seen()
	s.now.advance(23 * time.Hour)
	s.srv.Tick()
	if got, want := s.since(seen), []string{
		"payment_intent.canceled", "invoice.voided", "customer.subscription.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	end := s.sub.Created + 23*60*60
	if got := s.current(); got.Status != "incomplete_expired" || got.EndedAt != end || got.CanceledAt != end {
		t.Errorf("the subscription is %+v", got)
	}
	if got := s.latest().Status; got != "void" {
		t.Errorf("the invoice is %s", got)
	}
}

func TestACancelledIncompleteSubscriptionIsExpiredOrCanceled(t *testing.T) {
	t.Parallel()
	// Users see the one (https://github.com/pay-rails/pay/issues/91), the API's page says the other
	// (https://docs.stripe.com/api/subscriptions/cancel).
	for canceled, want := range map[bool]struct{ status, invoice, event string }{
		false: {"incomplete_expired", "void", "customer.subscription.updated"},
		true:  {"canceled", "open", "customer.subscription.deleted"},
	} {
		s := unpaidFirst(t, stripetest.Options{CanceledIncomplete: canceled})
		seen := s.seen()
		s.c.do("DELETE", "/v1/subscriptions/"+s.sub.ID).ok().equal(map[string]any{
			"status": want.status, "canceled_at": float64(s.now.now().Unix()), "ended_at": float64(s.now.now().Unix()),
		})
		s.c.get("/v1/invoices/" + s.sub.LatestInvoice).ok().equal(map[string]any{"status": want.invoice, "auto_advance": false})
		if got := s.since(seen); !slices.Contains(got, want.event) {
			t.Errorf("events = %v, want %s", got, want.event)
		}
	}
}

func TestAVoidedFirstInvoiceLeavesTheSubscriptionIncompleteUntilItExpires(t *testing.T) {
	t.Parallel()
	// "Voided invoices don't affect subscription status" (https://docs.stripe.com/billing/subscriptions/overview); "voiding an
	// invoice will cancel the PaymentIntent" (https://docs.stripe.com/api/invoices/object#invoice_object-payment_intent).
	s := unpaidFirst(t)
	s.c.post("/v1/invoices/"+s.sub.LatestInvoice+"/void", "expand[]", "payment_intent").ok().
		equal(map[string]any{"status": "void", "payment_intent.status": "canceled"})
	if got := s.current().Status; got != "incomplete" {
		t.Errorf("status = %s", got)
	}
	s.now.advance(23 * time.Hour)
	if got := s.current().Status; got != "incomplete_expired" {
		t.Errorf("after 23 hours: %s", got)
	}
}

func TestPendingProrationsAreRemovedByACancellationOrKept(t *testing.T) {
	t.Parallel()
	// "if the subscription is set to cancel immediately, pending prorations will be removed" in the description of 2023-10-16;
	// later ones: "are removed if invoice_now and prorate are both set to true", and to false
	// (https://docs.stripe.com/api/subscriptions/cancel).
	for keep, want := range map[bool]map[string]int{
		false: {"prorate": 0, "": 0, "invoice_now": 0}, true: {"prorate": 3, "": 2, "invoice_now": 0},
	} {
		for param, n := range want {
			s := newShop(t, stripetest.Options{KeepPending: keep})
			s.now.advance(halfAPeriod)
			s.update(s.price("Team", 4900, "month")).ok()
			form := []string{}
			if param != "" {
				form = []string{param, "true"}
			}
			s.c.do("DELETE", "/v1/subscriptions/"+s.sub.ID, form...).ok().equal(map[string]any{"status": "canceled"})
			if got := s.pending(); got != n {
				t.Errorf("kept: %v, %q: %d items are pending, want %d", keep, param, got, n)
			}
		}
	}
}

func TestACancellationTakenBackLeavesNoTrace(t *testing.T) {
	t.Parallel()
	// "canceled_at will reflect the time of the most recent update request"
	// (https://docs.stripe.com/api/subscriptions/object#subscription_object-canceled_at).
	s := newShop(t)
	path := "/v1/subscriptions/" + s.sub.ID
	s.now.advance(halfAPeriod)
	s.c.post(path, "cancel_at_period_end", "true").ok().equal(map[string]any{
		"status": "active", "cancel_at": float64(s.sub.CurrentPeriodEnd), "canceled_at": float64(s.now.now().Unix()), "ended_at": nil,
	})
	s.c.post(path, "cancel_at_period_end", "false").ok().
		equal(map[string]any{"status": "active", "cancel_at": nil, "canceled_at": nil, "cancellation_details.reason": nil})
	s.now.advance(halfAPeriod)
	if last := s.latest(); last.ID == s.sub.LatestInvoice || last.AmountPaid != 1900 {
		t.Errorf("the renewal is %+v", last)
	}
}
