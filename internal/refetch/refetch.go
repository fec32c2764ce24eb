package refetch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// fetchTimeout bounds one refetch without the hook.
	fetchTimeout = 30 * time.Second
	// maxTries bounds how often a refetch begins again because others have written the object meanwhile.
	maxTries = 6
)

// errOvertaken says that others wrote the object during each try.
var errOvertaken = errors.New("refetch: the object is being written all the time")

// Config is what a Refetcher works with. Every field but OnChange, Owner, Applied and Recorded is required.
type Config struct {
	Store     subscription.SubscriptionStore
	Stripe    Stripe
	Customers Customers
	// OnChange is notified of changes; nil for nobody.
	OnChange subscription.OnChange
	// Owner is asked whose an object is where nothing else says so; nil asks nobody.
	Owner subscription.FindOwner
	// Applied is called after state of owner may have changed in the store, so that caches can drop it.
	Applied func(owner subscription.Owner)
	// Recorded is called when an event turns out to have been dealt with, by another process or before: what caches remember
	// may be older than what its sender may now rely on.
	Recorded func()
	Now      func() time.Time
}

// Customers are the customers of owners.
type Customers interface {
	// Adopt makes owner the owner of a customer that is nobody's. It reports false when another request was faster, or when the
	// customer is another owner's.
	Adopt(ctx context.Context, owner subscription.Owner, customerID string) (adopted bool, err error)
}

// Refetcher brings objects from Stripe into the store. It is safe for concurrent use.
type Refetcher struct {
	config Config
	queue  queue
	// owners remembers for whom customers were made, which never changes.
	owners *lru.Cache[customer, string]
	claims *claims
}

type customer struct {
	scope project.Scope
	id    string
}

// ownersSize is how many customers are remembered, at some 200 bytes each.
const ownersSize = 50_000

// New returns a Refetcher.
func New(config Config) *Refetcher {
	owners, _ := lru.New[customer, string](ownersSize) // it fails for a size below 1 only
	return &Refetcher{config: config, queue: queue{last: map[target]*batch{}}, owners: owners, claims: newClaims()}
}

// Target names an object of one scope, and the credentials to fetch it with.
type Target struct {
	Scope       project.Scope
	Credentials project.Credentials
	// Object is its id: sub_…, in_…, pi_… or cs_….
	Object string
}

func (t Target) key() target { return target{t.Scope, t.Object} }

// Tracks reports whether id is that of an object that can be refetched.
func Tracks(id string) bool {
	prefix, _, found := strings.Cut(id, "_")
	return found && slices.Contains([]string{"sub", "in", "pi", "cs"}, prefix)
}

// Refetch brings the object into the store as it is at Stripe now, and returns it as it is stored once the host has taken the
// change. With events, which name what the refetch answers, Stripe is not asked if all of them have been dealt with. The
// result can be shared with other callers: it must not be changed.
//
// Calls for an object that come before its fetch has begun share it; those that come later share the next one. A failure of
// Stripe is an *stripe.Error. With errors that IgnoreHookError ignores the object has been stored and is returned; with any
// other, the store has failed, or others have written the object again and again meanwhile.
func (r *Refetcher) Refetch(ctx context.Context, t Target, events ...string) (subscription.Object, error) {
	return r.queue.join(ctx, t.key(), events, func(b *batch) (subscription.Object, error) { return r.run(ctx, t, b) })
}

// run does the work for all that wait in b. It outlives the request of the first of them, for the others.
func (r *Refetcher) run(ctx context.Context, t Target, b *batch) (subscription.Object, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	var last fetched
	for range maxTries {
		loaded, err := r.load(ctx, t, r.queue.asked(b))
		if err != nil {
			return subscription.Object{}, err
		}
		if events, forced := r.queue.close(b); !forced && !loaded.Pending() && containsAll(loaded.Recorded, events) {
			if r.config.Recorded != nil {
				r.config.Recorded()
			}
			return loaded.Object, nil
		}
		if !last.serves(loaded.Object, r.config.Now()) {
			last.events = r.queue.answered(t.key(), b)
			if last.seen, err = r.fetch(ctx, t, last.events); err != nil {
				return subscription.Object{}, err
			}
		}
		stored, saved, err := r.save(ctx, saving{target: t, old: loaded.Object, seen: last.seen, events: last.events})
		if saved || err != nil {
			return stored, err
		}
		last.done, last.version = true, loaded.Version
	}
	return subscription.Object{}, errOvertaken
}

