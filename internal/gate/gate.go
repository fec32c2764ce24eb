package gate

import (
	"context"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// size is how many owners the gate remembers, at a few hundred bytes each.
	size = 50_000
	// maxAge is how long the gate may go without seeing a change that another process stored.
	maxAge = 3 * time.Second
)

// Config is what a Gate works with. Store, Mode and Now are required.
type Config struct {
	Store subscription.SubscriptionStore
	// Mode is the mode that counts. It is the host's choice alone: a test-mode subscription never opens a live gate.
	Mode project.Mode
	// PastDueGrace is for how long after its payment first failed a past_due subscription still entitles: 0 for
	// subscription.DefaultPastDueGrace, negative not at all.
	PastDueGrace time.Duration
	Now          func() time.Time
}

// Gate knows who is entitled: a change that this process has stored is seen at once, one that another process has stored
// within three seconds. Only those who are entitled are remembered, so an owner who has just paid is never turned away by an
// old answer. It is safe for concurrent use.
type Gate struct {
	config Config
	passes *lru.Cache[key, pass]
	// drops counts changes: a look at the store that a change overtook is not remembered.
	drops atomic.Uint64
}

// key is an Owner of the gate's mode. A look at the cache costs by the length of its key.
type key struct{ projectID, ownerID string }

// pass is what the gate remembers of an owner: all subscriptions that have not ended, the best first.
type pass struct {
	subs  []*subscription.Subscription
	until time.Time
}

// New returns a Gate.
func New(config Config) *Gate {
	passes, _ := lru.New[key, pass](size) // it fails for a size below 1 only
	return &Gate{config: config, passes: passes}
}

// Drop forgets what is known of owner. Call it after a change of theirs has been stored.
func (g *Gate) Drop(owner subscription.Owner) {
	if owner.Mode != g.config.Mode {
		return
	}
	g.drops.Add(1)
	g.passes.Remove(key{owner.ProjectID, owner.ID})
}

// DropAll forgets what is known of everybody. Call it when another process turns out to have stored a change, of whom it is
// not known.
func (g *Gate) DropAll() {
	g.drops.Add(1)
	g.passes.Purge()
}

// Entitled returns the best subscription that entitles an owner in the gate's mode, or nil where none does: active and trialing
// ones do, and past_due ones for the grace period. With requirements, one of its items must meet at least one of them. Others
// hold the same subscription: it must not be changed. An error is the store's.
func (g *Gate) Entitled(
	ctx context.Context, projectID, ownerID string, requirements []subscription.Requirement,
) (*subscription.Subscription, error) {
	k, now := key{projectID, ownerID}, g.config.Now()
	if p, ok := g.passes.Get(k); ok && now.Before(p.until) {
		if s := g.pick(p.subs, requirements, now); s != nil {
			return s, nil
		}
	}
	drops := g.drops.Load()
	owner := subscription.Owner{Scope: project.Scope{ProjectID: projectID, Mode: g.config.Mode}, ID: ownerID}
	all, err := g.config.Store.Subscriptions(ctx, owner)
	if err != nil {
		return nil, err
	}
	var subs []*subscription.Subscription
	for _, s := range subscription.Ranked(all) {
		subs = append(subs, &s)
	}
	s := g.pick(subs, requirements, now)
	if s != nil {
		g.passes.Add(k, pass{subs: subs, until: now.Add(maxAge)})
		if g.drops.Load() != drops {
			g.passes.Remove(k)
		}
	}
	return s, nil
}

// pick returns the first of subs that entitles and meets a requirement.
func (g *Gate) pick(
	subs []*subscription.Subscription, requirements []subscription.Requirement, now time.Time,
) *subscription.Subscription {
	for _, s := range subs {
		if s.Entitles(now, g.config.PastDueGrace) && meets(s.Items, requirements) {
			return s
		}
	}
	return nil
}

func meets(items []subscription.Item, requirements []subscription.Requirement) bool {
	for _, item := range items {
		for _, met := range requirements {
			if met(item) {
				return true
			}
		}
	}
	return len(requirements) == 0
}
