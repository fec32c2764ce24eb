package refetch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/internal/guard"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// ErrHook says that the state was applied, but the host's hook failed to take the change: it has to be told again.
var ErrHook = errors.New("refetch: the OnChange hook failed")

const (
	// fetchTimeout bounds one refetch without the hook.
	fetchTimeout = 30 * time.Second
	// hookTimeout bounds the hook, and claimLife the claim: it outlives the hook by far, so that two are never told at the
	// same time. Of a claim that it has watched for so long a process knows by its own clock alone that it has lapsed; before
	// that, clocks of two replicas may differ by clockSkew.
	hookTimeout = 10 * time.Second
	claimLife   = 2 * hookTimeout
	clockSkew   = 5 * time.Minute
)

// Config is what a Refetcher works with. Every field but OnChange, Owner, Applied and Recorded is required.
type Config struct {
	Store  subscription.SubscriptionStore
	Stripe Stripe
	// OnChange is told of changes; nil tells nobody.
	OnChange subscription.OnChange
	// Owner is asked whose an object is that nothing else tells; nil asks nobody.
	Owner subscription.FindOwner
	// Applied is called after state of owner may have changed in the store, so that caches can drop it.
	Applied func(owner subscription.Owner)
	// Recorded is called when an event turns out to have been dealt with, by another process or before: what caches remember
	// may be older than what its sender may now rely on.
	Recorded func()
	Now      func() time.Time
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
	return &Refetcher{config: config, queue: queue{lines: map[target]*batch{}}, owners: owners, claims: newClaims()}
}

// Target names an object of one scope, and the credentials to fetch it with.
type Target struct {
	Scope       project.Scope
	Credentials project.Credentials
	// Object is its id: sub_…, in_…, pi_… or cs_….
	Object string
}

// Tracks reports whether id is that of an object that can be refetched.
func Tracks(id string) bool {
	prefix, _, found := strings.Cut(id, "_")
	return found && slices.Contains([]string{"sub", "in", "pi", "cs"}, prefix)
}

// Refetch brings the object into the store as it is at Stripe now, and returns once that is done and the host has taken
// the change. With events, which name what the refetch answers, nothing is done if all of them have been dealt with.
//
// Calls for an object that come while a fetch of it is running share the next one. A failure of Stripe is an
// *stripe.Error; with ErrHook and subscription.ErrClaimed the state has been stored; any other error is the store's.
func (r *Refetcher) Refetch(ctx context.Context, t Target, events ...string) error {
	return r.queue.join(ctx, t, events, func(b *batch) error { return r.run(ctx, t, b) })
}

// Stored returns err without the failures that leave the state stored: for those who want the state, not the telling.
// The webhook that is still to come tells the host.
func Stored(err error) error {
	if errors.Is(err, ErrHook) || errors.Is(err, subscription.ErrClaimed) {
		return nil
	}
	return err
}

// run does the work for all that wait in b. It outlives the request of the first of them, for the others.
func (r *Refetcher) run(ctx context.Context, t Target, b *batch) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	ticket, err := r.draw(ctx, t, b)
	if err != nil {
		return err
	}
	if ticket == 0 {
		if r.config.Recorded != nil {
			r.config.Recorded()
		}
		return nil
	}
	snapshot, err := r.fetch(ctx, t, b.events)
	if err != nil {
		return err
	}
	snapshot.Object, snapshot.Ticket, snapshot.Events = t.Object, ticket, b.events
	_, err = r.apply(ctx, t, snapshot)
	return err
}

// draw draws a ticket for all that wait in b, or returns 0 when there is nothing to fetch. For those who come while it is
// being drawn, it draws another one: the ticket must be later than the events that the fetch answers, for else the state
// that another replica saw before them could win.
func (r *Refetcher) draw(ctx context.Context, t Target, b *batch) (int64, error) {
	for {
		events, calls := r.queue.wanted(b)
		ticket, err := r.config.Store.Draw(ctx, t.Scope, t.Object, events)
		if all := r.queue.start(b); err != nil || all == calls {
			return ticket, err
		}
	}
}

// apply writes what was seen, and tells the host of the change. It reports whether the object is anybody's.
func (r *Refetcher) apply(ctx context.Context, t Target, snapshot subscription.Snapshot) (ours bool, err error) {
	object, now := target{t.Scope, t.Object}, r.config.Now()
	snapshot.Quiet, snapshot.At, snapshot.Lease = r.config.OnChange == nil, now, claimLife+clockSkew
	snapshot.Lapsed = r.claims.lapsed(object, now)
	change, err := r.config.Store.Apply(ctx, t.Scope, snapshot)
	if errors.Is(err, subscription.ErrClaimed) {
		r.claims.watch(object, change.Claim(), r.config.Now()) // it may be younger than the look at the clock before
	}
	if r.config.Applied != nil && (err == nil || errors.Is(err, subscription.ErrClaimed)) {
		for _, owner := range change.Owners() {
			r.config.Applied(owner)
		}
	}
	if err != nil || change.ID == "" {
		return len(change.Owners()) > 0, err
	}
	return true, r.tell(ctx, t, change, snapshot.At)
}

// tell tells the host of a change that this call has claimed at that time. When so much time has passed since that
// the hook might outlive the claim, nobody is told: another one may have told a later change by then.
func (r *Refetcher) tell(ctx context.Context, t Target, change subscription.Change, claimed time.Time) error {
	hookCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTimeout)
	defer cancel()
	if r.config.Now().Sub(claimed) > hookTimeout {
		return subscription.ErrClaimed
	}
	_, hookErr := guard.Call("the OnChange hook", func() (struct{}, error) {
		return struct{}{}, r.config.OnChange(hookCtx, change)
	})
	settleCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTimeout)
	defer cancel()
	if err := r.config.Store.Settle(settleCtx, t.Scope, change, hookErr == nil); err != nil {
		return fmt.Errorf("%w: it could not be settled: %w", ErrHook, err)
	}
	if hookErr != nil {
		return fmt.Errorf("%w: %w", ErrHook, hookErr)
	}
	return nil
}
