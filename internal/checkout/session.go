package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// sessionIntent is the content of a subscription session's intent.
type sessionIntent struct {
	Params    checkout.SessionParams `json:"params"`
	CreatedAt time.Time              `json:"created_at"`
	// Over says that the session is not open any more, or that the attempt has failed.
	Over bool `json:"over,omitempty"`
	// Suspect says that the attempt may have left a session open that is not known.
	Suspect bool `json:"suspect,omitempty"`
}

// open reports whether there may be an open session of this attempt. Only Stripe can say that it has expired: a session
// whose time is over may just as well have been paid, in a time of which no event has come.
func (s sessionIntent) open() bool { return !s.Over && !s.CreatedAt.IsZero() }

// oneSession returns the user's open subscription session if it is the one that params ask for. Any other open one is
// ended first, and a new one made. The intent is the user's as it was before the guard looked. It returns errAgain when the
// state has changed under it, so that the guard must look again, and errAlone when in must have its turn first.
func (c *Checkout) oneSession(
	ctx context.Context, call customer.Buyer, in request, intent subscription.Intent, params checkout.SessionParams,
) (checkout.Session, error) {
	content, err := read[sessionIntent](intent)
	if err != nil {
		return checkout.Session{}, err
	}
	attempt := attempt{call: call, Intent: intent, content: content, unpaid: in.unpaid}
	known := content.open() && intent.ObjectID != "" && equal(content.Params, params)
	switch {
	case !known && !in.alone:
		return checkout.Session{}, errAlone
	case !content.open():
		return c.beginSession(ctx, attempt, params)
	case intent.ObjectID == "" && c.config.Now().Sub(content.CreatedAt) > keyLife:
		return checkout.Session{}, c.closeAttempt(ctx, attempt, true) // too old to be repeated
	case !equal(content.Params, params):
		return checkout.Session{}, c.endSession(ctx, attempt)
	case intent.ObjectID == "":
		return c.createSession(ctx, attempt)
	}
	session, err := c.config.Stripe.Session(ctx, call.Credentials, intent.ObjectID)
	if err == nil && session.Status == checkout.StatusOpen {
		return session, nil
	}
	return checkout.Session{}, c.sessionEnded(ctx, attempt, session, err)
}

// attempt is an intent of a call, with its content.
type attempt struct {
	subscription.Intent
	call    customer.Buyer
	content sessionIntent
	// unpaid are the subscriptions that are to be cancelled before another session is made.
	unpaid []unpaid
}

// beginSession writes down the intent for a new session, in place of a, and creates it.
func (c *Checkout) beginSession(ctx context.Context, a attempt, params checkout.SessionParams) (checkout.Session, error) {
	if a.content.Suspect {
		if err := c.endLeftovers(ctx, a.call, a.content.Params.CustomerID); err != nil {
			return checkout.Session{}, err
		}
		return checkout.Session{}, c.closeAttempt(ctx, a, false) // the guard must look at what has come to light
	}
	// They were looked at after the session had been ended that could have paid them.
	if len(a.unpaid) > 0 {
		if err := c.cancelUnpaid(ctx, a.call, a.unpaid); err != nil {
			return checkout.Session{}, err
		}
		return checkout.Session{}, errAgain
	}
	next := attempt{
		call: a.call, Intent: subscription.Intent{Version: a.Version, Attempt: newAttempt()},
		content: sessionIntent{Params: params, CreatedAt: c.config.Now().UTC()},
	}
	if err := c.swap(ctx, a.call.Owner, subscription.IntentCheckout, &next.Intent, next.content); err != nil {
		return checkout.Session{}, err
	}
	return c.createSession(ctx, next)
}

// createSession makes, or repeats, the call of a, and writes down what came of it.
func (c *Checkout) createSession(ctx context.Context, a attempt) (checkout.Session, error) {
	session, err := c.learn(ctx, &a)
	if err != nil {
		return checkout.Session{}, c.refused(ctx, a.call, a.content.Params, err)
	}
	return session, nil
}

// learn makes, or repeats, the call of a and keeps the session's id. An attempt that Stripe has answered with an error is
// over.
func (c *Checkout) learn(ctx context.Context, a *attempt) (checkout.Session, error) {
	session, err := c.config.Stripe.CreateSession(ctx, a.call.Credentials, a.content.Params, a.Attempt)
	if stripe.Answered(err) {
		// What is missing may be so because the key is one of another account, and an earlier try was made with the right one.
		closeErr := c.closeAttempt(ctx, *a, stripe.MayHaveActed(err) || stripe.Is(err, stripe.Missing))
		if closeErr != nil && !errors.Is(closeErr, errAgain) {
			return checkout.Session{}, errors.Join(err, closeErr)
		}
	}
	if err != nil {
		return checkout.Session{}, err
	}
	a.ObjectID = session.ID
	err = c.swap(ctx, a.call.Owner, subscription.IntentCheckout, &a.Intent, a.content)
	if errors.Is(err, errAgain) {
		return checkout.Session{}, c.surplusSession(ctx, *a)
	}
	return session, err
}

