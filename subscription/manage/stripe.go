package manage

import (
	"context"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/subscription"
)

// Stripe are the calls that the handlers need. Errors are *stripeerr.Error. Implementations are safe for concurrent use.
type Stripe interface {
	StripeEndings
	// CreatePortal opens a customer portal session and returns its URL.
	CreatePortal(ctx context.Context, c auth.Credentials, customerID, returnURL string) (string, error)
	// CancelAtPeriodEnd schedules a subscription's cancellation, or takes it back when it was scheduled that way.
	CancelAtPeriodEnd(ctx context.Context, c auth.Credentials, id string, on bool, why Reason) error
	// ExplainCancellation keeps the reason for a cancellation that is scheduled already.
	ExplainCancellation(ctx context.Context, c auth.Credentials, id string, why Reason) error
	// ClearCancelAt takes back a cancellation that was scheduled for a date.
	ClearCancelAt(ctx context.Context, c auth.Credentials, id string) error
	// UpdateItem changes an item of a subscription. When a payment is due at once and fails, nothing changes and the error
	// is Refused.
	UpdateItem(ctx context.Context, c auth.Credentials, u ItemUpdate) error
	// PreviewItem returns the invoice that UpdateItem would lead to.
	PreviewItem(ctx context.Context, c auth.Credentials, u ItemUpdate) (Preview, error)
}

// StripeEndings are the calls of an immediate cancellation.
type StripeEndings interface {
	// FirstPayment returns how the payment of an incomplete subscription stands.
	FirstPayment(ctx context.Context, c auth.Credentials, id string) (subscription.FirstPayment, error)
	// VoidInvoice takes an open invoice back, so that it can't be paid any more. Any other is refused, and so is one whose
	// payment is being processed.
	VoidInvoice(ctx context.Context, c auth.Credentials, id string) error
	// InvoicePending invoices what waits for the next invoice of a subscription, such as prorations, and tries to collect it at
	// once. Whether a payment goes through is not its concern. It does nothing where nothing waits, and can be repeated.
	InvoicePending(ctx context.Context, c auth.Credentials, customerID, subscriptionID string) error
	// EndSubscription ends a subscription now. One that has ended already is left as it is. The customer's invoices of other
	// subscriptions go on being collected.
	EndSubscription(ctx context.Context, c auth.Credentials, e Ending) error
	// ResumeCollection finishes what an EndSubscription that was interrupted has left: invoices that are not collected any more.
	ResumeCollection(ctx context.Context, c auth.Credentials, customerID string) error
}

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
