package paymount_test

import (
	"slices"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

// TestInvoicesWithoutAPaymentIntentShowTheirPayment is about accounts whose invoices can have several payments.
func TestInvoicesWithoutAPaymentIntentShowTheirPayment(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.NullPaymentIntents = true })
	b.buy()
	paid := b.stripe.Invoices()[0]
	if !slices.ContainsFunc(b.stripe.Calls(), func(c stripetest.Call) bool { return c.Path == "/v1/invoice_payments" }) {
		t.Error("the invoice's payment was not asked for")
	}
	payment := b.onlyPayment()
	want(t, "payment intent", payment["payment_intent_id"], any(paid.PaymentIntent))
	want(t, "amount", payment["amount_cents"], any(1200.0))
	want(t, "status", payment["status"], any("succeeded"))

	for _, refund := range []struct {
		amount int64
		status string
	}{{500, "partially_refunded"}, {700, "refunded"}} {
		if _, err := b.stripe.Refund(paid.PaymentIntent, refund.amount); err != nil {
			t.Fatal(err)
		}
		b.settle()
		want(t, "after a refund", b.onlyPayment()["status"], any(refund.status))
	}
}

// onlyPayment is the one payment that the user has.
func (b *bundle) onlyPayment() map[string]any {
	b.t.Helper()
	a := b.as(user, "GET", "/billing/my-payments", nil)
	payments, _ := a.body["payments"].([]any)
	if len(payments) != 1 {
		b.t.Fatalf("there are %d payments, want 1: %s", len(payments), a.raw)
	}
	payment, _ := payments[0].(map[string]any)
	return payment
}

// TestAnInvoicePaidOutsideOfStripeIsAPaymentThatSucceeded is about invoice.paid without invoice.payment_succeeded, of an invoice
// whose amount_paid is 0 (https://docs.stripe.com/invoicing/integration#handle-payment-events).
func TestAnInvoicePaidOutsideOfStripeIsAPaymentThatSucceeded(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		clock := newClock()
		b := setup(t, account, clock.share)
		sub := b.buy()
		b.must(b.stripe.SetCardFails(b.customer(), true))
		b.advance(clock, 32*day)
		b.settle()
		want(t, "status before", b.status(user), "past_due")
		truth, _ := b.stripe.Subscription(sub)
		b.must(b.stripe.PayOutOfBand(truth.LatestInvoice))
		b.settle()
		want(t, "status", b.status(user), "active")
		rows := b.payments()
		want(t, "payments", len(rows), 2)
		want(t, "payment's status", rows[0]["status"], any("succeeded"))
		want(t, "amount", rows[0]["amount_cents"], any(1200.0))
	})
}
