package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

type intentObject struct {
	sdk.APIResource
	ID               string            `json:"id"`
	Status           string            `json:"status"`
	Amount           int64             `json:"amount"`
	Currency         string            `json:"currency"`
	Description      string            `json:"description"`
	Customer         Ref[Unknown]      `json:"customer"`
	Invoice          Ref[Unknown]      `json:"invoice"`
	LatestCharge     Ref[chargeObject] `json:"latest_charge"`
	LastPaymentError *struct{}         `json:"last_payment_error"`
	NextAction       *nextAction       `json:"next_action"`
	Metadata         map[string]string `json:"metadata"`
	Created          seconds           `json:"created"`
}

// nextAction is what a payment waits for (https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action).
type nextAction struct {
	Type string `json:"type"`
}

type chargeObject struct {
	ID             string  `json:"id"`
	Status         string  `json:"status"`
	AmountRefunded int64   `json:"amount_refunded"`
	Disputed       bool    `json:"disputed"`
	Created        seconds `json:"created"`
}

// PaymentIntent returns a payment intent.
func (g *Gateway) PaymentIntent(ctx context.Context, c project.Credentials, id string) (PaymentIntent, error) {
	intent, err := g.intent(ctx, c, id)
	if err != nil {
		return PaymentIntent{}, err
	}
	return intent.paymentIntent(), nil
}

// intent returns a payment intent with its charge.
func (g *Gateway) intent(ctx context.Context, c project.Credentials, id string) (*intentObject, error) {
	path, err := path("/v1/payment_intents/%s", "pi_", id)
	if err != nil {
		return nil, err
	}
	params := &sdk.PaymentIntentParams{}
	params.AddExpand("latest_charge")
	var out intentObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return nil, err
	}
	return &out, g.addCharge(ctx, c, &out)
}

// addCharge fetches the charge of an intent that came with nothing but its id. Stripe expands what it is asked to; what
// stands in for Stripe may not.
func (g *Gateway) addCharge(ctx context.Context, c project.Credentials, o *intentObject) error {
	if o.LatestCharge.Object != nil || o.LatestCharge.ID == "" {
		return nil
	}
	path, err := path("/v1/charges/%s", "", o.LatestCharge.ID)
	if err != nil {
		return err
	}
	var out struct {
		sdk.APIResource
		chargeObject
	}
	err = g.call(ctx, c, http.MethodGet, path, &sdk.ChargeParams{}, "", &out)
	if err == nil {
		o.LatestCharge.Object = &out.chargeObject
	}
	return unlessNotFound(err)
}

// OneTimeSession returns a checkout session in payment mode as a payment intent.
func (g *Gateway) OneTimeSession(ctx context.Context, c project.Credentials, id string) (PaymentIntent, error) {
	path, err := path(sessionPath, "cs_", id)
	if err != nil {
		return PaymentIntent{}, err
	}
	params := &sdk.CheckoutSessionParams{}
	params.AddExpand("payment_intent.latest_charge")
	var out sessionObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return PaymentIntent{}, err
	}
	if out.Mode != string(checkout.ModePayment) {
		return PaymentIntent{}, &Error{Kind: Missing, Code: "resource_missing"}
	}
	if intent := out.PaymentIntent; intent.ID != "" && intent.Object == nil {
		return g.PaymentIntent(ctx, c, intent.ID)
	}
	return out.oneTime(), nil
}

// oneTime returns the payment of a session in payment mode.
func (o *sessionObject) oneTime() PaymentIntent {
	if intent := o.PaymentIntent.Object; intent != nil {
		return intent.paymentIntent()
	}
	return o.paymentIntent()
}

// paymentIntent stands in for the intent that a session without a payment never makes.
func (o *sessionObject) paymentIntent() PaymentIntent {
	p := PaymentIntent{
		ID: o.ID, Status: subscription.PaymentPending, Amount: o.AmountTotal, Currency: o.Currency,
		CustomerID: o.Customer.ID, Metadata: storableMetadata(o.Metadata), CreatedAt: o.Created.time(),
	}
	switch {
	case o.Status == string(checkout.StatusExpired):
		p.Status = subscription.PaymentCanceled
	case o.PaymentStatus == string(sdk.CheckoutSessionPaymentStatusPaid),
		o.PaymentStatus == string(sdk.CheckoutSessionPaymentStatusNoPaymentRequired) && o.Status == string(checkout.StatusComplete):
		p.Status = subscription.PaymentSucceeded
	}
	return p
}

func (o *intentObject) paymentIntent() PaymentIntent {
	p := PaymentIntent{
		ID: o.ID, Amount: o.Amount, Currency: o.Currency, Description: storable(o.Description),
		CustomerID: o.Customer.ID, InvoiceID: o.Invoice.ID, Metadata: storableMetadata(o.Metadata), CreatedAt: o.Created.time(),
	}
	if charge := o.LatestCharge.Object; charge != nil {
		p.AmountRefunded, p.Disputed = charge.AmountRefunded, charge.Disputed
	}
	p.Status = o.status(p.AmountRefunded)
	return p
}

func (o *intentObject) is(status sdk.PaymentIntentStatus) bool { return o.Status == string(status) }

// underWay reports whether the intent may still bring its money without another payment method, or has brought it.
func (o *intentObject) underWay() bool {
	return !o.is(sdk.PaymentIntentStatusRequiresPaymentMethod) && !o.is(sdk.PaymentIntentStatusCanceled)
}

// status maps the intent's status (https://docs.stripe.com/payments/paymentintents/lifecycle).
func (o *intentObject) status(refunded int64) subscription.PaymentStatus {
	switch sdk.PaymentIntentStatus(o.Status) {
	case sdk.PaymentIntentStatusSucceeded:
		switch {
		case refunded >= o.Amount && refunded > 0:
			return subscription.PaymentRefunded
		case refunded > 0:
			return subscription.PaymentPartiallyRefunded
		}
		return subscription.PaymentSucceeded
	case sdk.PaymentIntentStatusCanceled:
		return subscription.PaymentCanceled
	case sdk.PaymentIntentStatusRequiresPaymentMethod:
		if o.LastPaymentError != nil || o.LatestCharge.ID != "" {
			return subscription.PaymentFailed
		}
	case sdk.PaymentIntentStatusProcessing, sdk.PaymentIntentStatusRequiresAction,
		sdk.PaymentIntentStatusRequiresCapture, sdk.PaymentIntentStatusRequiresConfirmation:
	}
	return subscription.PaymentPending
}
