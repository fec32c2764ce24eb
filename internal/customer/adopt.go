package customer

import (
	"context"

	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/subscription"
)

// Adopt makes owner the owner of a customer that is nobody's. An owner without a customer has this one from then on, for the next
// purchase to take it instead of making another; any other owner keeps the one that is there. It reports false when another
// request was faster, or when the customer is another owner's.
func (c *Customers) Adopt(ctx context.Context, owner subscription.Owner, id string) (adopted bool, err error) {
	current, err := c.Store.Intent(ctx, owner, subscription.IntentCustomer)
	if err != nil {
		return false, err
	}
	next := current
	if current.ObjectID == "" {
		next = subscription.Intent{Attempt: intent.NewAttempt(), ObjectID: id, Data: current.Data}
	}
	return c.Store.AdoptCustomer(ctx, owner, id, current.Version, next)
}
