package stripe

import "github.com/paymount/paymount/checkout"

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

// SessionParams are what a checkout session is created with.
type SessionParams struct {
	checkout.SessionParams

	CustomerID string
	// OwnerID becomes the client_reference_id, unless it is longer than that may be.
	OwnerID string
}
