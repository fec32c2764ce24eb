package refetch

import (
	"context"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/subscription"
)

// Stripe are the calls that a refetch needs. Errors are *stripeerr.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// Subscription returns a subscription with everything but its Owner.
	Subscription(ctx context.Context, c auth.Credentials, id string) (subscription.Subscription, error)
	// PaymentIntent returns a payment intent.
	PaymentIntent(ctx context.Context, c auth.Credentials, id string) (PaymentIntent, error)
	// OneTimeSession returns a checkout session in payment mode as a payment intent: one that cost nothing has no other.
	OneTimeSession(ctx context.Context, c auth.Credentials, id string) (PaymentIntent, error)
}

// PaymentIntent is one attempt to be paid.
type PaymentIntent struct {
	// ID is pi_…, or cs_… for a session that cost nothing.
	ID     string
	Status subscription.PaymentStatus
	// Amount and AmountRefunded are in the currency's smallest unit.
	Amount, AmountRefunded int64
	Currency               string
	Description            string
	CustomerID             string
	// InvoiceID is set when the money is for an invoice: then the invoice is the payment, not this.
	InvoiceID string
	Disputed  bool
	Metadata  map[string]string
	CreatedAt time.Time
}
