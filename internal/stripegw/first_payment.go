package stripegw

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripejson"
	"github.com/paymount/paymount/subscription"
)

// FirstPayment returns how the payment of a subscription's latest invoice stands, which is the first one as long as the
// subscription is incomplete.
func (g *Gateway) FirstPayment(ctx context.Context, c auth.Credentials, id string) (subscription.FirstPayment, error) {
	invoice, err := g.latestInvoice(ctx, c, id)
	if err != nil || invoice.ID == "" {
		return subscription.FirstPayment{}, err
	}
	first := subscription.FirstPayment{InvoiceID: invoice.ID, Paid: invoice.Status == string(stripe.InvoiceStatusPaid)}
	first.InProgress = !first.Paid && invoice.AmountPaid > 0
	if first.Paid || first.InProgress {
		return first, nil
	}
	intents := []stripejson.Ref[intentObject]{invoice.PaymentIntent}
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
func (g *Gateway) latestInvoice(ctx context.Context, c auth.Credentials, id string) (*invoiceObject, error) {
	at, err := path(subscriptionPath, "sub_", id)
	if err != nil {
		return nil, err
	}
	params := &stripe.SubscriptionParams{}
	params.AddExpand("latest_invoice.payment_intent")
	var out struct {
		stripe.APIResource
		LatestInvoice stripejson.Ref[invoiceObject] `json:"latest_invoice"`
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
	return invoice, g.call(ctx, c, http.MethodGet, at, &stripe.InvoiceParams{}, "", invoice)
}

// attempts returns the payment intents of an invoice that names none, the way that newer versions of the API offer.
func (g *Gateway) attempts(
	ctx context.Context, c auth.Credentials, invoiceID string,
) (intents []stripejson.Ref[intentObject], err error) {
	params := &listParams{Invoice: stripe.String(invoiceID)}
	params.expand("data.payment.payment_intent")
	payments, err := g.invoicePayments(ctx, c, params)
	for _, p := range payments {
		intents = append(intents, p.Payment.PaymentIntent)
	}
	return intents, err
}

// inProgress reports whether the payment of an intent has been made and the invoice does not say so yet.
func (g *Gateway) inProgress(ctx context.Context, c auth.Credentials, ref stripejson.Ref[intentObject]) (bool, error) {
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
	switch stripe.PaymentIntentStatus(intent.Status) { //nolint:exhaustive // the others wait for the person, or have ended
	case stripe.PaymentIntentStatusProcessing, stripe.PaymentIntentStatusSucceeded:
		return true, nil
	case stripe.PaymentIntentStatusRequiresAction:
		action := intent.NextAction
		return action != nil && action.Type == string(stripe.PaymentIntentNextActionTypeVerifyWithMicrodeposits), nil
	}
	return false, nil
}

// VoidInvoice takes an open invoice back, so that it can't be paid any more. One that has been paid is refused, and so is one
// whose payment is being processed (https://docs.stripe.com/api/invoices/void).
func (g *Gateway) VoidInvoice(ctx context.Context, c auth.Credentials, id string) error {
	at, err := path(invoicePath+"/void", "in_", id)
	if err != nil {
		return err
	}
	var out invoiceObject
	return g.call(ctx, c, http.MethodPost, at, &stripe.InvoiceVoidInvoiceParams{}, "", &out)
}