// load loads the object, and notes who is notifying the host of it.
func (r *Refetcher) load(ctx context.Context, t Target, events []string) (subscription.Loaded, error) {
	loaded, err := r.config.Store.Load(ctx, t.Scope, t.Object, events)
	if n := loaded.Notification; err == nil && !n.ClaimedUntil.IsZero() {
		r.claims.watch(t.key(), n.Version, r.config.Now())
	}
	return loaded, err
}

// fetched is a fetch whose save has failed, and for which the object is loaded anew.
type fetched struct {
	seen   seen
	events []string
	done   bool
	// version is the one from which it could not be saved.
	version int64
}

// serves reports whether what was fetched can be saved over what is stored now. It can if another caller has meanwhile stored the
// same state: then there are only events to record, whichever of the two fetches was the later one. So of many replicas that
// hear of one change each fetches it once.
func (f fetched) serves(stored subscription.Object, now time.Time) bool {
	return f.done && f.version != stored.Version && merge(stored, f.seen, now).SameState(stored)
}

func containsAll(list, events []string) bool {
	return !slices.ContainsFunc(events, func(event string) bool { return !slices.Contains(list, event) })
}

// saving is what was seen of an object, to be saved over what was loaded before.
type saving struct {
	target      Target
	old         subscription.Object
	seen        seen
	events      []string
	skipInitial bool
}

// save writes what was seen, and notifies the host of the change. It reports false, and has done nothing, when somebody else has
// written the object since it was loaded, or when its customer has turned out to be another user's.
func (r *Refetcher) save(ctx context.Context, s saving) (stored subscription.Object, saved bool, err error) {
	now := r.config.Now()
	next, err := r.next(ctx, s, now)
	if err != nil {
		return next, false, err
	}
	var decided decision
	next.Notification, decided = decide(s.old, next, terms{
		nobody: r.config.OnChange == nil, skipInitial: s.skipInitial,
		now: now, lapsed: r.claims.lapsed(s.target.key(), now),
	})
	w := subscription.Write{
		Old: s.old, New: next, WithNotification: decided == skip || decided == notify, Events: s.events, At: now,
	}
	if saved, err = r.config.Store.Save(ctx, w); err != nil || !saved {
		return next, false, err
	}
	next.Version = s.old.Version + 1
	if w.WithNotification {
		next.Notification.Version = s.old.Notification.Version + 1
	}
	r.applied(s.old.Owner(), next.Owner())
	switch decided {
	case leave:
		return next, true, r.notifyNow(ctx, s.target)
	case notify:
		return next, true, r.notify(ctx, next, now)
	case nothing, skip:
	}
	return next, true, nil
}

// next returns the object as it is by what was seen. A state that names nobody belongs to the owner of its customer, if there is
// one by now, and else to whom it belonged before.
func (r *Refetcher) next(ctx context.Context, s saving, now time.Time) (subscription.Object, error) {
	next := merge(s.old, s.seen, now)
	if next.CustomerID() == "" || s.seen.named() {
		return next, nil
	}
	user, err := r.customerOwner(ctx, customer{next.Scope, next.CustomerID()})
	switch {
	case err == nil:
		return give(next, user), nil
	case errors.Is(err, subscription.ErrNotFound):
		return next, nil
	}
	return next, err
}

// applied tells caches of the users whose state may have changed.
func (r *Refetcher) applied(owners ...subscription.Owner) {
	if r.config.Applied == nil {
		return
	}
	for i, owner := range owners {
		if owner.ID != "" && !slices.Contains(owners[:i], owner) {
			r.config.Applied(owner)
		}
	}
}
