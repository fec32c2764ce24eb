package reconcile

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"

	"github.com/paymount/paymount/internal/parallel"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/refetch"
)

// ours returns the rows that belong to a user, whose customers it makes known to the store, and why it can't be told of
// some.
func (r *run) ours(ctx context.Context, rows []Row) (ours []refetch.Listed, failed map[string]error) {
	var order []string
	customers := map[string][]Row{}
	for _, row := range rows {
		id := cmp.Or(row.Customer.ID, row.ID())
		if customers[id] == nil {
			order = append(order, id)
		}
		customers[id] = append(customers[id], row)
	}
	var failures failures
	var mu sync.Mutex
	parallel.Each(ctx, atOnce, order, func(id string) {
		for _, row := range customers[id] { // one after the other: what is found out for one holds for the next
			switch user, err := r.user(ctx, row.Customer, row.Metadata); {
			case err != nil:
				failures.add(row.ID(), err)
			case user != "":
				mu.Lock()
				ours = append(ours, row.Listed)
				mu.Unlock()
			}
		}
	})
	return ours, failures.all
}

// unclaimed is why it can't be told whose a customer is that only Options.Owner can know.
type unclaimed struct{ error }

func (u unclaimed) Unwrap() error { return u.error }

// user returns whose an object is, empty for nobody's. Where the store does not know the customer yet, it is made known: so
// later events of the customer find the user, and the user's next checkout takes the customer instead of making another.
func (r *run) user(ctx context.Context, customer Customer, metadata map[string]string) (string, error) {
	named := refetch.UserIn(metadata, r.Scope)
	if customer.ID == "" {
		return named, nil
	}
	user, err := r.Store.CustomerOwner(ctx, r.Scope, customer.ID)
	switch {
	case !errors.Is(err, subscription.ErrNotFound):
		return user, err
	case named != "":
		return named, r.claim(ctx, named, customer.ID)
	case r.options.Owner == nil:
		return "", nil
	}
	user, err = r.options.Owner(ctx, customer)
	if err == nil && user != "" {
		err = r.claim(ctx, user, customer.ID)
	}
	if err != nil {
		return "", unclaimed{err}
	}
	return user, nil
}

// again is refetch for an object whose customer Options.Owner has still to be asked about.
func (r *run) again(ctx context.Context, id string) error {
	if r.options.Owner == nil {
		return unclaimed{ErrOwner}
	}
	var customer string
	var metadata map[string]string
	err := patiently(ctx, func() error {
		if strings.HasPrefix(id, "sub_") {
			s, err := r.Stripe.Subscription(ctx, r.Credentials, id)
			customer, metadata = s.CustomerID, s.Metadata
			return err
		}
		i, err := r.Stripe.Invoice(ctx, r.Credentials, id)
		customer, metadata = i.CustomerID, i.Metadata
		return err
	})
	if stripeerr.Is(err, stripeerr.Missing) {
		return nil // gone, and it never was anybody's
	}
	if err != nil {
		return unclaimed{err}
	}
	var c Customer
	err = patiently(ctx, func() (err error) {
		c, err = r.Stripe.Customer(ctx, r.Credentials, customer)
		return err
	})
	if err != nil {
		return unclaimed{err}
	}
	if _, err := r.user(ctx, c, metadata); err != nil {
		return err
	}
	return r.refetch(ctx, id)
}

// claimTries bounds how often a claim gives way to what a user's requests do to the same intent.
const claimTries = 5

// claim makes the user the owner of a customer.
func (r *run) claim(ctx context.Context, userID, customerID string) error {
	const kind = subscription.IntentCustomer
	owner := subscription.Owner{Scope: r.Scope, UserID: userID}
	for range claimTries {
		current, err := r.Store.Intent(ctx, owner, kind)
		if err != nil {
			return err
		}
		if current.ObjectID != "" {
			// The user keeps that one for the next checkout: the other is about the past.
			return r.Store.AdoptCustomer(ctx, owner, customerID)
		}
		next := subscription.Intent{Attempt: rand.Text(), ObjectID: customerID}
		swapped, err := r.Store.SwapIntent(ctx, owner, kind, current.Version, next)
		if err != nil || swapped {
			return err
		}
	}
	return errors.New("reconcile: the user's customer is being changed all the time")
}
