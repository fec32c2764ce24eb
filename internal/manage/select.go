package manage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/subscription"
)

// subscriptionID reads the field that names one of the user's subscriptions; it is empty when it is not there.
func subscriptionID(f *api.Form) string {
	return f.OptionalString("subscription_id")
}

// fresh returns the subscription that a request is about as it is at Stripe now: see find.
func (c Config) fresh(ctx context.Context, call customer.Buyer, id string) (subscription.Subscription, error) {
	known, err := c.find(ctx, call, id)
	if err != nil {
		return known, err
	}
	if err := c.refresh(ctx, call, known.ID); err != nil {
		return known, err
	}
	return c.find(ctx, call, id)
}

// find returns one of the user's subscriptions from the store: the one that id names, by Stripe's id or by ours, ended or
// not; for an empty id the only one that has not ended.
func (c Config) find(ctx context.Context, call customer.Buyer, id string) (subscription.Subscription, error) {
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return subscription.Subscription{}, err
	}
	if id != "" {
		for _, s := range subs {
			if s.ID == id || strings.EqualFold(s.Owner.UUID(s.ID), id) {
				return s, nil
			}
		}
		return subscription.Subscription{}, httperr.NotFound("There is no such subscription.")
	}
	switch open := subscription.Ranked(subs); len(open) {
	case 0:
		return subscription.Subscription{}, httperr.NotFound("You have no subscription.")
	case 1:
		return open[0], nil
	}
	return subscription.Subscription{}, httperr.New(http.StatusConflict, httperr.CodeSeveralSubscriptions,
		"You have several subscriptions. Say which one by its subscription_id.")
}

// firstPaymentTime is how long Stripe waits for the first payment of a subscription
// (https://docs.stripe.com/api/subscriptions/object#subscription_object-status).
const firstPaymentTime = 23 * time.Hour

// givenUp reports whether it was Stripe that ended a subscription, because it was never paid. Its canceled_at is set all the
// same, as it is when somebody cancels one (https://github.com/pay-rails/pay/issues/91): only the time tells them apart.
func givenUp(s subscription.Subscription) bool {
	return s.Status == subscription.StatusIncompleteExpired && s.EndedAt.Sub(s.CreatedAt) >= firstPaymentTime
}

// lastEnded returns the subscription that ended last of those that somebody has cancelled; it fails with none when there is
// none. One that Stripe gave up is nobody's cancellation.
func (c Config) lastEnded(ctx context.Context, call customer.Buyer, none error) (last subscription.Subscription, err error) {
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return last, err
	}
	for _, s := range subs {
		if s.Status.Ended() && !s.CanceledAt.IsZero() && !givenUp(s) && !s.EndedAt.Before(last.EndedAt) {
			last = s
		}
	}
	if last.ID == "" {
		return last, none
	}
	return last, nil
}

// refresh brings a subscription into the store as it is at Stripe now.
func (c Config) refresh(ctx context.Context, call customer.Buyer, id string) error {
	t := refetch.Target{Scope: call.Owner.Scope, Credentials: call.Credentials, Object: id}
	return refetch.Stored(c.Refetcher.Refetch(ctx, t))
}

// after brings a subscription that was just changed into the store, and returns it.
func (c Config) after(ctx context.Context, call customer.Buyer, id string) (subscription.Subscription, error) {
	if err := c.refresh(ctx, call, id); err != nil {
		return subscription.Subscription{}, err
	}
	return c.find(ctx, call, id)
}

// changeable refuses a subscription that can't be changed from here.
func changeable(s subscription.Subscription) error {
	switch {
	case s.Status.Ended():
		return conflict("The subscription has ended.")
	case s.ScheduleID != "":
		return conflict("The subscription follows a schedule. It can't be changed here.")
	}
	return nil
}

func conflict(detail string) error {
	return httperr.New(http.StatusConflict, httperr.CodeConflict, detail)
}
