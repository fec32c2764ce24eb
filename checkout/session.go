package checkout

import "time"

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
