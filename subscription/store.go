package subscription

import (
	"context"
	"errors"
	"time"

	"github.com/paymount/paymount/project"
)

// A store returns these; test with errors.Is. Every other error means that the store failed: nothing was changed, or it
// can't be told whether it was, and the caller may try again.
var (
	// ErrNotFound says that there is no such thing in that scope.
	ErrNotFound = errors.New("subscription: not found")
	// ErrClaimed says that another caller is telling the host of a change of the same object right now.
	ErrClaimed = errors.New("subscription: a change of this object is being told elsewhere")
)

// SubscriptionStore keeps what is known of Stripe's objects, and what has been begun at Stripe.
//
// It must be safe for concurrent use, also by several processes on one database. Each method is atomic: it happens
// wholly or, when it returns an error other than ErrClaimed, not at all as far as the caller may rely on. Each reads what
// an earlier method, of whichever process, has written. Each honours its context: when that is done, it returns an error
// that wraps the context's. Keys are never shared between scopes. Arguments and returned values stay the caller's, who may
// change them. Strings can hold any valid Unicode but NUL; nil and empty maps, slices and bytes are the same.
//
// Package storetest checks an implementation against this contract.
type SubscriptionStore interface {
	// Subscriptions returns all subscriptions of owner, ended ones included, in no particular order. A user without any
	// has an empty result and no error.
	Subscriptions(ctx context.Context, owner Owner) ([]Subscription, error)

	// Payments returns a page of owner's payments with an Amount above zero, newest CreatedAt first and then by ID
	// descending, in the store's own order of strings, after skipping the first offset, and how many there are in all.
	// Neither offset nor limit is negative.
	Payments(ctx context.Context, owner Owner, offset, limit int) (page []Payment, total int, err error)

	// Draw begins a refetch of an object and returns its next ticket: one more than the last one drawn, starting at 1.
	// When events are given, every one of them has been recorded for that object by Apply, and the object has nothing
	// untold (Object.Untold), there is nothing to fetch: it returns 0 and draws none.
	Draw(ctx context.Context, scope project.Scope, object string, events []string) (ticket int64, err error)

	// Apply writes what a refetch saw: it runs Object.Apply on the stored object, keeps the result, and records
	// snapshot.Events for the object, all in one transaction. It returns what Object.Apply returned; with ErrClaimed too,
	// the object and the events are kept. A record of an event may be forgotten after 30 days: Stripe redelivers for 3.
	// Callers pass a snapshot with At set, whose Subscription or Payment has the ID snapshot.Object and an Owner of scope, whose
	// UserID is empty where nobody is named.
	Apply(ctx context.Context, scope project.Scope, snapshot Snapshot) (Change, error)

	// Settle ends the telling of a change that Apply returned: it runs Object.Settle on the stored object.
	Settle(ctx context.Context, scope project.Scope, change Change, told bool) error

	// Intent returns the intent of that kind that was last swapped in for owner, or a zero Intent when there is none.
	Intent(ctx context.Context, owner Owner, kind IntentKind) (Intent, error)

	// SwapIntent replaces owner's intent of that kind by next, if the current one's Version equals version; zero means that
	// there must be none yet. It reports whether it did, and next's version is then one more, whatever next.Version says. Of
	// any number of racing swaps from the same version exactly one does. A customer intent with an ObjectID also adopts that
	// customer, as AdoptCustomer does, in the same transaction. Callers pass a next with an Attempt.
	SwapIntent(ctx context.Context, owner Owner, kind IntentKind, version int64, next Intent) (swapped bool, err error)

	// AdoptCustomer makes owner the owner of that customer, for good: a customer that has one keeps it. No intent changes.
	AdoptCustomer(ctx context.Context, owner Owner, customerID string) error

	// CustomerOwner returns the user who has adopted that customer, or ErrNotFound.
	CustomerOwner(ctx context.Context, scope project.Scope, customerID string) (userID string, err error)
}

// OpenLister is a store that can list what is open in a whole scope. It is optional: without it, Reconcile can't find the
// subscriptions that Stripe does not show any more. Its method keeps to all that SubscriptionStore says of methods.
type OpenLister interface {
	// OpenSubscriptions returns subscriptions of scope that have not ended, or of whose end the host has still to be told
	// (Object.Untold), and whose state was last written by an Apply with a Snapshot.At before the time. They come in the order of
	// their IDs, which is the store's own order of strings; those up to and including the ID after are left out, and there are
	// limit of them at most.
	OpenSubscriptions(ctx context.Context, scope project.Scope, before time.Time, after string, limit int) ([]Subscription, error)
}

// IntentKind names what an intent is about to create.
type IntentKind string

// The kinds of intents: a user has at most one of each.
const (
	IntentCustomer IntentKind = "customer"
	IntentCheckout IntentKind = "checkout"
	// IntentReconcile is how far reconciliations of a scope have come. Its owner has an empty UserID.
	IntentReconcile IntentKind = "reconcile"
)

// Intent is something that is being created at Stripe, written down before the call, so that racing callers and those
// who come after a crash make the same call again instead of another one.
type Intent struct {
	// Version counts the writes of owner's intents of that kind: the store sets it, and each swap raises it by one. Two
	// writers of one attempt can so not overwrite each other unnoticed. Zero for no intent.
	Version int64
	// Attempt is the idempotency key of the call, unique to it.
	Attempt string
	// ObjectID is the id of what Stripe created (cus_…, cs_…); empty until it is known.
	ObjectID string
	// Data is the intent's content in JSON, which the store keeps byte for byte without reading it.
	Data []byte
}
