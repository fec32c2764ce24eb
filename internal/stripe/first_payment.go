package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// FirstPayment returns how the payment of a subscription's latest invoice stands, which is the first one as long as the
// subscription is incomplete.
func (g *Gateway) FirstPayment(ctx context.Context, c project.Credentials, id string) (FirstPayment, error) {
	invoice, err := g.latestInvoice(ctx, c, id)
	if err != nil || invoice.ID == "" {
		return FirstPayment{}, err
	}
	first := FirstPayment{InvoiceID: invoice.ID, Paid: invoice.Status == string(sdk.InvoiceStatusPaid)}
	first.InProgress = !first.Paid && invoice.AmountPaid > 0
	if first.Paid || first.InProgress {
		return first, nil
	}
	intents := []Ref[intentObject]{invoice.PaymentIntent}
	if invoice.PaymentIntent.ID == "" {
		if intents, err = g.attempts(ctx, c, invoice.ID); err != nil {
			return first, err
		}
	}
	for _, intent := range intents {
		inProgress, err := g.inProgress(ctx, c, intent)
		if err != nil {
			return first, err
		}
		first.InProgress = first.InProgress || inProgress
	}
	return first, nil
}

// latestInvoice returns a subscription's latest invoice; a zero one when there is none.
func (g *Gateway) latestInvoice(ctx context.Context, c project.Credentials, id string) (*invoiceObject, error) {
	at, err := path(subscriptionPath, "sub_", id)
	if err != nil {
		return nil, err
	}
	params := &sdk.SubscriptionParams{}
	params.AddExpand("latest_invoice.payment_intent")
	var out struct {
		sdk.APIResource
		LatestInvoice Ref[invoiceObject] `json:"latest_invoice"`
	}
	if err := g.call(ctx, c, http.MethodGet, at, params, "", &out); err != nil {
		return nil, err
	}
	switch {
	case out.LatestInvoice.Object != nil:
		return out.LatestInvoice.Object, nil
	case out.LatestInvoice.ID == "":
		return &invoiceObject{}, nil
	}
	// What stands in for Stripe may not expand.
	if at, err = path(invoicePath, "in_", out.LatestInvoice.ID); err != nil {
		return nil, err
	}
	invoice := &invoiceObject{}
	return invoice, g.call(ctx, c, http.MethodGet, at, &sdk.InvoiceParams{}, "", invoice)
}

// attempts returns the payment intents of an invoice that names none, the way that newer versions of the API offer.
func (g *Gateway) attempts(
	ctx context.Context, c project.Credentials, invoiceID string,
) (intents []Ref[intentObject], err error) {
	params := &listParams{Invoice: sdk.String(invoiceID)}
	params.expand("data.payment.payment_intent")
	payments, err := g.invoicePayments(ctx, c, params)
	for _, p := range payments {
		intents = append(intents, p.Payment.PaymentIntent)
	}
	return intents, err
}

// inProgress reports whether the payment of an intent has been made and the invoice does not say so yet.
func (g *Gateway) inProgress(ctx context.Context, c project.Credentials, ref Ref[intentObject]) (bool, error) {
	intent := ref.Object
	if intent == nil && ref.ID != "" {
		var err error
		if intent, err = g.intent(ctx, c, ref.ID); err != nil {
			return false, unlessNotFound(err)
		}
	}
	if intent == nil {
		return false, nil
	}
	switch sdk.PaymentIntentStatus(intent.Status) { //nolint:exhaustive // the others wait for the person, or have ended
	case sdk.PaymentIntentStatusProcessing, sdk.PaymentIntentStatusSucceeded:
		return true, nil
	case sdk.PaymentIntentStatusRequiresAction:
		action := intent.NextAction
		return action != nil && action.Type == string(sdk.PaymentIntentNextActionTypeVerifyWithMicrodeposits), nil
	}
	return false, nil
}

// VoidInvoice takes an open invoice back, so that it can't be paid any more. One that has been paid is refused, and so is one
// whose payment is being processed (https://docs.stripe.com/api/invoices/void).
func (g *Gateway) VoidInvoice(ctx context.Context, c project.Credentials, id string) error {
	at, err := path(invoicePath+"/void", "in_", id)
	if err != nil {
		return err
	}
	var out invoiceObject
	return g.call(ctx, c, http.MethodPost, at, &sdk.InvoiceVoidInvoiceParams{}, "", &out)
}
