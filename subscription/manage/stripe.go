package manage

import (
	"context"
	"time"

	"github.com/paymount/paymount/auth"
)

// Stripe are the calls that the handlers need. Errors are *stripeerr.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// CreatePortal opens a customer portal session and returns its URL.
	CreatePortal(ctx context.Context, c auth.Credentials, customerID, returnURL string) (string, error)
	// CancelSubscription ends a subscription now. One that has ended is Missing.
	CancelSubscription(ctx context.Context, c auth.Credentials, id string) error
	// CancelAtPeriodEnd schedules a subscription's cancellation, or takes it back when it was scheduled that way.
	CancelAtPeriodEnd(ctx context.Context, c auth.Credentials, id string, on bool) error
	// ClearCancelAt takes back a cancellation that was scheduled for a date.
	ClearCancelAt(ctx context.Context, c auth.Credentials, id string) error
	// UpdateItem changes an item of a subscription. When a payment is due at once and fails, nothing changes and the error
	// is Refused.
	UpdateItem(ctx context.Context, c auth.Credentials, u ItemUpdate) error
	// PreviewItem returns the invoice that UpdateItem would lead to.
	PreviewItem(ctx context.Context, c auth.Credentials, u ItemUpdate) (Preview, error)
}

// Proration says how a change within a period is charged
// (https://docs.stripe.com/billing/subscriptions/prorations#control-proration-behavior).
type Proration string

// The proration behaviours.
const (
	CreateProrations Proration = "create_prorations"
	ProrationNone    Proration = "none"
	AlwaysInvoice    Proration = "always_invoice"
)

// Valid reports whether p is one of the behaviours.
func (p Proration) Valid() bool {
	return p == CreateProrations || p == ProrationNone || p == AlwaysInvoice
}

// ItemUpdate is a change of a subscription's item. All fields but ProrationDate are always sent: an item without its id
// would be added, and one without its quantity would go back to 1.
type ItemUpdate struct {
	SubscriptionID string `json:"subscription_id"`
	CustomerID     string `json:"customer_id"`
	ItemID         string `json:"item_id"`

	PriceID  string `json:"price_id"`
	Quantity int64  `json:"quantity"`
	// Proration is the behaviour, and ProrationDate the time that prorations are computed for; zero for now.
	Proration     Proration `json:"proration"`
	ProrationDate time.Time `json:"proration_date"`
}

// Preview is an invoice to come. Amounts are in the currency's smallest unit.
type Preview struct {
	AmountDue int64
	Currency  string
	Lines     []PreviewLine
}

// PreviewLine is a line of a Preview; credits are negative.
type PreviewLine struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount_cents"`
}
