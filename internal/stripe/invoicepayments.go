package stripe

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

const (
	invoicePaymentsPath = "/v1/invoice_payments"
	// invoicePaymentsVersion is the first API version that has invoice payments, in place of an invoice's one payment intent.
	invoicePaymentsVersion = "2025-03-31.basil"
)

// invoicePayment is one of the payments of an invoice (https://docs.stripe.com/api/invoice-payment).
type invoicePayment struct {
	ID      string       `json:"id"`
	Invoice Ref[Unknown] `json:"invoice"`
	Payment struct {
		PaymentIntent Ref[intentObject] `json:"payment_intent"`
	} `json:"payment"`
}

// paidBy returns the payment intents that an invoice was paid with, or is to be. Most often that is the one that it names.
// It can have others (https://docs.stripe.com/invoicing/partial-payments), and since basil it names none.
func (g *Gateway) paidBy(ctx context.Context, c project.Credentials, o *invoiceObject) ([]*intentObject, error) {
	intents, err := g.addIntent(ctx, c, nil, o.PaymentIntent)
	if err != nil || !o.paidOtherwise(intents) {
		return intents, err
	}
	payments := o.Payments.Data
	if len(payments) == 0 || o.Payments.More {
		params := &listParams{Invoice: sdk.String(o.ID)}
		params.expand("data.payment.payment_intent.latest_charge")
		if payments, err = g.invoicePayments(ctx, c, params); err != nil {
			return nil, err
		}
	}
	for _, p := range payments {
		if intents, err = g.addIntent(ctx, c, intents, p.Payment.PaymentIntent); err != nil {
			return nil, err
		}
	}
	return intents, nil
}

// paidOtherwise reports whether an invoice has payments that these intents, which it names, do not account for.
func (o *invoiceObject) paidOtherwise(intents []*intentObject) bool {
	if len(intents) == 0 {
		return o.AmountPaid > 0 || o.attempted() && o.Status == string(sdk.InvoiceStatusOpen)
	}
	paid := int64(0)
	if intents[0].is(sdk.PaymentIntentStatusSucceeded) {
		paid = intents[0].Amount
	}
	return o.AmountPaid > paid
}

// addIntent adds the intent that ref names, with its charge, unless it is there already or gone.
func (g *Gateway) addIntent(
	ctx context.Context, c project.Credentials, to []*intentObject, ref Ref[intentObject],
) ([]*intentObject, error) {
	known := func(i *intentObject) bool { return i.ID == ref.ID }
	if ref.ID == "" || slices.ContainsFunc(to, known) {
		return to, nil
	}
	if ref.Object != nil {
		return append(to, ref.Object), g.addCharge(ctx, c, ref.Object)
	}
	intent, err := g.intent(ctx, c, ref.ID)
	if err != nil {
		return to, unlessNotFound(err)
	}
	return append(to, intent), nil
}

// invoicePayments lists invoice payments in the version of the API that has them. What stands in for Stripe may not know
// them: then there are none.
func (g *Gateway) invoicePayments(
	ctx context.Context, c project.Credentials, params *listParams,
) ([]invoicePayment, error) {
	params.Headers = http.Header{"Stripe-Version": {invoicePaymentsVersion}}
	all, err := listAll(ctx, g, c, invoicePaymentsPath, params, func(p *invoicePayment) string { return p.ID })
	return all, unlessNotFound(err)
}

// InvoiceOf returns the id of the invoice that a payment intent pays, empty where it pays none.
func (g *Gateway) InvoiceOf(ctx context.Context, c project.Credentials, intentID string) (string, error) {
	payments, err := g.invoicePayments(ctx, c, &listParams{Payment: &paymentFilter{
		Type: sdk.String("payment_intent"), PaymentIntent: sdk.String(intentID),
	}})
	if err != nil || len(payments) == 0 {
		return "", err
	}
	return payments[0].Invoice.ID, nil
}
