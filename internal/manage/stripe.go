package manage

import (
	"context"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// Stripe are the calls that the handlers need. Errors are *stripe.Error. Implementations are safe for concurrent use.
type Stripe interface {
	StripeEndings
	// CreatePortal opens a customer portal session and returns its URL.
	CreatePortal(ctx context.Context, c project.Credentials, customerID, returnURL string) (string, error)
	// CancelAtPeriodEnd schedules a subscription's cancellation, or takes it back when it was scheduled that way.
	CancelAtPeriodEnd(ctx context.Context, c project.Credentials, id string, on bool, why stripe.Reason) error
	// ExplainCancellation keeps the reason for a cancellation that is scheduled already.
	ExplainCancellation(ctx context.Context, c project.Credentials, id string, why stripe.Reason) error
	// ClearCancelAt takes back a cancellation that was scheduled for a date.
	ClearCancelAt(ctx context.Context, c project.Credentials, id string) error
	// UpdateItem changes an item of a subscription. When a payment is due at once and fails, nothing changes and the error
	// is Refused.
	UpdateItem(ctx context.Context, c project.Credentials, u stripe.ItemUpdate) error
	// PreviewItem returns the invoice that UpdateItem would lead to.
	PreviewItem(ctx context.Context, c project.Credentials, u stripe.ItemUpdate) (stripe.Preview, error)
}

// StripeEndings are the calls of an immediate cancellation.
type StripeEndings interface {
	// FirstPayment returns how the payment of an incomplete subscription stands.
	FirstPayment(ctx context.Context, c project.Credentials, id string) (stripe.FirstPayment, error)
	// VoidInvoice takes an open invoice back, so that it can't be paid any more. Any other is refused, and so is one whose
	// payment is being processed.
	VoidInvoice(ctx context.Context, c project.Credentials, id string) error
	// InvoicePending invoices what waits for the next invoice of a subscription, such as prorations, and tries to collect it at
	// once. Whether a payment goes through is not its concern. It does nothing where nothing waits, and can be repeated.
	InvoicePending(ctx context.Context, c project.Credentials, customerID, subscriptionID string) error
	// EndSubscription ends a subscription now. One that has ended already is left as it is. The customer's invoices of other
	// subscriptions go on being collected.
	EndSubscription(ctx context.Context, c project.Credentials, e stripe.Ending) error
	// ResumeCollection finishes what an EndSubscription that was interrupted has left: invoices that are not collected any more.
	ResumeCollection(ctx context.Context, c project.Credentials, customerID string) error
}
