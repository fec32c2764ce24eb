package stripe

import (
	"time"

	"github.com/paymount/paymount/subscription"
)

// Reason is why a customer cancels; both fields can be empty
// (https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details).
type Reason struct {
	// Feedback is one of Stripe's words, Comment anything.
	Feedback, Comment string
}

// Ending is the immediate end of a subscription.
type Ending struct {
	SubscriptionID string
	CustomerID     string
	// Credit gives the customer credit for what is left of the period.
	Credit bool
	// BillUsage invoices what metered prices have counted; it would be lost.
	BillUsage bool
	Why       Reason
}

// ItemUpdate is a change of a subscription's item.
type ItemUpdate struct {
	SubscriptionID string `json:"subscription_id"`
	CustomerID     string `json:"customer_id"`
	ItemID         string `json:"item_id"`

	// PriceID is the new price, empty where the present one stays.
	PriceID string `json:"price_id"`
	// Quantity is always set, unless the price is metered: a new price without one would make it 1.
	Quantity int64 `json:"quantity"`
	// Proration is the behaviour, and ProrationDate the time that prorations are computed for; zero for now.
	Proration     subscription.Proration `json:"proration"`
	ProrationDate time.Time              `json:"proration_date"`
}
