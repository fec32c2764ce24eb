package checkout

import (
	"context"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// Stripe are the calls that checkout needs. Errors are *stripe.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// CreateSession creates a checkout session.
	CreateSession(
		ctx context.Context, c project.Credentials, p stripe.SessionParams, idempotencyKey string,
	) (checkout.Session, error)
	// Session returns a checkout session.
	Session(ctx context.Context, c project.Credentials, id string) (checkout.Session, error)
	// ExpireSession ends an open session. One that is not open any more is refused.
	ExpireSession(ctx context.Context, c project.Credentials, id string) error
	// OpenSessions returns the open sessions of a customer.
	OpenSessions(ctx context.Context, c project.Credentials, customerID string) ([]checkout.Session, error)
	// Subscriptions returns the ids of a customer's subscriptions that have not been cancelled.
	Subscriptions(ctx context.Context, c project.Credentials, customerID string) ([]string, error)
}
