package event

import (
	"context"
	"errors"

	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) (subscription.Object, error)
}

// Ends hear what has ended at Stripe of what the app has begun there. Both are required.
type Ends struct {
	Sessions  Sessions
	Customers Customers
}

// Sessions hear of checkout sessions. Repeated calls do no harm.
type Sessions interface {
	// SessionEnded says that a customer's checkout session is not open any more.
	SessionEnded(ctx context.Context, scope project.Scope, customerID, sessionID string) error
}

// Customers hear of customers. Repeated calls do no harm.
type Customers interface {
	// CustomerDeleted says that a customer does not exist any more.
	CustomerDeleted(ctx context.Context, scope project.Scope, customerID string) error
}

// Prices hear of prices.
type Prices interface {
	// PricesChanged says that a price is not what it was, or with an empty id that any of the scope's may not be.
	PricesChanged(scope project.Scope, priceID string)
}

// Invoices hear of subscriptions that have ended. Repeated calls do no harm.
type Invoices interface {
	// ResumeCollection resumes the collection of a customer's other invoices, which the end of a subscription has stopped. The
	// process that ended it may have died before it could.
	ResumeCollection(ctx context.Context, c project.Credentials, customerID, subscriptionID string) error
}

// Dispatcher deals with Stripe's events. Every field is required. It is safe for concurrent use.
type Dispatcher struct {
	Ends

	Store     subscription.SubscriptionStore
	Refetcher Refetcher
	Prices    Prices
	Invoices  Invoices
}

// Dispatch deals with a verified event. An error means that Stripe has to deliver it again.
func (d *Dispatcher) Dispatch(ctx context.Context, t refetch.Target, e stripe.Event) error {
	if e.Type == "customer.deleted" {
		return d.customerDeleted(ctx, t, e)
	}
	if id, ok := pricesChanged(e); ok {
		d.Prices.PricesChanged(t.Scope, id)
		return nil
	}
	for _, t.Object = range changed(e) {
		if !refetch.Tracks(t.Object) {
			continue
		}
		if _, err := d.Refetcher.Refetch(ctx, t, e.ID); err != nil {
			return err
		}
	}
	switch {
	case subscriptionEnded(e):
		return d.Invoices.ResumeCollection(ctx, t.Credentials, e.Object.Customer, e.Object.ID)
	case sessionEnded(e):
		// After the refetch: whoever finds the session ended must find its subscription too.
		return d.Sessions.SessionEnded(ctx, t.Scope, e.Object.Customer, e.Object.ID)
	}
	return nil
}

// customerDeleted brings the subscriptions of a deleted customer up to date, which Stripe has ended with it.
func (d *Dispatcher) customerDeleted(ctx context.Context, t refetch.Target, e stripe.Event) error {
	customer := e.Object.ID
	user, err := d.Store.CustomerOwner(ctx, t.Scope, customer)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	subs, err := d.Store.Subscriptions(ctx, subscription.Owner{Scope: t.Scope, ID: user})
	if err != nil {
		return err
	}
	for _, s := range subs {
		if s.CustomerID != customer || s.Status.Ended() {
			continue
		}
		t.Object = s.ID
		if _, err := d.Refetcher.Refetch(ctx, t, e.ID); err != nil {
			return err
		}
	}
	return d.Customers.CustomerDeleted(ctx, t.Scope, customer)
}
