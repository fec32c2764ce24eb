package stripetest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

func TestADisputeTakesThePaymentBack(t *testing.T) {
	t.Parallel()
	for _, won := range []bool{true, false} {
		s := newShop(t)
		invoice := s.latest()
		seen := s.seen()
		dispute, err := s.srv.Dispute(invoice.PaymentIntent)
		must(t, err)
		s.c.get("/v1/payment_intents/"+invoice.PaymentIntent, "expand[]", "latest_charge").ok().
			equal(map[string]any{"latest_charge.disputed": true})
		s.c.get("/v1/disputes", "payment_intent", invoice.PaymentIntent, "expand[]", "data.charge").ok().
			equal(map[string]any{"data.0.status": "needs_response", "data.0.amount": 1900.0, "data.0.charge.id": invoice.Charge})
		s.c.post("/v1/refunds", "charge", invoice.Charge).refused(400, "charge_disputed", "charge")
		if _, err := s.srv.Dispute(invoice.Charge); !errors.Is(err, stripetest.ErrState) {
			t.Errorf("disputing twice = %v", err)
		}
		must(t, s.srv.CloseDispute(dispute.ID, won))
		want := []string{"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"}
		status := "lost"
		if won {
			want, status = append(want, "charge.dispute.funds_reinstated"), "won"
		}
		if got := s.since(seen); !slices.Equal(got, want) {
			t.Errorf("events = %v, want %v", got, want)
		}
		s.c.get("/v1/disputes/" + dispute.ID).ok().equal(map[string]any{"status": status})
		s.c.get("/v1/charges/" + invoice.Charge).ok().equal(map[string]any{"disputed": true})
		if refund := s.c.post("/v1/refunds", "charge", invoice.Charge); (refund.status == 200) != won {
			t.Errorf("a refund after the dispute was %s answered %d", status, refund.status)
		}
		if err := s.srv.CloseDispute(dispute.ID, won); !errors.Is(err, stripetest.ErrState) {
			t.Errorf("closing twice = %v", err)
		}
	}
	srv := stripetest.New(t)
	if _, err := srv.Dispute("pi_x"); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("Dispute of nothing = %v", err)
	}
	if err := srv.CloseDispute("dp_x", true); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("CloseDispute of nothing = %v", err)
	}
}

func TestARefundCanFailAfterAll(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	invoice := s.latest()
	seen := s.seen()
	part, err := s.srv.Refund(invoice.PaymentIntent, 500)
	must(t, err)
	_, err = s.srv.Refund(invoice.PaymentIntent, 0)
	must(t, err)
	s.c.get("/v1/charges/" + invoice.Charge).ok().equal(map[string]any{"amount_refunded": 1900.0, "refunded": true})
	s.c.get("/v1/invoices/" + invoice.ID).ok().equal(map[string]any{"status": "paid", "amount_paid": 1900.0})
	must(t, s.srv.FailRefund(part.ID))
	s.c.get("/v1/charges/" + invoice.Charge).ok().equal(map[string]any{"amount_refunded": 1400.0, "refunded": false})
	s.c.get("/v1/refunds/" + part.ID).ok().equal(map[string]any{"status": "failed"})
	if got, want := s.since(seen), []string{
		"charge.refunded", "refund.created", "charge.refunded", "refund.created", "charge.updated", "refund.updated",
		"refund.failed", "charge.refund.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
	if err := s.srv.FailRefund(part.ID); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("failing twice = %v", err)
	}
}

func TestAnInvoicesPaymentIsFoundInANewerVersion(t *testing.T) {
	t.Parallel()
	s := newShop(t, stripetest.Options{NullPaymentIntents: true})
	invoice := s.latest()
	s.c.get("/v1/invoices/"+invoice.ID, "expand[]", "payment_intent.latest_charge", "expand[]", "lines.data.price.product").ok().
		equal(map[string]any{
			"payment_intent": nil, "charge": nil, "attempted": true, "amount_due": 1900.0,
			"subscription_details.metadata.user": "1", "lines.data.0.price.product.name": "Pro",
			"lines.data.0.period.end": float64(s.sub.CurrentPeriodEnd),
		})
	basil := s.c.with("Stripe-Version", "2025-03-31.basil")
	rows := basil.get("/v1/invoice_payments", "invoice", invoice.ID, "status", "paid",
		"expand[]", "data.payment.payment_intent.latest_charge").ok()
	rows.equal(map[string]any{
		"data.0.object": "invoice_payment", "data.0.payment.type": "payment_intent",
		"data.0.payment.payment_intent.id": invoice.PaymentIntent, "data.0.payment.payment_intent.latest_charge.id": invoice.Charge,
		"data.0.amount_paid": 1900.0, "data.0.status": "paid",
	})
	if intent, _ := rows.at("data.0.payment.payment_intent").(map[string]any); intent["invoice"] != nil {
		t.Error("a payment intent of basil has no invoice")
	}
	if got := rows.header.Get("Stripe-Version"); got != "2025-03-31.basil" {
		t.Errorf("Stripe-Version = %q", got)
	}
	for _, none := range [][]string{
		{"invoice", "in_x"},
		{"status", "open"},
		{"payment[type]", "payment_record"},
		{"payment[type]", "payment_intent", "payment[payment_intent]", "pi_x"},
	} {
		if got := basil.get("/v1/invoice_payments", none...).ok().ids(); len(got) != 0 {
			t.Errorf("%v: %v", none, got)
		}
	}
	basil.get("/v1/invoices/"+invoice.ID).refused(400, "", "")
	s.c.with("Stripe-Version", "2023-10-16").get("/v1/invoice_payments").refused(400, "", "")
}

func TestLogsCanBeBounded(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{LogLimit: 3})
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	for range 5 {
		c.post("/v1/customers").ok()
	}
	last := c.get("/v1/customers").ok()
	settle(t, srv)
	calls := srv.Calls()
	if len(calls) != 3 || calls[2].RequestID != last.header.Get("Request-Id") || !calls[2].Done {
		t.Errorf("calls = %+v", calls)
	}
	if got := srv.Attempts(); len(got) != 3 || got[2].EventID != srv.Events()[4].ID {
		t.Errorf("attempts = %+v", got)
	}
}
