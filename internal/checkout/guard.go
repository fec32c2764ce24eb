package checkout

import (
	"context"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/subscription"
)

// clearance is what the guard has found out about an owner who may buy.
type clearance struct {
	// newcomer says that the owner has never had a subscription that was paid or trialing, and so no trial.
	newcomer bool
	// unpaid are the incomplete subscriptions, whose first payment never came: they are cancelled before another one is sold.
	unpaid []unpaidSubscription
}

// guard refuses an owner who has a subscription, or whose first payment of one is on its way. Before it does, it looks at
// Stripe: a lost event must not keep an owner out for good.
func (p *purchase) guard(ctx context.Context, subs []subscription.Subscription) (clearance, error) {
	var now []subscription.Subscription
	for _, s := range subs {
		if !p.blocks(s) && !p.abandons(s) {
			now = append(now, s)
			continue
		}
		fresh, err := p.refresh(ctx, p.buyer, s.ID)
		switch {
		case err != nil:
			p.config.Logger.WarnContext(ctx, "a subscription that is in the way could not be refreshed", "error", err)
			now = append(now, s)
		case fresh.Subscription != nil && fresh.Subscription.Owner == p.buyer.Owner:
			now = append(now, *fresh.Subscription)
		}
	}
	return p.judge(ctx, now)
}

// judge says how an owner stands by subscriptions that are up to date.
func (p *purchase) judge(ctx context.Context, subs []subscription.Subscription) (clearance, error) {
	out := clearance{newcomer: true}
	for _, s := range subs {
		if p.blocks(s) {
			return out, subscription.ErrExists
		}
		if s.Status != subscription.StatusIncomplete && s.Status != subscription.StatusIncompleteExpired {
			out.newcomer = false
		}
	}
	for _, s := range subs {
		if !p.abandons(s) {
			continue
		}
		invoice, exists, err := p.unpaidInvoice(ctx, s.ID)
		if err != nil {
			return out, err
		}
		if exists {
			out.unpaid = append(out.unpaid, unpaidSubscription{s, invoice})
		}
	}
	return out, nil
}

// blocks reports whether s keeps its owner from the purchase.
func (p *purchase) blocks(s subscription.Subscription) bool {
	if p.wanted.Mode == checkout.ModePayment && p.config.GuardSubscriptionsOnly {
		return false
	}
	return s.Status.Blocks() && !p.override
}

// abandons reports whether s is to be cancelled before another subscription is sold, if it stays unpaid until then.
func (p *purchase) abandons(s subscription.Subscription) bool {
	return s.Status == subscription.StatusIncomplete && p.wanted.Mode == checkout.ModeSubscription
}

// refresh brings an object into the store as it is at Stripe now, and returns it as it is stored. It is not to be changed.
func (c *Checkout) refresh(ctx context.Context, buyer customer.Buyer, id string) (subscription.Object, error) {
	t := refetch.Target{Scope: buyer.Owner.Scope, Credentials: buyer.Credentials, Object: id}
	object, err := c.config.Refetcher.Refetch(ctx, t)
	return object, refetch.IgnoreHookError(err)
}
