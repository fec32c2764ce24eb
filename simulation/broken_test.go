package simulation

import (
	"context"
	"sync"
	"testing"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// late is a store that takes every snapshot for the newest one: it has no check of the ticket.
type late struct {
	*memstore.Store

	mu     sync.Mutex
	ticket int64
}

func lateWins(*testing.T) subscription.SubscriptionStore { return &late{Store: memstore.New()} }

func (l *late) Apply(ctx context.Context, sc project.Scope, s subscription.Snapshot) (subscription.Change, error) {
	l.mu.Lock()
	l.ticket++
	s.Ticket = 1_000_000 + l.ticket // higher than any that was drawn
	l.mu.Unlock()
	return l.Store.Apply(ctx, sc, s)
}

// hasty is a store that records an event when a refetch for it begins, not when the state has been written.
type hasty struct {
	*memstore.Store

	mu    sync.Mutex
	drawn map[string]bool
}

func recordsEarly(*testing.T) subscription.SubscriptionStore {
	return &hasty{Store: memstore.New(), drawn: map[string]bool{}}
}

func (h *hasty) Draw(ctx context.Context, sc project.Scope, object string, events []string) (int64, error) {
	h.mu.Lock()
	known := len(events) > 0
	for _, event := range events {
		key := sc.ProjectID + "/" + string(sc.Mode) + "/" + object + "/" + event
		known = known && h.drawn[key]
		h.drawn[key] = true
	}
	h.mu.Unlock()
	if known {
		return 0, nil
	}
	return h.Store.Draw(ctx, sc, object, events)
}

// blind is a store that swaps an intent in whichever version is the current one.
type blind struct {
	*memstore.Store

	mu sync.Mutex
}

func swapsBlindly(*testing.T) subscription.SubscriptionStore { return &blind{Store: memstore.New()} }

func (b *blind) SwapIntent(
	ctx context.Context, o subscription.Owner, kind subscription.IntentKind, _ int64, next subscription.Intent,
) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	current, err := b.Intent(ctx, o, kind)
	if err != nil {
		return false, err
	}
	return b.Store.SwapIntent(ctx, o, kind, current.Version, next)
}

// TestBrokenStoresAreFoundOut is what the simulation is worth.
func TestBrokenStoresAreFoundOut(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]func(*testing.T) subscription.SubscriptionStore{
		"no check of the ticket":             lateWins,
		"events recorded before the write":   recordsEarly,
		"intents swapped without comparison": swapsBlindly,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := search(t, Config{Store: store, Seeds: 1000})
			if found == nil {
				t.Fatal("not found out")
			}
			t.Logf("found out by seed %d: %s", found.seed, found.violation.promise)
		})
	}
}
