package stripegw

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/subscription/manage"
)

// CreatePortal opens a customer portal session and returns its URL.
func (g *Gateway) CreatePortal(ctx context.Context, c auth.Credentials, customerID, returnURL string) (string, error) {
	params := &stripe.BillingPortalSessionParams{Customer: stripe.String(customerID), ReturnURL: stripe.String(returnURL)}
	var out struct {
		stripe.APIResource
		URL string `json:"url"`
	}
	err := g.call(ctx, c, http.MethodPost, "/v1/billing_portal/sessions", params, "", &out)
	return out.URL, err
}

// CancelAtPeriodEnd sets or clears a subscription's flag cancel_at_period_end.
func (g *Gateway) CancelAtPeriodEnd(ctx context.Context, c auth.Credentials, id string, on bool, why manage.Reason) error {
	params := &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(on)}
	if why != (manage.Reason{}) {
		params.CancellationDetails = cancellationDetails(why)
	}
	return g.updateSubscription(ctx, c, id, params)
}

// ExplainCancellation keeps the reason for a cancellation.
func (g *Gateway) ExplainCancellation(ctx context.Context, c auth.Credentials, id string, why manage.Reason) error {
	return g.updateSubscription(ctx, c, id, &stripe.SubscriptionParams{CancellationDetails: cancellationDetails(why)})
}

func cancellationDetails(why manage.Reason) *stripe.SubscriptionCancellationDetailsParams {
	return &stripe.SubscriptionCancellationDetailsParams{Feedback: optional(why.Feedback), Comment: optional(why.Comment)}
}

// optional is nil for an empty text, which is then not sent: to send it would clear what is there.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ClearCancelAt takes back a cancellation that was scheduled for a date.
func (g *Gateway) ClearCancelAt(ctx context.Context, c auth.Credentials, id string) error {
	params := &stripe.SubscriptionParams{}
	params.AddExtra("cancel_at", "") // the SDK's field is a number, and can't be cleared
	return g.updateSubscription(ctx, c, id, params)
}

// UpdateItem changes an item of a subscription. A payment that is due at once and fails leaves everything as it was.
func (g *Gateway) UpdateItem(ctx context.Context, c auth.Credentials, u manage.ItemUpdate) error {
	params := &stripe.SubscriptionParams{
		Items:             items(u),
		ProrationBehavior: stripe.String(string(u.Proration)),
		PaymentBehavior:   stripe.String("error_if_incomplete"),
	}
	if !u.ProrationDate.IsZero() && u.Proration != manage.ProrationNone {
		params.ProrationDate = stripe.Int64(u.ProrationDate.Unix())
	}
	return g.updateSubscription(ctx, c, u.SubscriptionID, params)
}

func items(u manage.ItemUpdate) []*stripe.SubscriptionItemsParams {
	item := &stripe.SubscriptionItemsParams{ID: stripe.String(u.ItemID), Price: optional(u.PriceID)}
	if u.Quantity > 0 {
		item.Quantity = stripe.Int64(u.Quantity)
	}
	return []*stripe.SubscriptionItemsParams{item}
}

func (g *Gateway) updateSubscription(
	ctx context.Context, c auth.Credentials, id string, params *stripe.SubscriptionParams,
) error {
	path, err := path(subscriptionPath, "sub_", id)
	if err != nil {
		return err
	}
	var out subscriptionObject
	return g.call(ctx, c, http.MethodPost, path, params, "", &out)
}
