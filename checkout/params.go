package checkout

import (
	"context"

	"github.com/paymount/paymount/auth"
)

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

// Customize changes a session before it is made: its options, its metadata, its description. The user's id and project
// in the metadata, the trial's being only for newcomers, and the one customer of the user hold all the same. An
// *httperr.Error that it returns is the answer; any other error answers 503. It can be called several times for one
// request, and should then do the same: a session that differs from the open one takes its place.
type Customize func(ctx context.Context, id auth.Identity, session *SessionParams) error
