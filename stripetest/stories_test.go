package stripetest_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// These stories were written down from Stripe's documentation alone, and then compared with the fake.

const halfAPeriod = 14 * 24 * time.Hour // of the first one, which has 28 days

func TestSeatsAddedInMidPeriodAreBilledAsTheProrationBehaviorSays(t *testing.T) {
	t.Parallel()
	// https://docs.stripe.com/api/subscriptions/update: "We also prorate when you make quantity changes".
	for behavior, want := range map[string]struct{ now, next int64 }{
		"create_prorations": {0, 3*1900 + 1900}, "always_invoice": {1900, 3 * 1900}, "none": {0, 3 * 1900},
	} {
		s := newShop(t)
		s.now.advance(halfAPeriod)
		s.c.post("/v1/subscriptions/"+s.sub.ID, "items[0][id]", s.sub.Items[0].ID, "items[0][quantity]", "3",
			"proration_behavior", behavior).ok()
		var now int64
		if last := s.latest(); last.ID != s.sub.LatestInvoice {
			now = last.AmountPaid
		}
		s.now.advance(halfAPeriod)
		if next := s.latest().AmountPaid; now != want.now || next != want.next {
			t.Errorf("%s: %d now and %d next, want %+v", behavior, now, next, want)
		}
	}
}

func TestAPlanOfTwiceThePriceCostsHalfTheDifferenceMoreInMidPeriod(t *testing.T) {
	t.Parallel()
	// "if a customer signs up on May 1 for a 100 price, they'll be billed 100 immediately. If on May 15 they switch to a 200 price,
	// then on June 1 they'll be billed 250 (200 for a renewal of her subscription, plus a 50 prorating adjustment)"; "similarly, a
	// downgrade generates a credit that is applied to the next invoice" (https://docs.stripe.com/api/subscriptions/update).
	for from, want := range map[int64]struct{ to, next int64 }{10000: {20000, 25000}, 20000: {10000, 5000}} {
		s := newShop(t)
		s.sub = subscribe(t, s.srv, s.price("Before", from, "month"))
		s.now.advance(halfAPeriod)
		s.update(s.price("After", want.to, "month")).ok().equal(map[string]any{"latest_invoice": s.sub.LatestInvoice})
		s.now.advance(halfAPeriod)
		if got := s.latest().AmountPaid; got != want.next {
			t.Errorf("from %d to %d: the next invoice is about %d, want %d", from, want.to, got, want.next)
		}
	}
}

func TestAnInvoicePaidOutOfBandIsPaidWithoutAPaymentSucceeded(t *testing.T) {
	t.Parallel()
	// https://docs.stripe.com/invoicing/integration#handle-payment-events
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	open := s.latest()
	seen := s.seen()
	must(t, s.srv.PayOutOfBand(open.ID))
	if got, want := s.since(seen), []string{
		"payment_intent.canceled", "invoice.paid", "customer.subscription.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	s.c.get("/v1/subscriptions/"+s.sub.ID, "expand[]", "latest_invoice").ok().equal(map[string]any{
		"status": "active", "latest_invoice.status": "paid", "latest_invoice.paid": true, "latest_invoice.paid_out_of_band": true,
		"latest_invoice.amount_due": 1900.0, "latest_invoice.amount_paid": 0.0, "latest_invoice.auto_advance": false,
	})
	if err := s.srv.PayOutOfBand(open.ID); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("paid twice: %v", err)
	}
	if err := s.srv.PayOutOfBand("in_x"); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("PayOutOfBand of nothing = %v", err)
	}
}

func TestTheMostRecentInvoiceOfAPastDueSubscriptionMakesItActive(t *testing.T) {
	t.Parallel()
	// "Payment on the latest finalized invoice either failed or wasn't attempted. The subscription continues to create invoices";
	// "make sure to pay the most recent invoice" (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
	s := newShop(t, stripetest.Options{AfterRetries: "past_due", PaymentRetries: []time.Duration{}})
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	older := s.latest()
	s.now.advance(31 * 24 * time.Hour)
	newer := s.latest()
	if older.ID == newer.ID || newer.Status != "open" || newer.AttemptCount != 1 || s.current().Status != "past_due" {
		t.Errorf("in the next period: %+v, %s", newer, s.current().Status)
	}
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	must(t, s.srv.PayInvoice(older.ID))
	if got := s.current().Status; got != "past_due" {
		t.Errorf("after paying the older one: %s", got)
	}
	must(t, s.srv.PayInvoice(newer.ID))
	if got := s.current().Status; got != "active" {
		t.Errorf("after paying the most recent one: %s", got)
	}
}

func TestADisputeLeavesTheInvoicePaidAndTheSubscriptionActive(t *testing.T) {
	t.Parallel()
	// A dispute is about a charge (https://docs.stripe.com/api/disputes/object); no page says that it changes the invoice.
	for _, won := range []bool{false, true} {
		s := newShop(t)
		dispute, err := s.srv.Dispute(s.latest().PaymentIntent)
		must(t, err)
		must(t, s.srv.CloseDispute(dispute.ID, won))
		s.c.get("/v1/subscriptions/"+s.sub.ID, "expand[]", "latest_invoice.charge").ok().equal(map[string]any{
			"status": "active", "latest_invoice.status": "paid", "latest_invoice.amount_paid": 1900.0,
			"latest_invoice.charge.disputed": true, "latest_invoice.charge.refunded": false,
		})
	}
}

func TestACustomerHasOneCurrencyForSubscriptionsAtATime(t *testing.T) {
	t.Parallel()
	// https://support.stripe.com/questions/set-or-change-currency-for-an-invoice-or-customer-in-stripe-billing
	s := newShop(t)
	euro := s.srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1900, Currency: "eur", Interval: "month"})
	order := []string{
		"customer", s.sub.Customer, "mode", "subscription", "success_url", "https://shop.example/ok",
		"line_items[0][price]", euro.ID, "line_items[0][quantity]", "1",
	}
	s.c.post("/v1/checkout/sessions", order...).refused(400, "", "")
	s.c.post("/v1/subscriptions", "customer", s.sub.Customer, "items[0][price]", euro.ID).refused(400, "", "")
	book := s.srv.AddPrice(stripetest.PriceSpec{Product: "Book", Amount: 500, Currency: "eur"})
	s.c.post("/v1/checkout/sessions", "customer", s.sub.Customer, "mode", "payment", "success_url", "https://shop.example/ok",
		"line_items[0][price]", book.ID, "line_items[0][quantity]", "1").ok()
	must(t, s.srv.CancelSubscription(s.sub.ID))
	s.c.post("/v1/checkout/sessions", order...).ok()
}
