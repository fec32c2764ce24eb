package stripe

import (
	"context"
	"net/http"
	"unicode/utf8"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
)

const (
	sessionsPath      = "/v1/checkout/sessions"
	sessionPath       = sessionsPath + "/%s"
	sessionExpirePath = sessionPath + "/expire"
)

type sessionObject struct {
	sdk.APIResource
	ID            string            `json:"id"`
	URL           string            `json:"url"`
	ClientSecret  string            `json:"client_secret"`
	Status        string            `json:"status"`
	PaymentStatus string            `json:"payment_status"`
	Mode          string            `json:"mode"`
	Customer      Ref[Unknown]      `json:"customer"`
	Subscription  Ref[Unknown]      `json:"subscription"`
	PaymentIntent Ref[intentObject] `json:"payment_intent"`
	AmountTotal   int64             `json:"amount_total"`
	Currency      string            `json:"currency"`
	Metadata      map[string]string `json:"metadata"`
	Created       seconds           `json:"created"`
}

// maxClientReference is how many characters a client_reference_id may have
// (https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-client_reference_id).
const maxClientReference = 200

// CreateSession creates a checkout session.
func (g *Gateway) CreateSession(
	ctx context.Context, c project.Credentials, p SessionParams, idempotencyKey string,
) (checkout.Session, error) {
	params := &sdk.CheckoutSessionParams{
		Mode:      sdk.String(string(p.Mode)),
		Customer:  sdk.String(p.CustomerID),
		LineItems: lineItems(p.Lines),
		Metadata:  p.Metadata,
	}
	if utf8.RuneCountInString(p.OwnerID) <= maxClientReference { // the metadata have it in any case
		params.ClientReferenceID = sdk.String(p.OwnerID)
	}
	setPage(params, p)
	setOptions(params, p.Options)
	if p.Mode == checkout.ModeSubscription {
		params.SubscriptionData = &sdk.CheckoutSessionSubscriptionDataParams{Metadata: p.Metadata}
		if p.TrialDays > 0 {
			params.SubscriptionData.TrialPeriodDays = sdk.Int64(p.TrialDays)
		}
	} else {
		params.PaymentIntentData = &sdk.CheckoutSessionPaymentIntentDataParams{Metadata: p.Metadata}
		if p.Description != "" {
			params.PaymentIntentData.Description = sdk.String(p.Description)
		}
	}
	var out sessionObject
	if err := g.call(ctx, c, http.MethodPost, sessionsPath, params, idempotencyKey, &out); err != nil {
		return checkout.Session{}, err
	}
	return out.session(), nil
}

func lineItems(lines []checkout.Line) []*sdk.CheckoutSessionLineItemParams {
	items := make([]*sdk.CheckoutSessionLineItemParams, 0, len(lines))
	for _, line := range lines {
		item := &sdk.CheckoutSessionLineItemParams{Price: sdk.String(line.PriceID)}
		if line.Quantity > 0 {
			item.Quantity = sdk.Int64(line.Quantity)
		}
		items = append(items, item)
	}
	return items
}

// setPage says where people pay and where they go afterwards.
func setPage(params *sdk.CheckoutSessionParams, p SessionParams) {
	if p.Embedded {
		params.UIMode, params.ReturnURL = sdk.String(string(sdk.CheckoutSessionUIModeEmbedded)), sdk.String(p.SuccessURL)
		return
	}
	params.SuccessURL, params.CancelURL = sdk.String(p.SuccessURL), sdk.String(p.CancelURL)
}

func setOptions(params *sdk.CheckoutSessionParams, o checkout.Options) {
	if o.AllowPromotionCodes {
		params.AllowPromotionCodes = sdk.Bool(true)
	}
	if o.AutomaticTax {
		params.AutomaticTax = &sdk.CheckoutSessionAutomaticTaxParams{Enabled: sdk.Bool(true)}
		// Without this Stripe refuses a customer that has no address yet.
		params.CustomerUpdate = &sdk.CheckoutSessionCustomerUpdateParams{Address: sdk.String("auto")}
	}
	if o.RequireBillingAddress {
		params.BillingAddressCollection = sdk.String(string(sdk.CheckoutSessionBillingAddressCollectionRequired))
	}
	if o.Locale != "" {
		params.Locale = sdk.String(o.Locale)
	}
	if len(o.PaymentMethodTypes) > 0 {
		params.PaymentMethodTypes = sdk.StringSlice(o.PaymentMethodTypes)
	}
}

// Session returns a checkout session.
func (g *Gateway) Session(ctx context.Context, c project.Credentials, id string) (checkout.Session, error) {
	path, err := path(sessionPath, "cs_", id)
	if err != nil {
		return checkout.Session{}, err
	}
	var out sessionObject
	if err := g.call(ctx, c, http.MethodGet, path, &sdk.CheckoutSessionParams{}, "", &out); err != nil {
		return checkout.Session{}, err
	}
	return out.session(), nil
}

// ExpireSession ends an open session.
func (g *Gateway) ExpireSession(ctx context.Context, c project.Credentials, id string) error {
	path, err := path(sessionExpirePath, "cs_", id)
	if err != nil {
		return err
	}
	var out sessionObject
	return g.call(ctx, c, http.MethodPost, path, &sdk.CheckoutSessionExpireParams{}, "", &out)
}

// OpenSessions returns the open sessions of a customer.
func (g *Gateway) OpenSessions(ctx context.Context, c project.Credentials, customerID string) ([]checkout.Session, error) {
	params := &listParams{Customer: sdk.String(customerID), Status: sdk.String(string(checkout.StatusOpen))}
	open, err := listAll(ctx, g, c, sessionsPath, params, func(o *sessionObject) string { return o.ID })
	if err != nil {
		return nil, err
	}
	sessions := make([]checkout.Session, 0, len(open))
	for i := range open {
		sessions = append(sessions, open[i].session())
	}
	return sessions, nil
}

func (o *sessionObject) session() checkout.Session {
	return checkout.Session{
		ID: o.ID, URL: o.URL, ClientSecret: o.ClientSecret,
		Status: checkout.Status(o.Status), PaymentStatus: o.PaymentStatus, Mode: checkout.Mode(o.Mode),
		CustomerID: o.Customer.ID, SubscriptionID: o.Subscription.ID, PaymentIntentID: o.PaymentIntent.ID,
		AmountTotal: o.AmountTotal, Currency: o.Currency, Metadata: o.Metadata,
		CreatedAt: o.Created.time(),
	}
}
