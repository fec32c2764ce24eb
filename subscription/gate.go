package subscription

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/project"
)

const (
	// gateSize is how many users the gate remembers, at a few hundred bytes each.
	gateSize = 50_000
	// gateMaxAge is how long the gate may go without seeing a change that another process applied.
	gateMaxAge = 3 * time.Second
	// retryGate is what clients are told to wait when the store can't be read.
	retryGate = 2 * time.Second
)

// GateConfig is what a Gate works with. Store, Mode, Encode, Logger and Now are required.
type GateConfig struct {
	Store SubscriptionStore
	// Mode is the mode that counts. It is the host's choice alone: a test-mode subscription never opens a live gate.
	Mode project.Mode
	// PastDueGrace is for how long after its payment first failed a past_due subscription still passes: 0 for
	// DefaultPastDueGrace, negative not at all.
	PastDueGrace time.Duration
	Encode       httperr.Encoder
	Logger       *slog.Logger
	Now          func() time.Time
}

// Gate lets those users pass who are entitled by a subscription. It answers from memory while it can: a change applied in
// this process is seen at once, one that another process applied within three seconds. Only those who pass are
// remembered, so a user who has just paid is never turned away by an old answer. It is safe for concurrent use.
type Gate struct {
	config GateConfig
	passes *lru.Cache[gateUser, pass]
	// drops counts changes: a look at the store that a change overtook is not remembered.
	drops atomic.Uint64
}

// gateUser is an Owner of the gate's mode. A look at the cache costs by the length of its key.
type gateUser struct{ projectID, userID string }

// pass is what the gate remembers of a user: all subscriptions that have not ended, the best first.
type pass struct {
	subs  []*Subscription
	until time.Time
}

// NewGate returns a Gate.
func NewGate(config GateConfig) *Gate {
	passes, _ := lru.New[gateUser, pass](gateSize) // it fails for a size below 1 only
	return &Gate{config: config, passes: passes}
}

// Drop forgets what is known of owner. Call it after a change of theirs has been stored.
func (g *Gate) Drop(owner Owner) {
	if owner.Mode != g.config.Mode {
		return
	}
	g.drops.Add(1)
	g.passes.Remove(gateUser{owner.ProjectID, owner.UserID})
}

// DropAll forgets what is known of everybody. Call it when another process turns out to have stored a change, of whom it is
// not known.
func (g *Gate) DropAll() {
	g.drops.Add(1)
	g.passes.Purge()
}

// Requirement narrows what a gate asks for.
type Requirement func(Item) bool

// Price is met by a subscription to any of the prices.
func Price(ids ...string) Requirement {
	return func(i Item) bool { return slices.Contains(ids, i.PriceID) }
}

// Product is met by a subscription to any of the products.
func Product(ids ...string) Requirement {
	return func(i Item) bool { return slices.Contains(ids, i.ProductID) }
}

// Plan is met by a subscription to a plan of any of the names, as Item.PlanName has them.
func Plan(names ...string) Requirement {
	return func(i Item) bool { return slices.Contains(names, i.PlanName) }
}

// Require returns a middleware that lets a verified user pass whose subscription entitles: active and trialing do, and
// past_due for the grace period. With requirements, one of its items must meet at least one of them. The next handler
// finds the subscription with FromContext. Everyone else is answered 402, or 503 when the store can't be read. It must
// run inside auth.Verify and auth.Require.
func (g *Gate) Require(requirements ...Requirement) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			id, _ := auth.FromContext(ctx)
			s, err := g.entitled(ctx, gateUser{id.ProjectID, id.UserID}, requirements)
			switch {
			case err != nil:
				g.config.Logger.ErrorContext(ctx, "the gate could not read the store", "error", err)
				g.config.Encode(w, r, httperr.Unavailable("Your plan can't be checked right now. Try again shortly.", retryGate, err))
			case s == nil:
				g.config.Encode(w, r, httperr.New(http.StatusPaymentRequired, httperr.CodeSubscriptionRequired,
					"This needs a subscription."))
			default:
				next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, contextKey{}, s)))
			}
		})
	}
}

type contextKey struct{}

// FromContext returns the subscription that opened the gate. It is a copy: what the caller does to it concerns no other request.
func FromContext(ctx context.Context) (Subscription, bool) {
	s, ok := ctx.Value(contextKey{}).(*Subscription)
	if !ok {
		return Subscription{}, false
	}
	c := *s
	c.Items, c.Metadata = slices.Clone(s.Items), maps.Clone(s.Metadata)
	return c, true
}

// entitled returns the subscription that entitles user, or nil.
func (g *Gate) entitled(ctx context.Context, user gateUser, requirements []Requirement) (*Subscription, error) {
	now := g.config.Now()
	if p, ok := g.passes.Get(user); ok && now.Before(p.until) {
		if s := g.pick(p.subs, requirements, now); s != nil {
			return s, nil
		}
	}
	drops := g.drops.Load()
	owner := Owner{Scope: project.Scope{ProjectID: user.projectID, Mode: g.config.Mode}, UserID: user.userID}
	all, err := g.config.Store.Subscriptions(ctx, owner)
	if err != nil {
		return nil, err
	}
	var subs []*Subscription
	for _, s := range Ranked(all) {
		subs = append(subs, &s)
	}
	s := g.pick(subs, requirements, now)
	if s != nil {
		g.passes.Add(user, pass{subs: subs, until: now.Add(gateMaxAge)})
		if g.drops.Load() != drops {
			g.passes.Remove(user)
		}
	}
	return s, nil
}

// pick returns the first of subs that entitles and meets a requirement.
func (g *Gate) pick(subs []*Subscription, requirements []Requirement, now time.Time) *Subscription {
	for _, s := range subs {
		if entitles(s, now, g.config.PastDueGrace) && meets(s.Items, requirements) {
			return s
		}
	}
	return nil
}

func meets(items []Item, requirements []Requirement) bool {
	for _, item := range items {
		for _, met := range requirements {
			if met(item) {
				return true
			}
		}
	}
	return len(requirements) == 0
}
