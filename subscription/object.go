package subscription

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Snapshot is what one refetch saw of one object of Stripe.
type Snapshot struct {
	// Object is the object's id: sub_…, in_…, pi_… or cs_….
	Object string
	// Ticket was drawn before the fetch began.
	Ticket int64
	// Events are the ids of the events that the fetch answers.
	Events []string
	// Subscription or Payment is the object's state. Both are nil for what is not ours and for what is Gone. An empty
	// Owner.UserID says that nobody is known whose it is: it is left out, unless it is in the store, where it keeps its owner.
	Subscription *Subscription
	Payment      *Payment
	// Gone says that Stripe knows no such object any more.
	Gone bool
	// Quiet says that there is nobody to tell of changes.
	Quiet bool
	// Backfill says that nobody is to be told of the object's state if it is the first one.
	Backfill bool
	// At is the time of the refetch, and Lease for how long its caller may be telling the host of the change.
	At    time.Time
	Lease time.Duration
	// Lapsed is a claim (Change.Claim) that the caller has seen for longer than any hook runs, by its own clock: who held it
	// has died. 0 for none.
	Lapsed int64
}

// Change is what the host is told: a subscription that changed, or a one-time payment that has been paid.
type Change struct {
	// ID is the same whenever the same change is told again, because the host failed to take it, and different for every
	// other change: use it to do the work only once. It is empty where there is nothing to tell.
	ID string
	// Old and New are the subscription as the host was last told, nil at first, and as it is now. Steps that followed each
	// other while the host could not be told come as one change.
	Old, New *Subscription
	// Payment is the one-time payment that has been paid, with the status succeeded, even if it was refunded before the host
	// could be told: AmountRefunded shows that. Old and New are nil then.
	Payment *Payment

	object string
	claim  int64
	rival  int64  // the claim of another caller, which this one must not settle
	told   []byte // New in JSON: what Settle takes as told, whatever the host did to New

	before, after Owner
}

// Object is one tracked object of Stripe as a store keeps it. Its methods are the rules that all stores share: a store
// loads it, calls one method and saves it, in one transaction. The zero Object with an ID is one never seen before. An
// Object is not safe for concurrent use. Its JSON form is for stores.
type Object struct {
	ID string `json:"id"`
	// Tickets is the last ticket drawn, Applied the one whose state is kept.
	Tickets int64 `json:"tickets"`
	Applied int64 `json:"applied"`
	// Subscription or Payment is the state; both are nil until one has been applied.
	Subscription *Subscription `json:"subscription,omitempty"`
	Payment      *Payment      `json:"payment,omitempty"`
	// Told is the subscription as the host was last told, PaidTold whether it was told of the payment, and Changes how many
	// changes it has taken.
	Told     *Subscription `json:"told,omitempty"`
	PaidTold bool          `json:"paid_told,omitempty"`
	Changes  int64         `json:"changes,omitempty"`
	// Claim is the ticket whose holder is telling the host, until ClaimedUntil. It stays after that while it is not known that
	// the host has taken the change: it may have. 0 when there is no such doubt.
	Claim        int64     `json:"claim,omitempty"`
	ClaimedUntil time.Time `json:"claimed_until,omitzero"`
}

// Untold reports whether the host has not been told of the object's state yet.
func (o *Object) Untold() bool {
	if o.Payment != nil {
		return o.Payment.OneTime() && o.Payment.Status.Paid() && !o.PaidTold
	}
	// A host that may have been told of a state in between has to hear that the subscription is back at what it was before.
	return o.Claim != 0 || !same(o.Subscription, o.Told)
}

// Apply takes over what s saw, unless a later ticket has been applied, and returns the change that the caller has to
// tell the host of and then to Settle; a Change without ID when there is none. It returns ErrClaimed, having taken over
// the state, when there is one but another caller is telling the host right now.
//
// Whatever it returns, Change.Owners names those whose caches may hold the object.
//
// A snapshot that comes too late has to tell all the same: the one that was faster may never get to it. One that is
// applied again, because the answer to the first time was lost, gets the change again.
func (o *Object) Apply(s Snapshot) (Change, error) {
	before := o.Owner()
	change, err := o.apply(s)
	change.before, change.after = before, o.Owner()
	return change, err
}

