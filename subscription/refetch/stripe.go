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
	// Invoice returns an invoice.
	Invoice(ctx context.Context, c auth.Credentials, id string) (Invoice, error)
	// InvoiceOf returns the id of the invoice that a payment intent pays, empty where it pays none.
	InvoiceOf(ctx context.Context, c auth.Credentials, intentID string) (string, error)
	// OneTimeSession returns a checkout session in payment mode as a payment intent: one that cost nothing has no other.
	OneTimeSession(ctx context.Context, c auth.Credentials, id string) (PaymentIntent, error)
	// Customer returns a customer; one that has been deleted has nothing but its id.
	Customer(ctx context.Context, c auth.Credentials, id string) (Customer, error)
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

// Invoice is a bill, for a subscription or for something that was sold by hand.
type Invoice struct {
	// ID is in_….
	ID string
	// Draft says that it has not been sent yet: it is not a payment so far.
	Draft  bool
	Status subscription.PaymentStatus
	// Amount and AmountRefunded are in the currency's smallest unit.
	Amount, AmountRefunded int64
	Currency               string
	Description            string
	CustomerID             string
	SubscriptionID         string
	// PaymentIntentID is the one that was paid, or is to be: one of them where there are several.
	PaymentIntentID string
	// Disputed says that one of its payments is or was.
	Disputed bool
	// HostedURL is of the page on which people see and pay it, PDF of the document; both are empty where there is none.
	HostedURL, PDF string
	// Metadata is the subscription's, as it was when the invoice was made.
	Metadata  map[string]string
	CreatedAt time.Time
}
