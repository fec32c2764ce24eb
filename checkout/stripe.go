package checkout

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/subscription"
)

// Stripe are the calls that checkout needs. Errors are *stripeerr.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// Price returns a price and whether it and its product can be sold.
	Price(ctx context.Context, c auth.Credentials, id string) (Price, error)
	// CreateCustomer creates a customer and returns its id.
	CreateCustomer(ctx context.Context, c auth.Credentials, p CustomerParams, idempotencyKey string) (string, error)
	// FindCustomer returns the customer that was created with p between two times, if there is one, else an empty id.
	FindCustomer(ctx context.Context, c auth.Credentials, p CustomerParams, from, until time.Time) (string, error)
	// DeleteCustomer deletes a customer, for good.
	DeleteCustomer(ctx context.Context, c auth.Credentials, id string) error
	// CreateSession creates a checkout session.
	CreateSession(ctx context.Context, c auth.Credentials, p SessionParams, idempotencyKey string) (Session, error)
	// Session returns a checkout session.
	Session(ctx context.Context, c auth.Credentials, id string) (Session, error)
	// ExpireSession ends an open session. One that is not open any more is refused.
	ExpireSession(ctx context.Context, c auth.Credentials, id string) error
	// OpenSessions returns the open sessions of a customer.
	OpenSessions(ctx context.Context, c auth.Credentials, customerID string) ([]Session, error)
	subscriptionCalls
}

// subscriptionCalls are those about subscriptions that are in the way of another one.
type subscriptionCalls interface {
	// Subscriptions returns the ids of a customer's subscriptions that have not been cancelled.
	Subscriptions(ctx context.Context, c auth.Credentials, customerID string) ([]string, error)
	// FirstPayment returns how the payment of a subscription's latest invoice stands.
	FirstPayment(ctx context.Context, c auth.Credentials, subscriptionID string) (subscription.FirstPayment, error)
	// VoidInvoice takes an open invoice back, so that it can't be paid any more. Any other is refused, and so is one whose
	// payment is being processed.
	VoidInvoice(ctx context.Context, c auth.Credentials, id string) error
	// CancelSubscription ends a subscription now. One that has ended is Missing.
	CancelSubscription(ctx context.Context, c auth.Credentials, id string) error
}

// Price is what has to be known of a price before it is sold.
type Price struct {
	ID string
	// Name is what a person calls it: the product's name, or the price's nickname.
	Name string
	// Active says that the price, and its product, can be sold.
	Active bool
	// Recurring says that the price is for subscriptions; any other is for one-time payments.
	Recurring bool
	// Metered says that the price is billed by use, so that no quantity goes with it.
	Metered bool
}

// CustomerParams are what a new Stripe customer is given.
type CustomerParams struct {
	Email    string            `json:"email,omitempty"`
	Metadata map[string]string `json:"metadata"`
}

// Mode says what a checkout session sells.
type Mode string

// The modes of a checkout session (https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-mode).
const (
	ModeSubscription Mode = "subscription"
	ModePayment      Mode = "payment"
)

// SessionParams are what a checkout session is created with. The JSON form is kept in the intent: a repeated call sends
// the same parameters.
type SessionParams struct {
	Mode    Mode   `json:"mode"`
	PriceID string `json:"price_id"`
	// Quantity is 0 for a metered price, which Stripe takes no quantity for.
	Quantity   int64  `json:"quantity"`
	SuccessURL string `json:"success_url"`
	CancelURL  string `json:"cancel_url"`
	CustomerID string `json:"customer_id"`
	// UserID becomes the client_reference_id, unless it is longer than that may be.
	UserID string `json:"user_id"`
	// Description is put on the payment intent, where people find it among their payments. Payment mode only.
	Description string `json:"description,omitempty"`
	// Metadata is put on the session, and on the subscription or the payment intent that it makes.
	Metadata map[string]string `json:"metadata"`

	Options
}

// equal reports whether p and q make the same call, as they are kept: an empty list and none are the same.
func (p SessionParams) equal(q SessionParams) bool {
	a, errA := json.Marshal(p)
	b, errB := json.Marshal(q)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// Options are what a host can set on a checkout session beyond what its client asks for. The zero value is Stripe's
// default for everything.
type Options struct {
	// TrialDays is the length of a free trial. A user who has had a subscription before gets none, unless it was never paid.
	// Subscription mode only.
	TrialDays int64 `json:"trial_days,omitempty"`
	// AllowPromotionCodes lets people enter a promotion code.
	AllowPromotionCodes bool `json:"allow_promotion_codes,omitempty"`
	// AutomaticTax lets Stripe compute the tax, by an address that it asks for.
	AutomaticTax bool `json:"automatic_tax,omitempty"`
	// RequireBillingAddress makes the billing address required.
	RequireBillingAddress bool `json:"require_billing_address,omitempty"`
	// Locale is the page's language, such as "de"; empty for the browser's.
	Locale string `json:"locale,omitempty"`
	// PaymentMethodTypes lists the payment methods, such as "card"; empty for those set up in Stripe's dashboard.
	PaymentMethodTypes []string `json:"payment_method_types,omitempty"`
	// Embedded makes a page for Stripe's embedded checkout instead of a hosted one: the answer then has a client_secret and
	// an empty checkout_url, and people return to success_url (https://docs.stripe.com/checkout/embedded/quickstart).
	Embedded bool `json:"embedded,omitempty"`
}

// Status is the state of a checkout session.
type Status string

// The states of a checkout session.
const (
	StatusOpen     Status = "open"
	StatusComplete Status = "complete"
	StatusExpired  Status = "expired"
)

// Session is a checkout session at Stripe.
type Session struct {
	ID string `json:"id"`
	// URL is the hosted page; empty once the session is not open any more.
	URL string `json:"url,omitempty"`
	// ClientSecret is for an embedded page.
	ClientSecret  string `json:"client_secret,omitempty"`
	Status        Status `json:"status,omitempty"`
	PaymentStatus string `json:"payment_status,omitempty"`
	Mode          Mode   `json:"mode,omitempty"`
	CustomerID    string `json:"customer_id,omitempty"`
	// SubscriptionID and PaymentIntentID are what a completed session has made.
	SubscriptionID  string `json:"subscription_id,omitempty"`
	PaymentIntentID string `json:"payment_intent_id,omitempty"`
	// AmountTotal is in the currency's smallest unit.
	AmountTotal int64             `json:"amount_total,omitempty"`
	Currency    string            `json:"currency,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	CreatedAt   time.Time         `json:"created_at,omitzero"`
}
