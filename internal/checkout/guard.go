package checkout

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/subscription"
)

// standing is what the guard has found out about a user who may buy.
type standing struct {
	// newcomer says that the user has never had a subscription that was paid or trialing, and so no trial.
	newcomer bool
	// unpaid are the incomplete subscriptions, whose first payment never came: they are cancelled before another one is sold.
	unpaid []unpaid
}

// guard refuses a user who has a subscription, or whose first payment of one is on its way. Before it does, it looks at
// Stripe: a lost event must not keep a user out for good.
func (c *Checkout) guard(ctx context.Context, call customer.Buyer, in request) (standing, error) {
	subs, err := c.config.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return standing{}, err
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
	if inTheWay {
		if subs, err = c.config.Store.Subscriptions(ctx, call.Owner); err != nil {
			return standing{}, err
		}
	}
	return c.judge(ctx, call, in, subs)
}

// judge says how a user stands by subscriptions that are up to date.
func (c *Checkout) judge(
	ctx context.Context, call customer.Buyer, in request, subs []subscription.Subscription,
) (standing, error) {
	out := standing{newcomer: true}
	for _, s := range subs {
		if c.blocks(s, in) {
			return out, subscriptionExists()
		}
		if s.Status != subscription.StatusIncomplete && s.Status != subscription.StatusIncompleteExpired {
			out.newcomer = false
		}
	}
	for _, s := range subs {
		if !abandoned(s, in) {
			continue
		}
		invoice, err := c.unpaidInvoice(ctx, call, s.ID)
		if err != nil {
			return out, err
		}
		out.unpaid = append(out.unpaid, unpaid{subscription: s.ID, invoice: invoice})
	}
	return out, nil
}

func subscriptionExists() *httperr.Error {
	return httperr.New(http.StatusBadRequest, httperr.CodeSubscriptionExists, "You already have a subscription.")
}

// blocks reports whether s keeps its user from what in asks for.
func (c *Checkout) blocks(s subscription.Subscription, in request) bool {
	if in.mode == checkout.ModePayment && c.config.GuardSubscriptionsOnly {
		return false
	}
	return s.Status.Blocks() && !in.allowExisting
}

// abandoned reports whether s is to be cancelled before another subscription is sold, if it stays unpaid until then.
func abandoned(s subscription.Subscription, in request) bool {
	return s.Status == subscription.StatusIncomplete && in.mode == checkout.ModeSubscription
}

// refresh brings an object into the store as it is at Stripe now.
func (c *Checkout) refresh(ctx context.Context, call customer.Buyer, id string) error {
	t := refetch.Target{Scope: call.Owner.Scope, Credentials: call.Credentials, Object: id}
	return refetch.Stored(c.config.Refetcher.Refetch(ctx, t))
}
