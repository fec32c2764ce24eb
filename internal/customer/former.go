package customer

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// maxFormer is how many former customers of an owner are remembered: each is a call before another one is made.
const maxFormer = 5

// CustomerDeleted lets go of a customer that has been deleted at Stripe: the owner's next purchase makes a new one. It does
// nothing when the owner has another one by now.
func (c *Customers) CustomerDeleted(ctx context.Context, scope project.Scope, id string) error {
	return c.letGo(ctx, scope, id, false)
}

// CustomerUnknown lets go of a customer that Stripe does not know, as CustomerDeleted does. Whether the owner has another one by
// now or not, it is looked for once more before one is made: it is there again if the key was one of another account.
func (c *Customers) CustomerUnknown(ctx context.Context, scope project.Scope, id string) error {
	return c.letGo(ctx, scope, id, true)
}

// letGo lets go of a customer. One that is unknown is remembered. It begins again whenever another writer was faster.
func (c *Customers) letGo(ctx context.Context, scope project.Scope, id string, unknown bool) error {
	user, err := c.Store.CustomerOwner(ctx, scope, id)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for done := false; !done && err == nil; {
		done, err = c.tryLetGo(ctx, subscription.Owner{Scope: scope, ID: user}, id, unknown)
	}
	return err
}

func (c *Customers) tryLetGo(ctx context.Context, owner subscription.Owner, id string, unknown bool) (done bool, err error) {
	current, err := c.Store.Intent(ctx, owner, subscription.IntentCustomer)
	if err != nil {
		return false, err
	}
	about, err := intent.Read[content](current)
	if err != nil {
		return false, err
	}
	remember := unknown && !slices.Contains(about.Former, id)
	if current.ObjectID == id {
		current = subscription.Intent{Version: current.Version, Attempt: intent.NewAttempt()}
		about = content{Over: true, Former: about.Former}
	} else if !remember {
		return true, nil
	}
	if remember {
		about.Former = append(about.Former, id)
		about.Former = about.Former[max(0, len(about.Former)-maxFormer):]
	}
	return c.swap(ctx, owner, &current, about)
}

// Known reports whether Stripe knows a customer, be it deleted. One that it does not know is let go, as CustomerUnknown does it.
func (c *Customers) Known(ctx context.Context, buyer Buyer, id string) (bool, error) {
	_, err := c.Stripe.Customer(ctx, buyer.Credentials, id)
	if stripe.Is(err, stripe.Missing) {
		return false, c.CustomerUnknown(ctx, buyer.Owner.Scope, id)
	}
	return err == nil, err
}

// former returns the latest of the owner's former customers that there still is, once nothing is left open of it; an empty id
// where there is none. It returns those too that Stripe still does not know.
func (c *Customers) former(
	ctx context.Context, buyer Buyer, ids []string, endLeftovers func(context.Context, string) error,
) (known string, unknown []string, err error) {
	for _, id := range slices.Backward(ids) {
		found, err := c.Stripe.Customer(ctx, buyer.Credentials, id)
		switch {
		case stripe.Is(err, stripe.Missing):
			unknown = append(unknown, id)
		case err != nil:
			return "", nil, err
		default:
			if err := endLeftovers(ctx, id); err != nil {
				return "", nil, err
			}
			if !found.Deleted {
				known = cmp.Or(known, id)
			}
		}
	}
	slices.Reverse(unknown)
	return known, unknown, nil
}

// takeBack makes a former customer that Stripe knows again the owner's customer. unknown are those that it still does not know.
// The owner has to be read again: a subscription that was found with the customer may be in the way of the purchase.
func (c *Customers) takeBack(
	ctx context.Context, owner subscription.Owner, current subscription.Intent, id string, unknown []string,
) (Customer, error) {
	next := subscription.Intent{Version: current.Version, Attempt: intent.NewAttempt(), ObjectID: id}
	taken, err := c.swap(ctx, owner, &next, content{Former: unknown})
	return Customer{Made: taken}, err
}
