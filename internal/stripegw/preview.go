package stripegw

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription/manage"
)

const upcomingPath = "/v1/invoices/upcoming"

// PreviewItem returns the invoice that UpdateItem would lead to.
func (g *Gateway) PreviewItem(ctx context.Context, c auth.Credentials, u manage.ItemUpdate) (manage.Preview, error) {
	params := &upcomingParams{
		Customer:                      stripe.String(u.CustomerID),
		Subscription:                  stripe.String(u.SubscriptionID),
		SubscriptionItems:             items(u),
		SubscriptionProrationBehavior: stripe.String(string(u.Proration)),
	}
	if u.Proration != manage.ProrationNone {
		params.SubscriptionProrationDate = stripe.Int64(u.ProrationDate.Unix())
	}
	var out previewObject
	err := g.call(ctx, c, http.MethodGet, upcomingPath, params, "", &out)
	if stripeerr.HasCode(err, string(stripe.ErrorCodeInvoiceUpcomingNone)) {
		// Nothing will be due. There is no invoice, and so no currency of it.
		currency, err := g.currency(ctx, c, u.SubscriptionID)
		return manage.Preview{Currency: currency}, err
	}
	switch {
	case err != nil && unlessNotFound(err) == nil:
		err = g.call(ctx, c, http.MethodPost, "/v1/invoices/create_preview", newPreviewParams(params), "", &out)
	case err == nil && out.Lines.HasMore:
		out.Lines, err = g.previewLines(ctx, c, *params)
	}
	if err != nil {
		return manage.Preview{}, err
	}
	return out.preview(), nil
}

// previewLines returns the first hundred lines of an upcoming invoice, which itself comes with ten
// (https://docs.stripe.com/api/invoices/upcoming_invoice_lines). Further pages can't be had: Stripe does not know a line of an
// upcoming invoice by its id any more (https://github.com/stripe/stripe-node/issues/2518).
func (g *Gateway) previewLines(ctx context.Context, c auth.Credentials, params upcomingParams) (previewLines, error) {
	params.Limit = stripe.Int64(pageSize)
	var out struct {
		stripe.APIResource
		previewLines
	}
	err := g.call(ctx, c, http.MethodGet, upcomingPath+"/lines", &params, "", &out)
	return out.previewLines, err
}

// currency returns the currency of a subscription's invoices.
func (g *Gateway) currency(ctx context.Context, c auth.Credentials, subscriptionID string) (string, error) {
	path, err := path(subscriptionPath, "sub_", subscriptionID)
	if err != nil {
		return "", err
	}
	var out subscriptionObject
	err = g.call(ctx, c, http.MethodGet, path, &stripe.SubscriptionParams{}, "", &out)
	return out.Currency, err
}

type previewObject struct {
	stripe.APIResource
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
func (o *previewObject) preview() manage.Preview {
	p := manage.Preview{AmountDue: o.AmountDue, Currency: o.Currency}
	rest := o.Subtotal
	for _, line := range o.Lines.Data {
		p.Lines = append(p.Lines, manage.PreviewLine{Description: line.Description, Amount: line.Amount})
		rest -= line.Amount
	}
	if o.Lines.HasMore {
		p.Lines = append(p.Lines, manage.PreviewLine{Description: "Further charges and credits", Amount: rest})
	}
	return p
}

// upcomingParams ask for an upcoming invoice or its lines. The SDK's own for the lines have no context for a single call.
type upcomingParams struct {
	stripe.Params `form:"*"`
	Limit         *int64 `form:"limit"`

	Customer                      *string                           `form:"customer"`
	Subscription                  *string                           `form:"subscription"`
	SubscriptionItems             []*stripe.SubscriptionItemsParams `form:"subscription_items"`
	SubscriptionProrationBehavior *string                           `form:"subscription_proration_behavior"`
	SubscriptionProrationDate     *int64                            `form:"subscription_proration_date"`
}

// previewParams are what newer versions of the API take in place of upcomingParams
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

func newPreviewParams(p *upcomingParams) *previewParams {
	return &previewParams{Customer: p.Customer, Subscription: p.Subscription, Details: &previewDetails{
		Items: p.SubscriptionItems, ProrationBehavior: p.SubscriptionProrationBehavior, ProrationDate: p.SubscriptionProrationDate,
	}}
}
