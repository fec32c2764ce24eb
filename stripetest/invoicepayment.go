package stripetest

import (
	"fmt"
	"slices"
)

// invoicePaymentsPath is the one operation of a newer API version: it is how clients of 2023-10-16 find the payments of an
// invoice whose payment_intent is null, or that has several.
const invoicePaymentsPath = "/v1/invoice_payments"

// invoicePayment is https://docs.stripe.com/api/invoice-payment/object. The fake keeps nothing of it: it has one for each
// payment intent of an invoice.
type invoicePayment struct {
	invoice *Invoice
	intent  *PaymentIntent
}

func (p invoicePayment) ident() string    { return "inpay_" + p.intent.ID[len("pi_"):] }
func (p invoicePayment) createdAt() int64 { return p.intent.Created }

// isDefault reports whether it is the payment that Stripe has made by itself, of what is still to be paid.
func (p invoicePayment) isDefault() bool { return p.intent.ID == p.invoice.PaymentIntent }

func (p invoicePayment) status() string {
	switch p.intent.Status {
	case "succeeded":
		return "paid"
	case "canceled":
		return "canceled"
	default:
		return "open"
	}
}

func (p invoicePayment) render(a *Account, _ Version) doc {
	i := p.invoice
	out := doc{
		"id": p.ident(), "object": "invoice_payment", "amount_paid": nil, "amount_requested": p.intent.Amount,
		"created": p.createdAt(), "currency": i.Currency, "invoice": i.ID, "is_default": p.isDefault(), "livemode": a.Livemode,
		"status": p.status(), "payment": doc{"type": "payment_intent", "payment_intent": p.intent.ID},
		"status_transitions": doc{"canceled_at": timeOrNull(p.intent.canceledAt), "paid_at": timeOrNull(p.intent.paidAt)},
	}
	if p.status() == "paid" {
		out["amount_paid"] = p.intent.AmountReceived
	}
	return out
}

// payments are those of an invoice, oldest first.
func (a *Account) payments(i *Invoice) []invoicePayment {
	var all []invoicePayment
	for _, id := range append([]string{i.PaymentIntent}, i.attached...) {
		if intent, ok := find[*PaymentIntent](a, id); ok {
			all = append(all, invoicePayment{i, intent})
		}
	}
	return all
}

func (a *Account) invoicePaymentsDoc(i *Invoice) doc {
	var rows []doc
	for _, p := range slices.Backward(a.payments(i)) {
		rows = append(rows, p.render(a, VersionBasil))
	}
	shown := rows[:min(shownRows, len(rows))]
	return listDoc(invoicePaymentsPath+"?invoice="+i.ID, shown, len(rows) > len(shown))
}

func invoicePaymentOperations() []operation {
	return []operation{{"GET", invoicePaymentsPath, listParams().with(fields{
		"created": timeRange, "invoice": text, "status": oneOf("canceled", "open", "paid"), "payment": hash(fields{
			"type": oneOf("payment_intent", "payment_record").must(), "payment_intent": text, "payment_record": text,
		}),
	}), listInvoicePayments}}
}

func listInvoicePayments(a *Account, r *request) (any, error) {
	p := r.params
	var all []invoicePayment
	for _, i := range a.invoices {
		all = append(all, a.payments(i)...)
	}
	return listed(a, r, all, func(row invoicePayment) bool {
		return p.wanted("invoice", row.invoice.ID) && p.wanted("status", row.status()) &&
			p.get("payment").wanted("type", "payment_intent") && p.get("payment").wanted("payment_intent", row.intent.ID)
	})
}

// PayPartOf pays part of an open invoice, or all that is left of it, with a payment of its own beside the invoice's default
// one: what the dashboard's "Charge customer" does. The customer's card is charged, and the new payment intent returned. It
// fails with [ErrNotFound], with [ErrInvalid] when the amount is not between 1 and what is left, and with [ErrState] when the
// invoice is not open or the card does not pay.
//
// See https://docs.stripe.com/invoicing/partial-payments.
func (a *Account) PayPartOf(invoiceID string, amount int64) (PaymentIntent, error) {
	defer a.lock()()
	i, ok := find[*Invoice](a, invoiceID)
	if !ok {
		return PaymentIntent{}, notFound("invoice", invoiceID)
	}
	method := a.cardFor(i)
	switch {
	case i.Status != "open":
		return PaymentIntent{}, fmt.Errorf("%w: invoice %s is %s", ErrState, invoiceID, i.Status)
	case amount < 1 || amount > i.amountRemaining():
		return PaymentIntent{}, fmt.Errorf("%w: %d is not between 1 and %d", ErrInvalid, amount, i.amountRemaining())
	case method == nil || method.outcome() != paid:
		return PaymentIntent{}, fmt.Errorf("%w: invoice %s: %w", ErrState, invoiceID, method.refusal())
	}
	intent := a.newIntent(&PaymentIntent{
		Customer: i.Customer, Currency: i.Currency, Amount: amount, Description: "Payment for Invoice",
	})
	i.attached = append(i.attached, intent.ID)
	intent.PaymentMethod = method.ID
	a.newCharge(intent, method)
	a.acceptPayment(intent)
	a.takePart(i, intent)
	return intent.clone(), nil
}

// takePart counts a payment that is attached to an invoice. Stripe keeps the default payment in step with what remains
// (https://docs.stripe.com/api/invoice-payment/object#invoice_payment_object-is_default).
func (a *Account) takePart(i *Invoice, intent *PaymentIntent) {
	a.change("invoice.updated", i, func() { i.AmountPaid += intent.Amount })
	a.emit("invoice_payment.paid", invoicePayment{i, intent})
	rest, ok := find[*PaymentIntent](a, i.PaymentIntent)
	if i.amountRemaining() > 0 {
		if ok {
			rest.Amount = i.amountRemaining()
		}
		return
	}
	if ok {
		a.giveUp(rest)
	}
	a.markPaid(i)
}
