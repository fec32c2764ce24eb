package subscription

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/paymount/paymount/project"
)

// Object is one object of Stripe as a store keeps it: its state, and what the host knows of it. Each of the two parts
// has a version, so that a write of the one never fails because of a write of the other.
type Object struct {
	project.Scope

	// ID is Stripe's: sub_… for a subscription; in_…, pi_… or cs_… for a payment.
	ID string
	// Version counts the writes of the state. 0 is for an object that the store does not know.
	Version int64
	// Subscription or Payment is the state, whose ID and scope are the object's, and whose owner has an id. Both are nil for an
	// object that is nobody's: a store keeps its version and events alone.
	Subscription *Subscription
	Payment      *Payment
	// Notification is what the host has been notified of.
	Notification Notification
}

// Notification is what the host has been notified of by OnChange, and whether it is being notified right now. The zero
// Notification says that it never was.
type Notification struct {
	// Version counts the writes of the notification.
	Version int64
	// Count is how many changes the host has taken.
	Count int64
	// Notified is the subscription as the host last took it; nil for never, and for a payment.
	Notified *Subscription
	// Attempted says that the host may know a later state than Notified: an attempt to notify it has begun, and it is not known
	// that the host has taken the change.
	Attempted bool
	// ClaimedUntil is the time until which the attempt may be under way; zero when none is.
	ClaimedUntil time.Time
}

// Pending reports whether the host has still to be notified of the object's state. No clock decides it, so an index of a store
// can keep the answer.
func (o Object) Pending() bool {
	if o.Payment != nil {
		return o.Payment.OneTime() && o.Payment.Status.Paid() && o.Notification.Count == 0
	}
	// A host that may know of a state in between has to hear that the subscription is back at what it was before.
	return o.Notification.Attempted || !sameState(o.Subscription, o.Notification.Notified)
}

// Owner returns whose the object is, by its state; a zero Owner for nobody's.
func (o Object) Owner() Owner {
	switch {
	case o.Subscription != nil:
		return o.Subscription.Owner
	case o.Payment != nil:
		return o.Payment.Owner
	}
	return Owner{}
}

// CustomerID returns the customer of the object's state (cus_…); empty where it has none.
func (o Object) CustomerID() string {
	switch {
	case o.Subscription != nil:
		return o.Subscription.CustomerID
	case o.Payment != nil:
		return o.Payment.CustomerID
	}
	return ""
}

// Clone returns a copy that shares nothing with o.
func (o Object) Clone() Object {
	o.Subscription, o.Payment = clone(o.Subscription), clone(o.Payment)
	o.Notification = o.Notification.Clone()
	return o
}

// Clone returns a copy that shares nothing with n.
func (n Notification) Clone() Notification {
	n.Notified = clone(n.Notified)
	return n
}

func clone[T interface{ Clone() T }](state *T) *T {
	if state == nil {
		return nil
	}
	c := (*state).Clone()
	return &c
}

// SameState reports whether both have the same state, in all that stores keep of it.
func (o Object) SameState(other Object) bool {
	return sameState(o.Subscription, other.Subscription) && sameState(o.Payment, other.Payment)
}

// sameState compares the forms in which stores keep a state: they take nil and empty for the same.
func sameState[T any](a, b *T) bool {
	return a == b || bytes.Equal(encode(a), encode(b))
}

func encode(state any) []byte {
	data, _ := json.Marshal(state) //nolint:errchkjson // it fails for years past 9999 only, and the gateway knows none
	return data
}
