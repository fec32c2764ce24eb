package stripegw

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripeerr"
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
func (g *Gateway) CancelAtPeriodEnd(ctx context.Context, c auth.Credentials, id string, on bool) error {
	return g.updateSubscription(ctx, c, id, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(on)})
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
	return []*stripe.SubscriptionItemsParams{{
		ID: stripe.String(u.ItemID), Price: stripe.String(u.PriceID), Quantity: stripe.Int64(u.Quantity),
	}}
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

// PreviewItem returns the invoice that UpdateItem would lead to.
func (g *Gateway) PreviewItem(ctx context.Context, c auth.Credentials, u manage.ItemUpdate) (manage.Preview, error) {
	params := &stripe.InvoiceUpcomingParams{
		Customer:                      stripe.String(u.CustomerID),
		Subscription:                  stripe.String(u.SubscriptionID),
		SubscriptionItems:             items(u),
		SubscriptionProrationBehavior: stripe.String(string(u.Proration)),
	}
	if u.Proration != manage.ProrationNone {
		params.SubscriptionProrationDate = stripe.Int64(u.ProrationDate.Unix())
	}
	var out invoiceObject
	err := g.call(ctx, c, http.MethodGet, "/v1/invoices/upcoming", params, "", &out)
	if stripeerr.HasCode(err, string(stripe.ErrorCodeInvoiceUpcomingNone)) {
		return manage.Preview{}, nil // nothing will be due
	}
	if err != nil && unlessNotFound(err) == nil {
		err = g.call(ctx, c, http.MethodPost, "/v1/invoices/create_preview", newPreviewParams(params), "", &out)
	}
	if err != nil {
		return manage.Preview{}, err
	}
	p := manage.Preview{AmountDue: out.AmountDue, Currency: out.Currency}
	for _, line := range out.Lines.Data {
		p.Lines = append(p.Lines, manage.PreviewLine{Description: line.Description, Amount: line.Amount})
	}
	return p, nil
}

// previewParams are what newer versions of the API take in place of InvoiceUpcomingParams
// (https://docs.stripe.com/api/invoices/create_preview). The SDK does not know them.
type previewParams struct {
	stripe.Params `form:"*"`
	Customer      *string         `form:"customer"`
	Subscription  *string         `form:"subscription"`
	Details       *previewDetails `form:"subscription_details"`
}

type previewDetails struct {
	Items             []*stripe.SubscriptionItemsParams `form:"items"`
	ProrationBehavior *string                           `form:"proration_behavior"`
	ProrationDate     *int64                            `form:"proration_date"`
}

func newPreviewParams(p *stripe.InvoiceUpcomingParams) *previewParams {
	return &previewParams{Customer: p.Customer, Subscription: p.Subscription, Details: &previewDetails{
		Items: p.SubscriptionItems, ProrationBehavior: p.SubscriptionProrationBehavior, ProrationDate: p.SubscriptionProrationDate,
	}}
}
