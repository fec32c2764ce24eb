package checkout

import (
	"context"
	"errors"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// end ends the open session of a at Stripe, which another request has asked for, and closes the attempt.
func (p *purchase) end(ctx context.Context, a attempt) (outcome, error) {
	if a.ObjectID == "" {
		_, result, err := p.learn(ctx, &a)
		switch {
		case stripe.Answered(err): // the attempt is over: it left no session that is known
			return ended, nil
		case err != nil || result != opened:
			return result, err
		}
	}
	err := p.config.Stripe.ExpireSession(ctx, p.buyer.Credentials, a.ObjectID)
	if err == nil {
		return p.close(ctx, p.buyer.Owner, a, false)
	}
	if !stripe.Is(err, stripe.Refused, stripe.Missing) {
		return 0, err
	}
	session, err := p.config.Stripe.Session(ctx, p.buyer.Credentials, a.ObjectID)
	return p.noteEnd(ctx, a, session, err)
}

// noteEnd takes note of how the session of a, as it was retrieved, has ended: a completed one has made a subscription, of which
// the webhook may not have told yet.
func (p *purchase) noteEnd(ctx context.Context, a attempt, session checkout.Session, err error) (outcome, error) {
	missing := stripe.Is(err, stripe.Missing) // gone with its customer, or of another account than the key
	switch {
	case missing:
	case err != nil:
		return 0, err
	case session.Status == checkout.StatusOpen:
		return overtaken, nil
	case session.SubscriptionID != "":
		if _, err := p.refresh(ctx, p.buyer, session.SubscriptionID); err != nil {
			return 0, err
		}
	}
	// A completed one that names no subscription has left one to be looked for.
	suspect := missing || session.Status == checkout.StatusComplete && session.SubscriptionID == ""
	return p.close(ctx, p.buyer.Owner, a, suspect)
}

// close marks a as over. It returns ended, or overtaken when another request was faster.
func (c *Checkout) close(ctx context.Context, owner subscription.Owner, a attempt, suspect bool) (outcome, error) {
	a.over, a.suspect = true, suspect
	written, err := c.write(ctx, owner, &a)
	if err == nil && !written {
		return overtaken, nil
	}
	return ended, err
}

// endSurplus ends a session that has been made too late: another request has given up the attempt meanwhile, and found nothing
// left of it. One that the intent names has been written down by a request that repeated the call.
func (p *purchase) endSurplus(ctx context.Context, sessionID string) error {
	current, err := p.config.Store.Intent(ctx, p.buyer.Owner, subscription.IntentCheckout)
	if err != nil || current.ObjectID == sessionID {
		return err
	}
	err = p.config.Stripe.ExpireSession(ctx, p.buyer.Credentials, sessionID)
	if stripe.Is(err, stripe.Refused, stripe.Missing) {
		return nil
	}
	return err
}

// endLeftovers takes care of what a failed attempt may have left with its customer: an open session is ended, and a
// subscription that came of a completed one is brought into the store.
func (p *purchase) endLeftovers(ctx context.Context, customerID string) error {
	// With the key of another account, lists of what a customer has can just be empty. If a customer that was let go comes back,
	// its leftovers are ended then.
	known, err := p.config.Customers.Known(ctx, p.buyer, customerID)
	if err != nil || !known {
		return err
	}
	sessions, err := p.config.Stripe.OpenSessions(ctx, p.buyer.Credentials, customerID)
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return err
	}
	for _, s := range sessions {
		if s.Mode != checkout.ModeSubscription || s.CustomerID != customerID {
			continue
		}
		err := p.config.Stripe.ExpireSession(ctx, p.buyer.Credentials, s.ID)
		if err != nil && !stripe.Is(err, stripe.Refused, stripe.Missing) {
			return err
		}
	}
	subs, err := p.config.Stripe.Subscriptions(ctx, p.buyer.Credentials, customerID)
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return err
	}
	for _, id := range subs {
		if _, err := p.refresh(ctx, p.buyer, id); err != nil {
			return err
		}
	}
	return nil
}

// SessionEnded closes the attempt of a session that is not open any more, so that the next purchase need not ask Stripe.
func (c *Checkout) SessionEnded(ctx context.Context, scope project.Scope, customerID, sessionID string) error {
	user, err := c.config.Store.CustomerOwner(ctx, scope, customerID)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	owner := subscription.Owner{Scope: scope, ID: user}
	current, err := c.config.Store.Intent(ctx, owner, subscription.IntentCheckout)
	if err != nil || current.ObjectID != sessionID {
		return err
	}
	a, err := readAttempt(current)
	if err != nil || a.over {
		return err
	}
	_, err = c.close(ctx, owner, a, false) // if a request is faster, it has seen the end itself
	return err
}