// surplusSession ends the session of a, which has been made too late: another request has given up the attempt meanwhile, and
// found nothing left of it. One that the intent names has been written down by a request that repeated the call. It returns
// errAgain.
func (c *Checkout) surplusSession(ctx context.Context, a attempt) error {
	current, err := c.config.Store.Intent(ctx, a.call.Owner, subscription.IntentCheckout)
	if err != nil {
		return err
	}
	if current.ObjectID != a.ObjectID {
		err = c.config.Stripe.ExpireSession(ctx, a.call.Credentials, a.ObjectID)
	}
	if err != nil && !stripe.Is(err, stripe.Refused, stripe.Missing) {
		return err
	}
	return errAgain
}

// endSession ends the open session of a at Stripe, which another request has asked for, and closes the attempt.
func (c *Checkout) endSession(ctx context.Context, a attempt) error {
	if a.ObjectID == "" {
		_, err := c.learn(ctx, &a)
		if stripe.Answered(err) {
			return errAgain // the attempt is over: it left no session that is known
		}
		if err != nil {
			return err
		}
	}
	err := c.config.Stripe.ExpireSession(ctx, a.call.Credentials, a.ObjectID)
	if err == nil {
		return c.closeAttempt(ctx, a, false)
	}
	if !stripe.Is(err, stripe.Refused, stripe.Missing) {
		return err
	}
	session, err := c.config.Stripe.Session(ctx, a.call.Credentials, a.ObjectID)
	return c.sessionEnded(ctx, a, session, err)
}

// sessionEnded takes note of how the session of a, as it was retrieved, has ended: a completed one has made a
// subscription, of which the webhook may not have told yet. It returns errAgain.
func (c *Checkout) sessionEnded(ctx context.Context, a attempt, session checkout.Session, err error) error {
	missing := stripe.Is(err, stripe.Missing) // gone with its customer, or of another account than the key
	switch {
	case missing:
	case err != nil:
		return err
	case session.Status == checkout.StatusOpen:
		return errAgain
	case session.SubscriptionID != "":
		if err := c.refresh(ctx, a.call, session.SubscriptionID); err != nil {
			return err
		}
	}
	// A completed one that names no subscription has left one to be looked for.
	return c.closeAttempt(ctx, a, missing || session.Status == checkout.StatusComplete && session.SubscriptionID == "")
}

// closeAttempt marks a as over. It returns errAgain, in any case but an error of the store: the state is another one now.
func (c *Checkout) closeAttempt(ctx context.Context, a attempt, suspect bool) error {
	a.content.Over, a.content.Suspect = true, suspect
	if err := c.swap(ctx, a.call.Owner, subscription.IntentCheckout, &a.Intent, a.content); err != nil {
		return err
	}
	return errAgain
}

// endLeftovers takes care of what a failed attempt may have left with its customer: an open session is ended, and a
// subscription that came of a completed one is brought into the store.
func (c *Checkout) endLeftovers(ctx context.Context, call customer.Buyer, customerID string) error {
	sessions, err := c.config.Stripe.OpenSessions(ctx, call.Credentials, customerID)
	if stripe.Is(err, stripe.Missing) {
		return c.customerUnknown(ctx, call.Owner.Scope, customerID) // if it comes back, its leftovers are ended then
	}
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.Mode != checkout.ModeSubscription || s.CustomerID != customerID {
			continue
		}
		err := c.config.Stripe.ExpireSession(ctx, call.Credentials, s.ID)
		if err != nil && !stripe.Is(err, stripe.Refused, stripe.Missing) {
			return err
		}
	}
	subs, err := c.config.Stripe.Subscriptions(ctx, call.Credentials, customerID)
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return err
	}
	for _, id := range subs {
		if err := c.refresh(ctx, call, id); err != nil {
			return err
		}
	}
	return nil
}

// SessionEnded closes the intent of a session that is not open any more, so that the next checkout need not ask Stripe.
func (c *Checkout) SessionEnded(ctx context.Context, scope project.Scope, customerID, sessionID string) error {
	user, err := c.config.Store.CustomerOwner(ctx, scope, customerID)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	owner := subscription.Owner{Scope: scope, UserID: user}
	intent, err := c.config.Store.Intent(ctx, owner, subscription.IntentCheckout)
	if err != nil || intent.ObjectID != sessionID {
		return err
	}
	content, err := read[sessionIntent](intent)
	if err != nil || content.Over {
		return err
	}
	err = c.closeAttempt(ctx, attempt{Intent: intent, call: customer.Buyer{Owner: owner}, content: content}, false)
	if errors.Is(err, errAgain) {
		return nil
	}
	return err
}
