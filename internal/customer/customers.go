package customer

import (
	"context"
	"errors"
	"time"

	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// repeatable is how long the call for a customer is repeated. It is shorter than intent.KeyLife, for it bounds the time in
	// which a customer is looked for whose id has been lost.
	repeatable = 2 * time.Hour
	// clockSkew is how far our clock may be from Stripe's: with more, no webhook verifies.
	clockSkew = 5 * time.Minute
)

// Stripe are the calls that Customers need. Errors are *stripe.Error. Implementations are safe for concurrent use.
type Stripe interface {
	// CreateCustomer creates a customer and returns its id.
	CreateCustomer(ctx context.Context, c project.Credentials, p stripe.CustomerParams, idempotencyKey string) (string, error)
	// Customer returns a customer, deleted ones included.
	Customer(ctx context.Context, c project.Credentials, id string) (stripe.Customer, error)
	// FindCustomer returns the customer that was created with p between two times, if there is one, else an empty id.
	FindCustomer(ctx context.Context, c project.Credentials, p stripe.CustomerParams, from, until time.Time) (string, error)
	// DeleteCustomer deletes a customer, for good.
	DeleteCustomer(ctx context.Context, c project.Credentials, id string) error
}

// Customers makes the customers at Stripe, one for each owner, and lets go of them. Every field is required. It is safe for
// concurrent use.
type Customers struct {
	Store  subscription.SubscriptionStore
	Stripe Stripe
	Now    func() time.Time
}

// content is that of a customer's intent.
type content struct {
	Params    stripe.CustomerParams `json:"params"`
	CreatedAt time.Time             `json:"created_at"`
	// Over says that the attempt must not be repeated; the owner has no customer.
	Over bool `json:"over,omitempty"`
	// Suspect says that the attempt may have created a customer all the same.
	Suspect bool `json:"suspect,omitempty"`
	// BadEmail says that Stripe did not accept the user's address.
	BadEmail bool `json:"bad_email,omitempty"`
	// Former are customers of the owner that Stripe did not know. With the key of another account it knows none of ours, so they
	// are looked for once more before another one is made.
	Former []string `json:"former,omitempty"`
}

// Customer is what Ensure has come to.
type Customer struct {
	// ID is empty when the intent was out of date, because another request was faster, or is so now: read the owner again, and
	// look at what is in the way of a purchase.
	ID string
	// Made says that this call has created a customer at Stripe, be it another one than ID, or has found one again.
	Made bool
}

// Ensure returns the owner's customer, and makes it when there is none yet. current is the owner's customer intent as it was
// read. A former customer that Stripe knows again is taken, once endLeftovers has ended what is still open of it; the ID is empty
// then. A failure of Stripe is an *stripe.Error; any other error is the store's, or that of endLeftovers.
func (c *Customers) Ensure(
	ctx context.Context, buyer Buyer, current subscription.Intent, endLeftovers func(ctx context.Context, customerID string) error,
) (Customer, error) {
	if current.ObjectID != "" {
		return Customer{ID: current.ObjectID}, nil
	}
	about, err := intent.Read[content](current)
	if err != nil {
		return Customer{}, err
	}
	if len(about.Former) > 0 {
		var known string
		if known, about.Former, err = c.former(ctx, buyer, about.Former, endLeftovers); err != nil {
			return Customer{}, err
		}
		if known != "" {
			return c.takeBack(ctx, buyer.Owner, current, known, about.Former)
		}
	}
	if current.Attempt == "" || about.Over || c.Now().Sub(about.CreatedAt) > repeatable {
		var begun bool
		current, about, begun, err = c.begin(ctx, buyer, current, about)
		if err != nil || !begun || current.ObjectID != "" {
			return Customer{ID: current.ObjectID, Made: begun}, err
		}
	}
	id, err := c.Stripe.CreateCustomer(ctx, buyer.Credentials, about.Params, current.Attempt)
	if err != nil {
		return Customer{}, c.failed(ctx, buyer, current, about, err)
	}
	current.ObjectID = id
	kept, err := c.swap(ctx, buyer.Owner, &current, about)
	switch {
	case err != nil:
		return Customer{Made: true}, err
	case !kept:
		return Customer{Made: true}, c.endSurplus(ctx, buyer, id)
	}
	return Customer{ID: id, Made: true}, nil
}

// begin begins a new attempt in place of the one that is over. When that one may have left a customer behind, the customer is
// taken instead. It reports false when another request was faster.
func (c *Customers) begin(
	ctx context.Context, buyer Buyer, before subscription.Intent, was content,
) (next subscription.Intent, about content, begun bool, err error) {
	next = subscription.Intent{Version: before.Version, Attempt: intent.NewAttempt()}
	about = content{
		Params:    stripe.CustomerParams{Email: buyer.Identity.Email, Metadata: buyer.Metadata(nil)},
		CreatedAt: c.Now().UTC(), Former: was.Former,
	}
	if was.BadEmail {
		about.Params.Email = ""
	}
	if before.Attempt != "" && (was.Suspect || !was.Over) {
		// The last call may have begun when its time was nearly over.
		from, until := was.CreatedAt.Add(-clockSkew), was.CreatedAt.Add(repeatable+2*clockSkew)
		next.ObjectID, err = c.Stripe.FindCustomer(ctx, buyer.Credentials, was.Params, from, until)
		if err != nil {
			return subscription.Intent{}, about, false, err
		}
	}
	begun, err = c.swap(ctx, buyer.Owner, &next, about)
	if err != nil || !begun {
		return subscription.Intent{}, about, false, err
	}
	return next, about, true, nil
}

// failed ends an attempt that Stripe has answered with err, for the next request to begin another one. It returns nil when the
// intent is to be read again: when it was the email address that Stripe did not accept, for the next attempt goes without, and
// when another request was faster.
func (c *Customers) failed(ctx context.Context, buyer Buyer, current subscription.Intent, about content, err error) error {
	if !stripe.Answered(err) {
		return err
	}
	var e *stripe.Error
	about.BadEmail = errors.As(err, &e) && e.Param == "email" && about.Params.Email != ""
	about.Over, about.Suspect = true, stripe.MayHaveActed(err)
	switch swapped, swapErr := c.swap(ctx, buyer.Owner, &current, about); {
	case swapErr != nil:
		return errors.Join(err, swapErr)
	case !swapped, about.BadEmail:
		return nil
	}
	return err
}

// endSurplus deletes a customer that has been made too late: another request has given up the attempt meanwhile, and found
// nothing left of it. One that the store knows has been written down by a request that repeated the call.
func (c *Customers) endSurplus(ctx context.Context, buyer Buyer, id string) error {
	_, err := c.Store.CustomerOwner(ctx, buyer.Owner.Scope, id)
	if errors.Is(err, subscription.ErrNotFound) {
		err = c.Stripe.DeleteCustomer(ctx, buyer.Credentials, id)
	}
	if stripe.Is(err, stripe.Missing) {
		return nil
	}
	return err
}

func (c *Customers) swap(
	ctx context.Context, owner subscription.Owner, next *subscription.Intent, about content,
) (swapped bool, err error) {
	return intent.Swap(ctx, c.Store, owner, subscription.IntentCustomer, next, about)
}
