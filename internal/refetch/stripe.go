package refetch

import (
	"context"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Stripe are the calls that a refetch needs. Errors are *stripe.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// Subscription returns a subscription with everything but its Owner.
	Subscription(ctx context.Context, c project.Credentials, id string) (subscription.Subscription, error)
	// PaymentIntent returns a payment intent.
	PaymentIntent(ctx context.Context, c project.Credentials, id string) (stripe.PaymentIntent, error)
	// Invoice returns an invoice.
	Invoice(ctx context.Context, c project.Credentials, id string) (stripe.Invoice, error)
	// InvoiceOf returns the id of the invoice that a payment intent pays, empty where it pays none.
	InvoiceOf(ctx context.Context, c project.Credentials, intentID string) (string, error)
	// OneTimeSession returns a checkout session in payment mode as a payment intent: one that cost nothing has no other.
	OneTimeSession(ctx context.Context, c project.Credentials, id string) (stripe.PaymentIntent, error)
	// Customer returns a customer; one that has been deleted has nothing but its id.
	Customer(ctx context.Context, c project.Credentials, id string) (stripe.Customer, error)
}
