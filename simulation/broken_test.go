package simulation

import (
	"context"
	"sync"
	"testing"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// late is a store that saves a state over every version: who writes last wins.
type late struct {
	*memstore.Store

	mu sync.Mutex
}

func lateWins(*testing.T) subscription.SubscriptionStore { return &late{Store: memstore.New()} }

func (l *late) Save(ctx context.Context, w subscription.Write) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	current, err := l.Load(ctx, w.New.Scope, w.New.ID, nil)
	if err != nil {
		return false, err
	}
	w.Old.Version = current.Version
	return l.Store.Save(ctx, w)
}

// hasty is a store that records an event when a refetch for it begins, not when the state has been written.
type hasty struct {
	*memstore.Store

	mu     sync.Mutex
	loaded map[string]bool
}

func recordsEarly(*testing.T) subscription.SubscriptionStore {
	return &hasty{Store: memstore.New(), loaded: map[string]bool{}}
}

func (h *hasty) Load(
	ctx context.Context, sc project.Scope, object string, events []string,
) (subscription.Loaded, error) {
	loaded, err := h.Store.Load(ctx, sc, object, events)
	h.mu.Lock()
	defer h.mu.Unlock()
	loaded.Recorded = nil
	for _, event := range events {
		key := scopeName(sc) + "/" + object + "/" + event
		if h.loaded[key] {
			loaded.Recorded = append(loaded.Recorded, event)
		}
		h.loaded[key] = true
	}
	return loaded, err
}

// eager is a store that writes a notification over every version: everybody may tell the host.
type eager struct{ *memstore.Store }

func claimsBlindly(*testing.T) subscription.SubscriptionStore { return eager{memstore.New()} }

func (e eager) Save(ctx context.Context, w subscription.Write) (bool, error) {
	current, err := e.Load(ctx, w.New.Scope, w.New.ID, nil)
	if err != nil {
		return false, err
	}
	w.Old.Version, w.Old.Notification.Version = current.Version, current.Notification.Version
	return e.Store.Save(ctx, w)
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
		"versions are not compared":          lateWins,
		"events recorded before the write":   recordsEarly,
		"notifications are not compared":     claimsBlindly,
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
