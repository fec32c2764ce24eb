package manage

import (
	"context"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Resume takes a scheduled cancellation back, whichever way it was scheduled. id is as in subscription.Cancellation.
func (m *Manager) Resume(ctx context.Context, buyer customer.Buyer, id string) (subscription.Subscription, error) {
	s, err := m.fresh(ctx, buyer, id)
	if err != nil {
		return subscription.Subscription{}, err
	}
	if err := changeable(s); err != nil {
		return subscription.Subscription{}, err
	}
	if !endIsScheduled(s) {
		return subscription.Subscription{}, conflict("The subscription is not about to end: there is nothing to resume.")
	}
	// A subscription can have both the flag and a date: the second round takes back what is left of the first.
	for range 2 {
		if s.CancelAtPeriodEnd {
			err = m.Stripe.CancelAtPeriodEnd(ctx, buyer.Credentials, s.ID, false, stripe.Reason{})
		} else {
			err = m.Stripe.ClearCancelAt(ctx, buyer.Credentials, s.ID)
		}
		if err != nil {
			return subscription.Subscription{}, m.ended(ctx, buyer, s, err)
		}
		if s, err = m.refetch(ctx, buyer, s.ID); err != nil || !endIsScheduled(s) {
			break
		}
	}
	return s, err
}

// endIsScheduled reports whether s is to end at a time that is known.
func endIsScheduled(s subscription.Subscription) bool {
	return s.CancelAtPeriodEnd || !s.CancelAt.IsZero()
}
