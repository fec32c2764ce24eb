package subscription

import (
	"context"
	"errors"
	"time"

	"github.com/paymount/paymount/project"
)

// ErrNotFound says that there is no such thing in that scope. Test for it with errors.Is.
var ErrNotFound = errors.New("subscription: not found")

// SubscriptionStore keeps what is known of Stripe's objects, and what has been begun at Stripe. It is a driver: it keeps rows
// and compares versions. All rules of billing are elsewhere.
//
// It must be safe for concurrent use, also by several processes on one database. Each method is atomic: it happens wholly or
// not at all, and it sees all that earlier methods, of whichever process, have written. A method that returns an error may
// have happened all the same, as when the answer of a database is lost; callers begin again with a read. A method that returns
// false has changed nothing. Each honours its context, also while it waits for a lock: when that is done, it returns an error
// that wraps the context's.
//
// A version is compared for equality, and raised by exactly one with each write. Keys are never shared between scopes.
// Arguments and returned values stay the caller's, who may change them. Strings can hold any valid Unicode but NUL. Ids, keys,
// attempts and holders are not empty and have at most 255 characters after their prefix, as Stripe's; other strings can be of any
// length. Nil and empty maps, slices and bytes are the same. Times are zero or in the years 1 to 9999; those of state are UTC in
// whole seconds, all others are exact to the microsecond at least. What encoding/json writes of an Object, an Intent, a Cursor or
// a Reservation can be kept: reading it loses nothing, and state that was kept before a field was added can still be read.
//
// How a store forgets what it may forget is its own affair: with later writes, or by a method that the host calls. All else is
// kept for good, objects that are nobody's included.
//
// What a store can do besides are interfaces of their own: IdempotencyStore, OpenLister and OwnerLoader. Package storetest
// checks an implementation against this contract, and against those of the three that it has. A store for a single process,
// such as one on an embedded database, is right for a host that runs one.
type SubscriptionStore interface {
	// Load returns an object, with both parts as they stood at one moment, and which of events are recorded for it. An object
	// that the store does not know has nothing but its scope and ID, and no events are recorded for it. An id that begins with
	// sub_ is a subscription's, every other one a payment's. There can be hundreds of events, in any order, and one of them
	// twice. It is a plain read.
	Load(ctx context.Context, scope project.Scope, id string, events []string) (Loaded, error)

	// Save writes the state of an object as w.New has it, the time w.At of the write, and w.Events as recorded for the object;
	// with w.WithNotification the notification as well. Each part that is written gets the version that follows that of w.Old,
	// whatever w.New says. All but the ID can differ from what was there, the owner, the customer and the time of creation
	// included: whatever a store lists the object by has to follow. It does so, and reports true, if all of this is so:
	//
	//   - The object's version is that of w.Old. For version 0 the store must not know the object: the write yields to
	//     whatever is there.
	//   - With w.WithNotification, the notification's version is that of w.Old too. Without it, the notification is left as it
	//     is, and so it is zero when the object is new.
	//   - The new state has no customer, or one that nobody has adopted, or one that its own owner has adopted (see
	//     AdoptCustomer; Save itself adopts none). So a state is not written for an owner who has turned out not to have the
	//     customer.
	//
	// Of any number of racing saves from the same version exactly one is done. An event can be recorded already: nothing changes
	// then. Its record may be forgotten 30 days after the time of the write: Stripe redelivers for 3.
	Save(ctx context.Context, w Write) (saved bool, err error)

	// SaveNotification writes the notification of an object if its version is n.Version, and raises that by one. The state, its
	// version and its time are left as they are, but an OpenLister may have to list the object now, or not any more. It reports
	// false for an object that the store does not know.
	SaveNotification(ctx context.Context, scope project.Scope, id string, n Notification) (saved bool, err error)

	// Subscriptions returns all subscriptions of owner, ended ones included, in no particular order. An owner without any
	// has an empty result and no error.
	Subscriptions(ctx context.Context, owner Owner) ([]Subscription, error)

	// Payments returns a page of owner's payments with an Amount above zero, newest CreatedAt first and then by ID descending,
	// and how many there are in all; of a page with an After, the total is 0 and need not be counted. IDs are in the order of
	// their bytes, or in any other in which the database compares strings: the same one for every page.
	Payments(ctx context.Context, owner Owner, page Page) (payments []Payment, total int, err error)

	// Intent returns the intent of that kind that was last swapped in for owner, or a zero Intent when there is none.
	Intent(ctx context.Context, owner Owner, kind IntentKind) (Intent, error)

	// SwapIntent replaces owner's intent of that kind by next, if the current one's Version equals version; zero means that
	// there must be none yet. It reports whether it did, and next's version is then one more, whatever next.Version says. Of
	// any number of racing swaps from the same version exactly one does. No customer is adopted by it. Callers pass a next with
	// an Attempt.
	SwapIntent(ctx context.Context, owner Owner, kind IntentKind, version int64, next Intent) (swapped bool, err error)

	// CustomerOwner returns the id of the owner who has adopted that customer, or ErrNotFound.
	CustomerOwner(ctx context.Context, scope project.Scope, customerID string) (ownerID string, err error)

	// AdoptCustomer makes owner the owner of a customer, for good, and swaps owner's customer intent as SwapIntent does. It
	// reports whether it has done both: if the customer belongs to another owner, or if the intent has another version, it does
	// neither. A customer can be owner's already. next need not be about this customer: an owner can have several, and the intent
	// is about the one that is used.
	AdoptCustomer(ctx context.Context, owner Owner, customerID string, version int64, next Intent) (adopted bool, err error)

	CursorStore
}

