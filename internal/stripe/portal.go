package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// Portal is a session of the customer portal to open.
type Portal struct {
	CustomerID, ReturnURL string
	// Flow is the one thing to do there: payment_method_update, subscription_cancel or subscription_update
	// (https://docs.stripe.com/api/customer_portal/sessions/create#create_portal_session-flow_data-type). Empty: anything.
	Flow string
	// SubscriptionID is the subscription that the latter two are about.
	SubscriptionID string
}

// CreatePortal opens a session of the customer portal and returns its URL.
func (g *Gateway) CreatePortal(ctx context.Context, c project.Credentials, p Portal) (string, error) {
	params := &sdk.BillingPortalSessionParams{
		Customer: sdk.String(p.CustomerID), ReturnURL: sdk.String(p.ReturnURL), FlowData: p.flow(),
	}
	var out struct {
		sdk.APIResource
		URL string `json:"url"`
	}
	err := g.call(ctx, c, http.MethodPost, "/v1/billing_portal/sessions", params, "", &out)
	return out.URL, err
}

// flow is nil where the customer may do anything. Once the one thing is done, Stripe sends the customer back.
func (p Portal) flow() *sdk.BillingPortalSessionFlowDataParams {
	if p.Flow == "" {
		return nil
	}
	f := &sdk.BillingPortalSessionFlowDataParams{
		Type: sdk.String(p.Flow),
		AfterCompletion: &sdk.BillingPortalSessionFlowDataAfterCompletionParams{
			Type:     sdk.String(string(sdk.BillingPortalSessionFlowAfterCompletionTypeRedirect)),
			Redirect: &sdk.BillingPortalSessionFlowDataAfterCompletionRedirectParams{ReturnURL: sdk.String(p.ReturnURL)},
		},
	}
	switch sdk.BillingPortalSessionFlowType(p.Flow) { //nolint:exhaustive // the others are about no subscription
	case sdk.BillingPortalSessionFlowTypeSubscriptionCancel:
		f.SubscriptionCancel = &sdk.BillingPortalSessionFlowDataSubscriptionCancelParams{Subscription: sdk.String(p.SubscriptionID)}
	case sdk.BillingPortalSessionFlowTypeSubscriptionUpdate:
		f.SubscriptionUpdate = &sdk.BillingPortalSessionFlowDataSubscriptionUpdateParams{Subscription: sdk.String(p.SubscriptionID)}
	}
	return f
}
