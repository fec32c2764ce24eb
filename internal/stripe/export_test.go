package stripe

import (
	"context"

	"github.com/paymount/paymount/project"
)

// FailedSince makes the calls about a subscription that is past_due, whose oldest unpaid invoice has that payment intent.
func (g *Gateway) FailedSince(ctx context.Context, c project.Credentials, subscriptionID, intentID string) error {
	if _, err := g.unpaidInvoices(ctx, c, subscriptionID); err != nil {
		return err
	}
	_, err := g.failedCharge(ctx, c, &invoiceObject{PaymentIntent: Ref[intentObject]{ID: intentID}})
	return err
}

// RestOfItems makes the call for the items of a subscription that has more than Stripe shows in it.
func (g *Gateway) RestOfItems(ctx context.Context, c project.Credentials, subscriptionID string) error {
	o := &subscriptionObject{ID: subscriptionID}
	o.Items.More = true
	return g.addItems(ctx, c, o)
}

// LinesOfInvoice makes the call for the lines of an invoice that has more than Stripe shows in it.
func (g *Gateway) LinesOfInvoice(ctx context.Context, c project.Credentials, invoiceID string) error {
	o := &invoiceObject{ID: invoiceID}
	o.Lines.More = true
	return g.addLines(ctx, c, o)
}
