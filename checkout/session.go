package checkout

import (
	"time"

	"github.com/paymount/paymount/subscription"
)

// Status is the state of a checkout session.
type Status string

// The states of a checkout session
// (https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-status).
const (
	StatusOpen     Status = "open"
	StatusComplete Status = "complete"
	StatusExpired  Status = "expired"
)

// Session is a checkout session at Stripe.
type Session struct {
	// ID is cs_….
	ID string
	// URL is the hosted page, where people pay; empty once the session is not open any more, and for an embedded page.
	URL string
	// ClientSecret is for an embedded page, else empty.
	ClientSecret string
	Status       Status
	// PaymentStatus is paid, unpaid or no_payment_required.
	PaymentStatus string
	Mode          Mode
	CustomerID    string
	// SubscriptionID and PaymentIntentID are what a completed session has made.
	SubscriptionID  string
	PaymentIntentID string
	// AmountTotal is in the currency's smallest unit.
	AmountTotal int64
	// Currency is the three-letter ISO code in lower case.
	Currency  string
	Metadata  map[string]string
	CreatedAt time.Time
}

// Outcome is how a session stands, and what has come of it.
type Outcome struct {
	Session

	// Subscription is the one that the session has made, as it is at Stripe; nil for a session that has made none.
	Subscription *subscription.Subscription
}
