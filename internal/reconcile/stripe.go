package reconcile

import (
	"context"
	"time"

	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// Stripe are the lists that a run walks, 100 rows to a page, newest first, and what it needs of single objects. Errors are
// *stripe.Error.
type Stripe interface {
	refetch.Stripe

	// ListSubscriptions returns a page of all subscriptions, ended ones included.
	ListSubscriptions(ctx context.Context, c project.Credentials, q stripe.Query) (stripe.Page, error)
	// ListInvoices returns a page of all invoices but drafts.
	ListInvoices(ctx context.Context, c project.Credentials, q stripe.Query) (stripe.Page, error)
	// ListPayments returns a page of the one-time payments that checkout sessions have made.
	ListPayments(ctx context.Context, c project.Credentials, q stripe.Query) (stripe.Page, error)
	// ListEvents returns a page of all events that were created at a time or later.
	ListEvents(ctx context.Context, c project.Credentials, since time.Time, after string) (stripe.EventPage, error)
}
