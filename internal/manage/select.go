package manage

import (
	"context"
	"strings"
	"time"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// fresh returns the subscription that a request is about, see find, as it is at Stripe now.
func (m *Manager) fresh(ctx context.Context, buyer customer.Buyer, id string) (subscription.Subscription, error) {
	known, err := m.find(ctx, buyer, id)
	if err != nil {
		return known, err
	}
	s, err := m.refetch(ctx, buyer, known.ID)
	if err == nil && id == "" && s.Status.Ended() {
		return s, subscription.ErrNone
	}
	return s, err
}

// find returns one of the owner's subscriptions from the store: the one that id names, by Stripe's id or by ours, ended or
// not; for an empty id the only one that has not ended.
func (m *Manager) find(ctx context.Context, buyer customer.Buyer, id string) (subscription.Subscription, error) {
	subs, err := m.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return subscription.Subscription{}, err
	}
	if id != "" {
		for _, s := range subs {
			if s.ID == id || strings.EqualFold(s.Owner.UUID(s.ID), id) {
				return s, nil
			}
		}
		return subscription.Subscription{}, noSuch()
	}
	switch open := subscription.Ranked(subs); len(open) {
	case 0:
		return subscription.Subscription{}, subscription.ErrNone
	case 1:
		return open[0], nil
	}
	return subscription.Subscription{}, subscription.ErrSeveral
}

// firstPaymentTime is how long Stripe waits for the first payment of a subscription
// (https://docs.stripe.com/api/subscriptions/object#subscription_object-status).
const firstPaymentTime = 23 * time.Hour

// givenUp reports whether it was Stripe that ended a subscription, because it was never paid. Its canceled_at is set all the
// same, as it is when somebody cancels one (https://github.com/pay-rails/pay/issues/91): only the time tells them apart.
func givenUp(s subscription.Subscription) bool {
	return s.Status == subscription.StatusIncompleteExpired && s.EndedAt.Sub(s.CreatedAt) >= firstPaymentTime
}

// lastCanceled returns the subscription that ended last of those that somebody has cancelled; ErrNone when there is none. One
// that Stripe gave up is nobody's cancellation.
func (m *Manager) lastCanceled(ctx context.Context, buyer customer.Buyer) (last subscription.Subscription, err error) {
	subs, err := m.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return last, err
	}
	for _, s := range subs {
		if s.Status.Ended() && !s.CanceledAt.IsZero() && !givenUp(s) && !s.EndedAt.Before(last.EndedAt) {
			last = s
		}
	}
	if last.ID == "" {
		return last, subscription.ErrNone
	}
	return last, nil
}

// refetch brings a subscription into the store as it is at Stripe now, and returns it. It may have turned out to be another
// owner's.
func (m *Manager) refetch(ctx context.Context, buyer customer.Buyer, id string) (subscription.Subscription, error) {
	t := refetch.Target{Scope: buyer.Owner.Scope, Credentials: buyer.Credentials, Object: id}
	object, err := m.Refetcher.Refetch(ctx, t)
	if err := refetch.IgnoreHookError(err); err != nil {
		return subscription.Subscription{}, err
	}
	if s := object.Subscription; s != nil && s.Owner == buyer.Owner {
		return s.Clone(), nil
	}
	return subscription.Subscription{}, noSuch()
}

// ended returns hasEnded if err says that Stripe does not know s any more, as test data can be deleted while a request is under
// way, once the store knows of the end too. Any other error it returns as it is.
func (m *Manager) ended(ctx context.Context, buyer customer.Buyer, s subscription.Subscription, err error) error {
	if !stripe.Is(err, stripe.Missing) {
		return err
	}
	fresh, refetchErr := m.refetch(ctx, buyer, s.ID)
	switch {
	case refetchErr != nil:
		return refetchErr
	case !fresh.Status.Ended(): // it was something else that Stripe did not know
		return err
	}
	return hasEnded()
}

// changeable refuses a subscription that can't be changed from here.
func changeable(s subscription.Subscription) error {
	switch {
	case s.Status.Ended():
		return hasEnded()
	case s.ScheduleID != "":
		return conflict("The subscription follows a schedule. It can't be changed here.")
	}
	return nil
}

func noSuch() error { return subscription.ErrNone.Because("There is no such subscription.") }

func hasEnded() error { return conflict("The subscription has ended.") }

func conflict(message string) error { return subscription.ErrConflict.Because(message) }
