package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const upcomingPath = "/v1/invoices/upcoming"

// PreviewItem returns the invoice that UpdateItem would lead to. It has no ProrationDate and no Quote.
func (g *Gateway) PreviewItem(ctx context.Context, c project.Credentials, u ItemUpdate) (subscription.Preview, error) {
	params := &upcomingParams{
		Customer:                      sdk.String(u.CustomerID),
		Subscription:                  sdk.String(u.SubscriptionID),
		SubscriptionItems:             items(u),
		SubscriptionProrationBehavior: sdk.String(string(u.Proration)),
	}
	if u.Proration != subscription.ProrationNone {
		params.SubscriptionProrationDate = sdk.Int64(u.ProrationDate.Unix())
	}
	var out previewObject
	err := g.call(ctx, c, http.MethodGet, upcomingPath, params, "", &out)
	if HasCode(err, string(sdk.ErrorCodeInvoiceUpcomingNone)) {
		// Nothing will be due. There is no invoice, and so no currency of it.
		currency, err := g.currency(ctx, c, u.SubscriptionID)
		return subscription.Preview{Currency: currency}, err
	}
	switch {
	case err != nil && unlessNotFound(err) == nil && !HasCode(err, string(sdk.ErrorCodeResourceMissing)):
		// The endpoint itself is missing, which newer versions do not have any more.
		err = g.call(ctx, c, http.MethodPost, "/v1/invoices/create_preview", newPreviewParams(params), "", &out)
	case err == nil && out.Lines.HasMore:
		out.Lines, err = g.previewLines(ctx, c, *params)
	}
	if err != nil {
		return subscription.Preview{}, err
	}
	return out.preview(), nil
}

// previewLines returns the first hundred lines of an upcoming invoice, which itself comes with ten
// (https://docs.stripe.com/api/invoices/upcoming_invoice_lines). Further pages can't be had: Stripe does not know a line of an
// upcoming invoice by its id any more (https://github.com/stripe/stripe-node/issues/2518).
func (g *Gateway) previewLines(ctx context.Context, c project.Credentials, params upcomingParams) (previewLines, error) {
	params.Limit = sdk.Int64(pageSize)
	var out struct {
		sdk.APIResource
		previewLines
	}
	err := g.call(ctx, c, http.MethodGet, upcomingPath+"/lines", &params, "", &out)
	return out.previewLines, err
}

// currency returns the currency of a subscription's invoices.
func (g *Gateway) currency(ctx context.Context, c project.Credentials, subscriptionID string) (string, error) {
	path, err := path(subscriptionPath, "sub_", subscriptionID)
	if err != nil {
		return "", err
	}
	var out subscriptionObject
	err = g.call(ctx, c, http.MethodGet, path, &sdk.SubscriptionParams{}, "", &out)
	return out.Currency, err
}

type previewObject struct {
	sdk.APIResource
	AmountDue int64        `json:"amount_due"`
	Subtotal  int64        `json:"subtotal"`
	Currency  string       `json:"currency"`
	Lines     previewLines `json:"lines"`
}

type previewLines struct {
	Data    []previewLine `json:"data"`
	HasMore bool          `json:"has_more"`
}

type previewLine struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount"`
}

// preview adds up the lines that can't be had in a last one, so that all lines come to what is due.
func (o *previewObject) preview() subscription.Preview {
	p := subscription.Preview{AmountDue: o.AmountDue, Currency: o.Currency}
	rest := o.Subtotal
	for _, line := range o.Lines.Data {
		p.Lines = append(p.Lines, subscription.PreviewLine(line))
		rest -= line.Amount
	}
	if o.Lines.HasMore {
		p.Lines = append(p.Lines, subscription.PreviewLine{Description: "Further charges and credits", Amount: rest})
	}
	return p
}

// upcomingParams ask for an upcoming invoice or its lines. The SDK's own for the lines have no context for a single call.
type upcomingParams struct {
	sdk.Params `form:"*"`
	Limit      *int64 `form:"limit"`

	Customer                      *string                        `form:"customer"`
	Subscription                  *string                        `form:"subscription"`
	SubscriptionItems             []*sdk.SubscriptionItemsParams `form:"subscription_items"`
	SubscriptionProrationBehavior *string                        `form:"subscription_proration_behavior"`
	SubscriptionProrationDate     *int64                         `form:"subscription_proration_date"`
}

// previewParams are what newer versions of the API take in place of upcomingParams
// (https://docs.stripe.com/api/invoices/create_preview). The SDK does not know them.
type previewParams struct {
	sdk.Params   `form:"*"`
	Customer     *string         `form:"customer"`
	Subscription *string         `form:"subscription"`
	Details      *previewDetails `form:"subscription_details"`
}

type previewDetails struct {
	Items             []*sdk.SubscriptionItemsParams `form:"items"`
	ProrationBehavior *string                        `form:"proration_behavior"`
	ProrationDate     *int64                         `form:"proration_date"`
}

func newPreviewParams(p *upcomingParams) *previewParams {
	return &previewParams{Customer: p.Customer, Subscription: p.Subscription, Details: &previewDetails{
		Items: p.SubscriptionItems, ProrationBehavior: p.SubscriptionProrationBehavior, ProrationDate: p.SubscriptionProrationDate,
	}}
}
