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
	var refreshed bool
	for _, s := range subs {
		if p.blocks(s) || p.abandons(s) {
			refreshed = true
			if err := p.refresh(ctx, p.buyer, s.ID); err != nil {
				p.config.Logger.WarnContext(ctx, "a subscription that is in the way could not be refreshed", "error", err)
			}
		}
	}
	if refreshed {
		var err error
		if subs, err = p.config.Store.Subscriptions(ctx, p.buyer.Owner); err != nil {
			return clearance{}, err
		}
	}
	return p.judge(ctx, subs)
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
		invoice, err := p.unpaidInvoice(ctx, s.ID)
		if err != nil {
			return out, err
		}
		out.unpaid = append(out.unpaid, unpaidSubscription{s, invoice})
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

// refresh brings an object into the store as it is at Stripe now.
func (c *Checkout) refresh(ctx context.Context, buyer customer.Buyer, id string) error {
	t := refetch.Target{Scope: buyer.Owner.Scope, Credentials: buyer.Credentials, Object: id}
	_, err := c.config.Refetcher.Refetch(ctx, t)
	return refetch.IgnoreHookError(err)
}
