package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/internal/sleep"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxTries is how often a purchase looks at the owner, and retryDelay how much longer each time it waits before.
	maxTries   = 12
	retryDelay = 50 * time.Millisecond
	// maxLockWait limits the wait for a request that holds the owner's lock. Then the purchase goes on without the lock.
	maxLockWait = 5 * time.Second
)

// outcome is what a step of a purchase has come to, where it did not fail.
type outcome int

const (
	// opened: there is an open session, and it is the one that was asked for.
	opened outcome = iota
	// ended: what was in the way of a new session has ended. The guard must look at what it has left.
	ended
	// overtaken: another request, or Stripe, was faster, so that what was read holds no more.
	overtaken
	// customerGone: the customer does not exist at Stripe any more, and has been let go.
	customerGone
)

func (o outcome) String() string {
	return [...]string{"opened", "ended", "overtaken", "the customer is gone"}[o]
}

// purchase is one request for a session.
type purchase struct {
	*Checkout

	buyer  customer.Buyer
	wanted checkout.SessionParams
	// override says that an owner who has a subscription may buy another one.
	override bool

	release func() // releases the owner's lock; nil while it is not held
	waited  bool   // the lock was waited for as long as it may be
	made    bool   // a customer has been made, or found again: one purchase does that once at most
}

// session finds the session that is asked for, or makes it.
func (p *purchase) session(ctx context.Context) (checkout.Session, error) {
	var last outcome
	for try := range maxTries {
		session, result, err := p.try(ctx)
		switch {
		case stripe.Is(err, stripe.KeyInUse): // another process is making the same call
			result = overtaken
		case err != nil || result == opened:
			return session, err
		}
		last = result
		if err := sleep.For(ctx, time.Duration(try)*retryDelay); err != nil {
			return checkout.Session{}, err
		}
	}
	return checkout.Session{}, tryLater("Too many requests for this user at once. Try again shortly.",
		fmt.Errorf("checkout: after %d tries: %s", maxTries, last))
}

func tryLater(message string, cause error) error {
	e := subscription.ErrUnavailable.Because(message)
	e.RetryAfter, e.Cause = time.Second, cause
	return e
}

// try goes once through a purchase: guard, customer, session.
func (p *purchase) try(ctx context.Context) (checkout.Session, outcome, error) {
	now, err := p.read(ctx)
	if err != nil {
		return checkout.Session{}, 0, err
	}
	may, err := p.guard(ctx, now.subscriptions)
	if err != nil {
		return checkout.Session{}, 0, err
	}
	customerID, err := p.customer(ctx, now.customer)
	switch {
	case err != nil:
		return checkout.Session{}, 0, err
	case customerID == "":
		return checkout.Session{}, overtaken, nil
	}
	params := stripe.SessionParams{SessionParams: p.wanted, CustomerID: customerID, OwnerID: p.buyer.Owner.ID}
	if !may.newcomer || params.Mode == checkout.ModePayment {
		params.TrialDays = 0
	}
	if params.Mode == checkout.ModePayment {
		// A person may pay for several things at once: there is no one session to keep.
		session, err := p.config.Stripe.CreateSession(ctx, p.buyer.Credentials, params, intent.NewAttempt())
		return p.answered(ctx, params, session, err)
	}
	return p.subscriptionSession(ctx, now.attempt, params, may.unpaid)
}

// standing is what the store knows of an owner.
type standing struct {
	attempt       attempt
	subscriptions []subscription.Subscription
	customer      subscription.Intent
}

// read returns how the owner stands. It takes the owner's lock before it reads, and keeps it unless nothing is to be made,
// because the session that is asked for is open already. Where another request has the lock it waits for that one.
func (p *purchase) read(ctx context.Context) (standing, error) {
	for {
		var released <-chan struct{}
		if p.release == nil {
			p.release, released = p.locks.tryLock(p.buyer.Owner)
		}
		now, err := p.load(ctx)
		switch {
		case err != nil:
			return now, err
		case !p.makes(now):
			p.unlock()
			return now, nil
		case p.release != nil, p.waited:
			return now, nil
		}
		if err := p.wait(ctx, released); err != nil {
			return standing{}, err
		}
	}
}

// makes reports whether anything has to be made at Stripe that the owner has one of.
func (p *purchase) makes(now standing) bool {
	if p.wanted.Mode == checkout.ModePayment {
		return now.customer.ObjectID == ""
	}
	return now.customer.ObjectID == "" || !now.attempt.madeFor(p.wanted)
}

// load reads how the owner stands.
func (p *purchase) load(ctx context.Context) (standing, error) {
	state, err := loadOwner(ctx, p.config.Store, p.buyer.Owner)
	if err != nil {
		return standing{}, err
	}
	a, err := readAttempt(state.Checkout)
	return standing{attempt: a, subscriptions: state.Subscriptions, customer: state.Customer}, err
}

// loadOwner reads all at once where the store can do that. Else the checkout intent comes before the subscriptions: a session
// that it knows to have ended has left its subscription in the store, where the guard sees it; one that is paid after this is
// looked at again, at Stripe. The other way round, a session could be paid in between, and another one be sold.
func loadOwner(
	ctx context.Context, store subscription.SubscriptionStore, owner subscription.Owner,
) (state subscription.OwnerState, err error) {
	if loader, ok := store.(subscription.OwnerLoader); ok {
		return loader.LoadOwner(ctx, owner)
	}
	if state.Checkout, err = store.Intent(ctx, owner, subscription.IntentCheckout); err != nil {
		return state, err
	}
	if state.Subscriptions, err = store.Subscriptions(ctx, owner); err != nil {
		return state, err
	}
	state.Customer, err = store.Intent(ctx, owner, subscription.IntentCustomer)
	return state, err
}

// wait waits until the owner's lock has been released, or for as long as that may take.
func (p *purchase) wait(ctx context.Context, released <-chan struct{}) error {
	timer := time.NewTimer(maxLockWait)
	defer timer.Stop()
	select {
	case <-released:
	case <-timer.C:
		p.waited = true
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (p *purchase) unlock() {
	if p.release != nil {
		p.release()
		p.release = nil
	}
}

// customer returns the owner's customer, which is made if there is none; an empty id when the owner has to be read again.
func (p *purchase) customer(ctx context.Context, current subscription.Intent) (string, error) {
	if current.ObjectID == "" && p.made {
		// Something takes away what is made: it is no use to go on.
		return "", tryLater("The customer can't be made right now. Try again shortly.",
			errors.New("checkout: the customer that was made is gone"))
	}
	c, err := p.config.Customers.Ensure(ctx, p.buyer, current, p.endLeftovers)
	p.made = p.made || c.Made
	return c.ID, err
}
