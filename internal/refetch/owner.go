package refetch

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymount/paymount/internal/guard"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// naming is what tells whose an object is.
type naming struct {
	customerID string
	// customer is the customer where a list has shown it, else nil.
	customer *stripe.Customer
	metadata map[string]string
	// adopt makes a user whom the metadata names the owner of the customer, as one whom the hook names always is.
	adopt bool
}

// owner finds out whose an object is: the user for whom its customer was made; else the one whom its metadata names; else the
// one whom the host's hook names, who has the customer from then on. The user is empty for nobody.
func (r *Refetcher) owner(ctx context.Context, t Target, n naming) (subscription.Owner, error) {
	owner := subscription.Owner{Scope: t.Scope}
	var err error
	if n.customerID != "" {
		owner.ID, err = r.customerOwner(ctx, customer{t.Scope, n.customerID})
		if !errors.Is(err, subscription.ErrNotFound) {
			return owner, err
		}
	}
	err = nil
	owner.ID = subscription.OwnerIn(n.metadata, t.Scope)
	if owner.ID == "" && r.config.Owner != nil {
		owner.ID, err = r.ask(ctx, t, n)
		n.adopt = true
	}
	if err != nil || owner.ID == "" || n.customerID == "" || !n.adopt {
		return owner, err
	}
	owner.ID, err = r.adopt(ctx, owner, n.customerID)
	return owner, err
}

func (r *Refetcher) customerOwner(ctx context.Context, c customer) (string, error) {
	if user, ok := r.owners.Get(c); ok {
		return user, nil
	}
	user, err := r.config.Store.CustomerOwner(ctx, c.scope, c.id)
	if err == nil {
		r.owners.Add(c, user)
	}
	return user, err
}

// ask asks the host's hook. Only then is the customer fetched, unless a list has shown it.
func (r *Refetcher) ask(ctx context.Context, t Target, n naming) (userID string, err error) {
	c := stripe.Customer{ID: n.customerID}
	switch {
	case n.customer != nil:
		c = *n.customer
	case n.customerID != "":
		c, err = r.config.Stripe.Customer(ctx, t.Credentials, n.customerID)
		if err != nil && !stripe.Is(err, stripe.Missing) {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	userID, err = guard.Call("the Owner hook", func() (string, error) {
		return r.config.Owner(ctx, subscription.Found{
			Scope: t.Scope, ObjectID: t.Object, CustomerID: n.customerID,
			Email: c.Email, Name: c.Name, CustomerMetadata: c.Metadata, Metadata: n.metadata,
		})
	})
	if err != nil {
		return "", fmt.Errorf("refetch: the Owner hook failed: %w", err)
	}
	return userID, nil
}

// adoptTries bounds how often an adoption gives way to what the user's requests do to the same intent.
const adoptTries = 10

// adopt makes owner the owner of a customer that is nobody's, for the user's next checkout to take it instead of making
// another. It returns whose the customer is then.
func (r *Refetcher) adopt(ctx context.Context, owner subscription.Owner, customerID string) (userID string, err error) {
	for range adoptTries {
		userID, err := r.customerOwner(ctx, customer{owner.Scope, customerID})
		if !errors.Is(err, subscription.ErrNotFound) {
			return userID, err // somebody else can have been faster
		}
		adopted, err := r.config.Customers.Adopt(ctx, owner, customerID)
		if err != nil {
			return "", err
		}
		if adopted {
			return owner.ID, nil
		}
	}
	return "", errors.New("refetch: the user's customer is being changed all the time")
}
