package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// EndSubscription ends a subscription now. What it has left unbilled must have been invoiced: Stripe's pages say both that
// pending prorations are removed by this call, and that they are not
// (https://docs.stripe.com/api/subscriptions/cancel, https://docs.stripe.com/billing/subscriptions/cancel).
func (g *Gateway) EndSubscription(ctx context.Context, c project.Credentials, e Ending) error {
	path, err := path(subscriptionPath, "sub_", e.SubscriptionID)
	if err != nil {
		return err
	}
	if err := g.markCollected(ctx, c, e.CustomerID, e.SubscriptionID); err != nil {
		return err
	}
	params := &sdk.SubscriptionCancelParams{}
	if e.Why != (Reason{}) {
		params.CancellationDetails = &sdk.SubscriptionCancelCancellationDetailsParams{
			Feedback: optional(e.Why.Feedback), Comment: optional(e.Why.Comment),
		}
	}
	if e.Credit {
		params.Prorate = sdk.Bool(true)
	}
	if e.Credit || e.BillUsage { // what this last invoice does not take up never is
		params.InvoiceNow = sdk.Bool(true)
	}
	var out subscriptionObject
	if err := unlessNotFound(g.call(ctx, c, http.MethodDelete, path, params, "", &out)); err != nil {
		return err
	}
	return g.ResumeCollection(ctx, c, e.CustomerID, e.SubscriptionID)
}
