package checkout

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/sleep"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// pollEvery is how often Stripe is asked for a session by all who wait for it.
const pollEvery = time.Second

// Status tells how a session of the owner stands at Stripe, and brings its subscription or payment into the store when the
// webhook has not come yet. It waits, no longer than wait, until nothing more is to come of the session. Only so many requests
// of an owner wait at a time: others get what is so now. A session that is not the owner's is subscription.ErrNone.
func (c *Checkout) Status(
	ctx context.Context, buyer customer.Buyer, sessionID string, wait time.Duration,
) (checkout.Outcome, error) {
	session, err := c.settled(ctx, buyer, sessionID, wait)
	if err != nil {
		return checkout.Outcome{}, err
	}
	out := checkout.Outcome{Session: session}
	switch {
	case session.Status != checkout.StatusComplete:
	case session.Mode == checkout.ModePayment:
		err = c.syncPayment(ctx, buyer, session)
	default:
		out.Subscription, err = c.syncSubscription(ctx, buyer, session.SubscriptionID)
	}
	return out, err
}

// settled returns the owner's session once nothing more is to come of it, or as it is when the wait is over.
func (c *Checkout) settled(
	ctx context.Context, buyer customer.Buyer, sessionID string, wait time.Duration,
) (checkout.Session, error) {
	key := lookKey{buyer.Owner.Scope, sessionID}
	ask := func(ctx context.Context) (checkout.Session, error) {
		return c.config.Stripe.Session(ctx, buyer.Credentials, sessionID)
	}
	deadline := c.config.Now().Add(wait)
	session, err := c.looks.fresh(ctx, key, ask)
	session, err = c.owned(ctx, buyer, session, err)
	if err != nil || settled(session) || wait <= 0 {
		return session, err
	}
	leave, ok := c.looks.wait(buyer.Owner)
	if !ok {
		return session, nil
	}
	defer leave()
	for {
		left := deadline.Sub(c.config.Now())
		if left <= 0 {
			return session, nil
		}
		if err := sleep.For(ctx, min(left, pollEvery)); err != nil {
			return checkout.Session{}, err
		}
		session, err = c.looks.recent(ctx, key, ask)
		session, err = c.owned(ctx, buyer, session, err)
		if err != nil || settled(session) {
			return session, err
		}
	}
}

// settled reports whether the session is over. A completed one can be without its subscription for a moment.
func settled(s checkout.Session) bool {
	return s.Status != checkout.StatusOpen &&
		(s.Status != checkout.StatusComplete || s.Mode != checkout.ModeSubscription || s.SubscriptionID != "")
}

// owned returns what a look has found if checkout has made it for the caller: a session with the metadata of the caller, or
// without any and of the caller's customer.
func (c *Checkout) owned(
	ctx context.Context, buyer customer.Buyer, session checkout.Session, err error,
) (checkout.Session, error) {
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return checkout.Session{}, err
	}
	user, projectID := session.Metadata[subscription.MetadataOwner], session.Metadata[subscription.MetadataProject]
	if err == nil && len(session.Metadata) == 0 && session.CustomerID != "" {
		projectID = buyer.Owner.ProjectID
		user, err = c.config.Store.CustomerOwner(ctx, buyer.Owner.Scope, session.CustomerID)
		if err != nil && !errors.Is(err, subscription.ErrNotFound) {
			return checkout.Session{}, err
		}
	}
	if err != nil || user != buyer.Owner.ID || projectID != buyer.Owner.ProjectID {
		return checkout.Session{}, subscription.ErrNone.Because("There is no such checkout session.")
	}
	return session, nil
}

// syncSubscription returns the session's subscription from the store, where a refetch puts it if the webhook has not. It returns
// nil for one that is not the owner's.
func (c *Checkout) syncSubscription(ctx context.Context, buyer customer.Buyer, id string) (*subscription.Subscription, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // a completed session can be without one for a moment
	}
	subs, err := c.config.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return nil, err
	}
	for _, s := range subs {
		if s.ID == id && s.Status != subscription.StatusIncomplete {
			return &s, nil
		}
	}
	object, err := c.refresh(ctx, buyer, id)
	if err != nil || object.Subscription == nil || object.Subscription.Owner != buyer.Owner {
		return nil, err
	}
	fresh := object.Subscription.Clone()
	return &fresh, nil
}

// syncPayment brings a one-time payment into the store. The host is notified of one that has been paid.
func (c *Checkout) syncPayment(ctx context.Context, buyer customer.Buyer, session checkout.Session) error {
	id := session.PaymentIntentID
	if !strings.HasPrefix(id, "pi_") {
		id = session.ID
	}
	_, err := c.refresh(ctx, buyer, id)
	return err
}
