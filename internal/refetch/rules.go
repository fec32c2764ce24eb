package refetch

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/paymount/paymount/subscription"
)

// seen is what a fetch has seen of an object.
type seen struct {
	// subscription or payment is its state. Both are nil for what is not ours and for what is gone. A state whose owner has no
	// user is followed where the store knows the object, and left out elsewhere.
	subscription *subscription.Subscription
	payment      *subscription.Payment
	// gone says that Stripe knows no such object any more.
	gone bool
}

// named reports whether what was seen names a user whose it is.
func (s seen) named() bool {
	return s.subscription != nil && s.subscription.Owner.ID != "" || s.payment != nil && s.payment.Owner.ID != ""
}

// merge returns o as it is by what was seen at a time.
func merge(o subscription.Object, s seen, now time.Time) subscription.Object {
	switch {
	case s.subscription != nil:
		if owner, ours := ownerOf(o, s.subscription.Owner); ours {
			state := *s.subscription
			state.Owner, o.Subscription = owner, &state
		}
	case s.payment != nil:
		if owner, ours := ownerOf(o, s.payment.Owner); ours {
			state := *s.payment
			state.Owner, o.Payment = owner, &state
		}
	case s.gone && o.Subscription != nil && !o.Subscription.Status.Ended():
		state := *o.Subscription
		state.Status, state.EndedAt = subscription.StatusCanceled, now.UTC().Truncate(time.Second)
		o.Subscription = &state
	}
	return o
}

// ownerOf returns whose a state is that names an owner: the one of the store where nobody is named.
func ownerOf(o subscription.Object, named subscription.Owner) (owner subscription.Owner, ours bool) {
	if named.ID == "" {
		named = o.Owner()
	}
	return named, named.ID != ""
}

// give makes a user the owner of an object's state.
func give(o subscription.Object, user string) subscription.Object {
	switch {
	case o.Subscription != nil:
		state := *o.Subscription
		state.Owner.ID, o.Subscription = user, &state
	case o.Payment != nil:
		state := *o.Payment
		state.Owner.ID, o.Payment = user, &state
	}
	return o
}

// terms are what a decision about a notification depends on besides the object.
type terms struct {
	// nobody says that there is no hook, and skipInitial that the host is not to be notified of the first state of an object.
	nobody, skipInitial bool
	now                 time.Time
	// lapsed is the version of a notification whose claim this process has seen for longer than any hook runs: whoever made it
	// has died. 0 for none.
	lapsed int64
}

// decision is what is to be done about a notification.
type decision int

const (
	// nothing: the host knows the state.
	nothing decision = iota
	// skip: the host counts as notified.
	skip
	// leave: another caller is notifying the host.
	leave
	// notify: this caller has claimed to notify the host.
	notify
)

// decide returns what is to be done to notify the host of the state of next, which replaces that of old, and the notification
// that says so. A state that is pending need not be new: whoever claimed it may never have come to notify the host.
func decide(old, next subscription.Object, t terms) (subscription.Notification, decision) {
	n := next.Notification
	first := old.Subscription == nil && old.Payment == nil
	switch {
	case !next.Pending():
		return n, nothing
	case t.nobody, t.skipInitial && first:
		return acknowledged(next), skip
	case n.Attempted && n.Version != t.lapsed && t.now.Before(n.ClaimedUntil):
		return n, leave
	}
	n.Attempted, n.ClaimedUntil = true, t.now.Add(claimLife+clockSkew)
	return n, notify
}

// acknowledged returns the notification of an object whose host has taken the state.
func acknowledged(o subscription.Object) subscription.Notification {
	return subscription.Notification{
		Version: o.Notification.Version, Count: o.Notification.Count + 1, Notified: o.Subscription,
	}
}

// failed returns the notification of an object whose host may have taken the state, or not: the next caller notifies it again.
func failed(o subscription.Object) subscription.Notification {
	n := o.Notification
	n.ClaimedUntil = time.Time{}
	return n
}

// changeOf returns what the host is notified of. It shares nothing with o that the host could change.
func changeOf(o subscription.Object) (subscription.Change, error) {
	o = o.Clone()
	if o.Payment != nil {
		o.Payment.Status = subscription.PaymentSucceeded // what has been given back since is not what this is about
		return subscription.Change{ID: o.ID, Payment: o.Payment}, nil
	}
	state, err := json.Marshal(o.Subscription)
	if err != nil {
		return subscription.Change{}, fmt.Errorf("refetch: a change can't be written: %w", err)
	}
	return subscription.Change{
		ID:  o.UUID(fmt.Sprintf("%s change %d %s", o.ID, o.Notification.Count+1, state)),
		Old: o.Notification.Notified, New: o.Subscription,
	}, nil
}
