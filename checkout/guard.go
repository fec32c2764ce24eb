package checkout

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/refetch"
)

// guard refuses a user who has a subscription. Before it does, it looks at Stripe: a lost event must not keep a user out
// for good. An incomplete subscription, whose first payment never came, is cancelled instead. It tells whether the user is
// a newcomer, who has never had a subscription.
func (c *Checkout) guard(ctx context.Context, call endpoint.Call, in request) (newcomer bool, err error) {
	subs, err := c.config.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return false, err
	}
	var inTheWay bool
	for _, s := range subs {
		if c.blocks(s, in) || abandoned(s, in) {
			inTheWay = true
			if err := c.refresh(ctx, call, s.ID); err != nil {
				c.config.Logger.WarnContext(ctx, "a subscription that is in the way could not be refreshed", "error", err)
			}
		}
	}
	if !inTheWay {
		return len(subs) == 0, nil
	}
	return false, c.clear(ctx, call, in)
}

// clear looks again at what was in the way, now that it is up to date.
func (c *Checkout) clear(ctx context.Context, call endpoint.Call, in request) error {
	subs, err := c.config.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return err
	}
	for _, s := range subs {
		if c.blocks(s, in) {
			return httperr.New(http.StatusBadRequest, httperr.CodeSubscriptionExists, "You already have a subscription.")
		}
	}
	for _, s := range subs {
		if abandoned(s, in) {
			if err := c.cancel(ctx, call, s.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// blocks reports whether s keeps its user from what in asks for.
func (c *Checkout) blocks(s subscription.Subscription, in request) bool {
	if in.mode == ModePayment && c.config.GuardSubscriptionsOnly {
		return false
	}
	return s.Status.Blocks() && !in.allowExisting
}

// abandoned reports whether s is to be cancelled before another subscription is sold.
func abandoned(s subscription.Subscription, in request) bool {
	return s.Status == subscription.StatusIncomplete && in.mode == ModeSubscription
}

// cancel ends an incomplete subscription at Stripe, and takes note.
func (c *Checkout) cancel(ctx context.Context, call endpoint.Call, id string) error {
	err := c.config.Stripe.CancelSubscription(ctx, call.Credentials, id)
	if err != nil && !stripeerr.Is(err, stripeerr.Missing) {
		return err
	}
	return c.refresh(ctx, call, id)
}

// refresh brings a subscription into the store as it is at Stripe now.
func (c *Checkout) refresh(ctx context.Context, call endpoint.Call, id string) error {
	t := refetch.Target{Scope: call.Owner.Scope, Credentials: call.Credentials, Object: id}
	return refetch.Stored(c.config.Refetcher.Refetch(ctx, t))
}