// CursorStore is the part of a SubscriptionStore that Reconcile keeps its place in.
type CursorStore interface {
	// ReconcileCursor returns how far reconciliations of a scope have come, or a zero Cursor when there was none.
	ReconcileCursor(ctx context.Context, scope project.Scope) (Cursor, error)

	// SwapReconcileCursor replaces the scope's cursor if its Version equals version; zero means that there must be none yet. It
	// reports whether it did, and the version is then one more. Of any number of racing swaps from the same version exactly one
	// does.
	SwapReconcileCursor(ctx context.Context, scope project.Scope, version int64, data []byte) (swapped bool, err error)
}

// Loaded is what SubscriptionStore.Load returns.
type Loaded struct {
	Object

	// Recorded are those of the events that are recorded for the object, each once, in any order.
	Recorded []string
}

// Write is one write of an object, for SubscriptionStore.Save.
type Write struct {
	// Old is the object as it was loaded, New as it is to be: the same scope and ID, and the kind of state that the ID says. What
	// has a state keeps having one. Where the versions agree, Old's parts are what is stored: a store that keeps a ledger or an
	// outbox of changes can write it from the two, in the transaction of the write.
	Old, New Object
	// WithNotification says that New.Notification is to be written too.
	WithNotification bool
	// Events are the ids of events that the new state reflects: sorted, each once.
	Events []string
	// At is the time of the write: what OpenLister asks for, and from which an event grows old.
	At time.Time
}

// Page says which of an owner's payments are wanted: at most Limit of them, after skipping the first Offset. Neither is
// negative; a Limit of 0 asks only for the total.
type Page struct {
	Offset, Limit int
	// After, unless it is zero, first leaves out the payments up to and including the one that it is the mark of; Offset and
	// Limit count from there. There need be no payment at that place any more. Pages that are asked for by the mark of the last
	// payment before them cost the same however far they go, and a new payment moves none.
	After Mark
}

// Mark is the place of a payment among the payments of its owner. One without an ID is the place after all payments of its
// second.
type Mark struct {
	CreatedAt time.Time
	ID        string
}

// OpenLister is a store that can list what is open in a whole scope. It is optional: without it, Reconcile can't find the
// subscriptions that Stripe does not show any more. Its method keeps to all that SubscriptionStore says of methods.
type OpenLister interface {
	// OpenSubscriptions returns subscriptions of scope that have not ended, or of whose end the host has still to be notified
	// (Object.Pending), and whose state was last written by a Save with a Write.At before the time. They come in the order of
	// their IDs, as SubscriptionStore.Payments has it; those up to and including the ID after are left out, none for an empty one,
	// and there are limit of them at most, which is positive.
	OpenSubscriptions(ctx context.Context, scope project.Scope, before time.Time, after string, limit int) ([]Subscription, error)
}

// Cursor is how far reconciliations of a scope have come.
type Cursor struct {
	// Version counts the writes of the cursor. Zero for no cursor.
	Version int64
	// Data is the cursor's content in JSON, which the store keeps byte for byte without reading it.
	Data []byte
}

// IntentKind names what an intent is about to create.
type IntentKind string

// The kinds of intents: an owner has at most one of each.
const (
	IntentCustomer IntentKind = "customer"
	IntentCheckout IntentKind = "checkout"
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