func (o *Object) apply(s Snapshot) (Change, error) {
	first := o.Subscription == nil && o.Payment == nil
	if s.Ticket > o.Applied {
		o.take(s)
	}
	switch {
	case !o.Untold():
		return Change{}, nil
	case s.Quiet, s.Backfill && first:
		o.Claim, o.ClaimedUntil = 0, time.Time{} // whoever was telling has been overtaken
		o.told(o.Subscription)
		return Change{}, nil
	case o.Claim != 0 && o.Claim != s.Ticket && o.Claim != s.Lapsed && s.At.Before(o.ClaimedUntil):
		return Change{rival: o.Claim}, ErrClaimed
	}
	o.Claim, o.ClaimedUntil = s.Ticket, s.At.Add(s.Lease)
	return o.change(), nil
}

func (o *Object) take(s Snapshot) {
	o.Applied = s.Ticket
	switch {
	case s.Subscription != nil:
		if owner, ours := o.ownerOf(s.Subscription.Owner); ours {
			state := *s.Subscription
			state.Owner, o.Subscription = owner, &state
		}
	case s.Payment != nil:
		if owner, ours := o.ownerOf(s.Payment.Owner); ours {
			state := *s.Payment
			state.Owner, o.Payment = owner, &state
		}
	case s.Gone && o.Subscription != nil && !o.Subscription.Status.Ended():
		gone := *o.Subscription
		gone.Status, gone.EndedAt = StatusCanceled, s.At.UTC().Truncate(time.Second)
		o.Subscription = &gone
	}
}

// Owner returns whose the object is, by its state; a zero Owner for nobody's.
func (o *Object) Owner() Owner {
	switch {
	case o.Subscription != nil:
		return o.Subscription.Owner
	case o.Payment != nil:
		return o.Payment.Owner
	}
	return Owner{}
}

// ownerOf returns whose a state is that names this owner: what is in the store goes on being followed when nobody is named.
func (o *Object) ownerOf(named Owner) (owner Owner, ours bool) {
	if named.UserID == "" {
		named = o.Owner()
	}
	return named, named.UserID != ""
}

// Settle ends the telling of c: when told is true the host has taken it, else it stays to be told. It does nothing when
// another caller has claimed the telling since.
func (o *Object) Settle(c Change, told bool) {
	if o.Claim != c.claim || c.claim == 0 {
		return
	}
	o.ClaimedUntil = time.Time{}
	if told {
		o.Claim = 0
		o.told(decode(c.told))
	}
}

func (o *Object) told(s *Subscription) {
	o.Told, o.PaidTold = s, o.Payment != nil && o.Payment.Status.Paid()
	o.Changes++
}

func (o *Object) change() Change {
	c := Change{object: o.ID, claim: o.Claim}
	if o.Payment != nil {
		paid := *o.Payment
		paid.Status = PaymentSucceeded // what has been given back since is not what the host is told of here
		c.ID, c.Payment = o.ID, &paid
		return c
	}
	c.Old, c.New, c.told = o.Told, o.Subscription, encode(o.Subscription)
	c.ID = o.Subscription.Owner.Scope.UUID(fmt.Sprintf("%s change %d %s", o.ID, o.Changes+1, c.told))
	return c
}

// Claim names who is telling the host of the change, or with ErrClaimed who else is: it is another one each time. 0 where
// nobody is.
func (c Change) Claim() int64 { return cmp.Or(c.claim, c.rival) }

// Object returns the id of the object that changed, for a store's Settle.
func (c Change) Object() string { return c.object }

// Owners returns whose the object was before Apply and whose it is after it, each once; none for what is nobody's.
func (c Change) Owners() []Owner {
	var owners []Owner
	for _, owner := range []Owner{c.before, c.after} {
		if owner.UserID != "" && !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	return owners
}

// same compares what stores keep. What has been told is most often the state itself, which needs no look.
func same(a, b *Subscription) bool { return a == b || bytes.Equal(encode(a), encode(b)) }

func encode(s *Subscription) []byte {
	data, _ := json.Marshal(s) //nolint:errchkjson // it fails for years past 9999 only, and the gateway knows none
	return data
}

// decode is the reverse of encode; nothing decodes to nil.
func decode(data []byte) *Subscription {
	if data == nil {
		return nil
	}
	s := &Subscription{}
	_ = json.Unmarshal(data, s) // encode made it: it can't fail
	return s
}
