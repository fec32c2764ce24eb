package stripegw

import (
	"context"
	"net/http"
	"unicode/utf8"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripejson"
)

const (
	sessionsPath      = "/v1/checkout/sessions"
	sessionPath       = sessionsPath + "/%s"
	sessionExpirePath = sessionPath + "/expire"
)

type sessionObject struct {
	stripe.APIResource
	ID            string                             `json:"id"`
	URL           string                             `json:"url"`
	ClientSecret  string                             `json:"client_secret"`
	Status        string                             `json:"status"`
	PaymentStatus string                             `json:"payment_status"`
	Mode          string                             `json:"mode"`
	Customer      stripejson.Ref[stripejson.Unknown] `json:"customer"`
	Subscription  stripejson.Ref[stripejson.Unknown] `json:"subscription"`
	PaymentIntent stripejson.Ref[intentObject]       `json:"payment_intent"`
	AmountTotal   int64                              `json:"amount_total"`
	Currency      string                             `json:"currency"`
	Metadata      map[string]string                  `json:"metadata"`
	Created       seconds                            `json:"created"`
}

// maxClientReference is how many characters a client_reference_id may have
// (https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-client_reference_id).
const maxClientReference = 200

// CreateSession creates a checkout session.
func (g *Gateway) CreateSession(
	ctx context.Context, c auth.Credentials, p checkout.SessionParams, idempotencyKey string,
) (checkout.Session, error) {
	params := &stripe.CheckoutSessionParams{
		Mode:      stripe.String(string(p.Mode)),
		Customer:  stripe.String(p.CustomerID),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(p.PriceID)}},
		Metadata:  p.Metadata,
	}
	if p.Quantity > 0 {
		params.LineItems[0].Quantity = stripe.Int64(p.Quantity)
	}
	if utf8.RuneCountInString(p.UserID) <= maxClientReference { // the metadata have it in any case
		params.ClientReferenceID = stripe.String(p.UserID)
	}
	setPage(params, p)
	setOptions(params, p.Options)
	if p.Mode == checkout.ModeSubscription {
		params.SubscriptionData = &stripe.CheckoutSessionSubscriptionDataParams{Metadata: p.Metadata}
		if p.TrialDays > 0 {
			params.SubscriptionData.TrialPeriodDays = stripe.Int64(p.TrialDays)
		}
	} else {
		params.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: p.Metadata}
		if p.Description != "" {
			params.PaymentIntentData.Description = stripe.String(p.Description)
		}
	}
	var out sessionObject
	if err := g.call(ctx, c, http.MethodPost, sessionsPath, params, idempotencyKey, &out); err != nil {
		return checkout.Session{}, err
	}
	return out.session(), nil
}

// setPage says where people pay and where they go afterwards.
func setPage(params *stripe.CheckoutSessionParams, p checkout.SessionParams) {
	if p.Embedded {
		params.UIMode, params.ReturnURL = stripe.String(string(stripe.CheckoutSessionUIModeEmbedded)), stripe.String(p.SuccessURL)
		return
	}
	params.SuccessURL, params.CancelURL = stripe.String(p.SuccessURL), stripe.String(p.CancelURL)
}

func setOptions(params *stripe.CheckoutSessionParams, o checkout.Options) {
	if o.AllowPromotionCodes {
		params.AllowPromotionCodes = stripe.Bool(true)
	}
	if o.AutomaticTax {
		params.AutomaticTax = &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)}
		// Without this Stripe refuses a customer that has no address yet.
		params.CustomerUpdate = &stripe.CheckoutSessionCustomerUpdateParams{Address: stripe.String("auto")}
	}
	if o.RequireBillingAddress {
		params.BillingAddressCollection = stripe.String(string(stripe.CheckoutSessionBillingAddressCollectionRequired))
	}
	if o.Locale != "" {
		params.Locale = stripe.String(o.Locale)
	}
	if len(o.PaymentMethodTypes) > 0 {
		params.PaymentMethodTypes = stripe.StringSlice(o.PaymentMethodTypes)
	}
}

// Session returns a checkout session.
func (g *Gateway) Session(ctx context.Context, c auth.Credentials, id string) (checkout.Session, error) {
	path, err := path(sessionPath, "cs_", id)
	if err != nil {
		return checkout.Session{}, err
	}
	var out sessionObject
	if err := g.call(ctx, c, http.MethodGet, path, &stripe.CheckoutSessionParams{}, "", &out); err != nil {
		return checkout.Session{}, err
	}
	return out.session(), nil
}

// ExpireSession ends an open session.
func (g *Gateway) ExpireSession(ctx context.Context, c auth.Credentials, id string) error {
	path, err := path(sessionExpirePath, "cs_", id)
	if err != nil {
		return err
	}
	var out sessionObject
	return g.call(ctx, c, http.MethodPost, path, &stripe.CheckoutSessionExpireParams{}, "", &out)
}

// OpenSessions returns the open sessions of a customer.
func (g *Gateway) OpenSessions(ctx context.Context, c auth.Credentials, customerID string) ([]checkout.Session, error) {
	params := &listParams{Customer: stripe.String(customerID), Status: stripe.String(string(checkout.StatusOpen))}
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
