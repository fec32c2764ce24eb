package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// CancelAtPeriodEnd sets or clears a subscription's flag cancel_at_period_end.
func (g *Gateway) CancelAtPeriodEnd(ctx context.Context, c project.Credentials, id string, on bool, why Reason) error {
	params := &sdk.SubscriptionParams{CancelAtPeriodEnd: sdk.Bool(on)}
	if why != (Reason{}) {
		params.CancellationDetails = cancellationDetails(why)
	}
	return g.updateSubscription(ctx, c, id, params)
}

// ExplainCancellation keeps the reason for a cancellation.
func (g *Gateway) ExplainCancellation(ctx context.Context, c project.Credentials, id string, why Reason) error {
	return g.updateSubscription(ctx, c, id, &sdk.SubscriptionParams{CancellationDetails: cancellationDetails(why)})
}

func cancellationDetails(why Reason) *sdk.SubscriptionCancellationDetailsParams {
	return &sdk.SubscriptionCancellationDetailsParams{Feedback: optional(why.Feedback), Comment: optional(why.Comment)}
}

// optional is nil for an empty text, which is then not sent: to send it would clear what is there.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ClearCancelAt takes back a cancellation that was scheduled for a date.
func (g *Gateway) ClearCancelAt(ctx context.Context, c project.Credentials, id string) error {
	params := &sdk.SubscriptionParams{}
	params.AddExtra("cancel_at", "") // the SDK's field is a number, and can't be cleared
	return g.updateSubscription(ctx, c, id, params)
}

// UpdateItem changes an item of a subscription. A payment that is due at once and fails leaves everything as it was.
func (g *Gateway) UpdateItem(ctx context.Context, c project.Credentials, u ItemUpdate) error {
	params := &sdk.SubscriptionParams{
		Items:             items(u),
		ProrationBehavior: sdk.String(string(u.Proration)),
		PaymentBehavior:   sdk.String("error_if_incomplete"),
	}
	if !u.ProrationDate.IsZero() && u.Proration != subscription.ProrationNone {
		params.ProrationDate = sdk.Int64(u.ProrationDate.Unix())
	}
	return g.updateSubscription(ctx, c, u.SubscriptionID, params)
}

func items(u ItemUpdate) []*sdk.SubscriptionItemsParams {
	item := &sdk.SubscriptionItemsParams{ID: sdk.String(u.ItemID), Price: optional(u.PriceID)}
	if u.Quantity > 0 {
		item.Quantity = sdk.Int64(u.Quantity)
	}
	return []*sdk.SubscriptionItemsParams{item}
}

func (g *Gateway) updateSubscription(
	ctx context.Context, c project.Credentials, id string, params *sdk.SubscriptionParams,
) error {
	path, err := path(subscriptionPath, "sub_", id)
	if err != nil {
		return err
	}
	var out subscriptionObject
	return g.call(ctx, c, http.MethodPost, path, params, "", &out)
}
