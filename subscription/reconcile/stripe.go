package reconcile

import (
	"context"
	"encoding/json"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/subscription/refetch"
)

// Stripe are the lists that a run walks, 100 rows to a page, newest first, and what it needs of single objects. Errors are
// *stripeerr.Error.
type Stripe interface {
	refetch.Stripe

	// ListSubscriptions returns a page of all subscriptions, ended ones included.
	ListSubscriptions(ctx context.Context, c auth.Credentials, q Query) (Page, error)
	// ListInvoices returns a page of all invoices but drafts.
	ListInvoices(ctx context.Context, c auth.Credentials, q Query) (Page, error)
	// ListPayments returns a page of the one-time payments that checkout sessions have made.
	ListPayments(ctx context.Context, c auth.Credentials, q Query) (Page, error)
	// ListEvents returns a page of all events that were created at a time or later.
	ListEvents(ctx context.Context, c auth.Credentials, since time.Time, after string) (EventPage, error)
}

// Query names a page.
type Query struct {
	// CreatedUntil leaves out what was created later: so the list stays as it is while it is walked.
	CreatedUntil time.Time
	// After is Page.Last of the page before, empty for the first one.
	After string
	// Customers asks for the rows' customers, beyond their ids.
	Customers bool
}

// Page is a page of a list.
type Page struct {
	// Rows are those of its objects that can be ours.
	Rows []refetch.Listed
	// Last is the id of the last object on the page, whatever it is; empty for an empty page. More says that others follow.
	Last string
	More bool
}

// EventPage is a page of the list of events.
type EventPage struct {
	Events []json.RawMessage
	Last   string
	More   bool
}
