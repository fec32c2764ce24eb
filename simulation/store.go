package simulation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// store is the store under test, with a stop before and after each call, where it can fail.
type store struct {
	subscription.SubscriptionStore

	w *world
}

// keyedStore is a store that has the ability of subscription.IdempotencyStore too.
type keyedStore struct {
	*store

	keys subscription.IdempotencyStore
}

// ownerLoader is the ability of subscription.OwnerLoader.
type ownerLoader struct {
	loader subscription.OwnerLoader
	w      *world
}

// wrap wraps the store under test with the abilities that it has. In half of the worlds it has no OwnerLoader.
func (w *world) wrap(s subscription.SubscriptionStore) subscription.SubscriptionStore { //nolint:ireturn // one of four
	plain := &store{SubscriptionStore: s, w: w}
	keys, keyed := s.(subscription.IdempotencyStore)
	loader, loads := s.(subscription.OwnerLoader)
	loads = loads && w.odds(2, "owners are loaded whole")
	switch {
	case keyed && loads:
		return struct {
			keyedStore
			ownerLoader
		}{keyedStore{plain, keys}, ownerLoader{loader, w}}
	case keyed:
		return keyedStore{plain, keys}
	case loads:
		return struct {
			*store
			ownerLoader
		}{plain, ownerLoader{loader, w}}
	}
	return plain
}

func (l ownerLoader) LoadOwner(ctx context.Context, o subscription.Owner) (subscription.OwnerState, error) {
	return call(ctx, "LoadOwner", who(o), func() (subscription.OwnerState, error) {
		state, err := l.loader.LoadOwner(ctx, o)
		l.w.sort(state.Subscriptions)
		return state, err
	})
}

// sort puts subscriptions in the same order in every run.
func (w *world) sort(subs []subscription.Subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(subs, func(a, b subscription.Subscription) int { return cmp.Compare(w.name(a.ID), w.name(b.ID)) })
}

var errStore = errors.New("simulation: the store failed")

// call makes a call to the store.
func call[T any](ctx context.Context, what, about string, do func() (T, error)) (T, error) {
	var zero T
	k := taskOf(ctx)
	f, err := k.stop(ctx, point{what: what, about: about, faults: storeBefore()})
	if f == storeFails {
		return zero, errStore
	}
	if err != nil {
		return zero, err
	}
	v, doErr := do()
	f, err = k.stop(ctx, point{what: what, about: about, after: true, faults: storeAfter()})
	switch {
	case errors.Is(err, errKilled):
		return zero, err
	case f == storeLoses:
		return zero, errStore
	}
	return v, doErr
}

func scopeName(sc project.Scope) string { return sc.ProjectID + "/" + string(sc.Mode) }

func who(o subscription.Owner) string { return o.ID + "@" + scopeName(o.Scope) }

func (s *store) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	return call(ctx, "Subscriptions", who(o), func() ([]subscription.Subscription, error) {
		subs, err := s.SubscriptionStore.Subscriptions(ctx, o)
		s.w.sort(subs)
		return subs, err
	})
}

// OpenSubscriptions has none to tell where the store under test has not the ability.
func (s *store) OpenSubscriptions(
	ctx context.Context, sc project.Scope, before time.Time, after string, limit int,
) ([]subscription.Subscription, error) {
	lister, ok := s.SubscriptionStore.(subscription.OpenLister)
	if !ok {
		return nil, nil
	}
	return call(ctx, "OpenSubscriptions", scopeName(sc), func() ([]subscription.Subscription, error) {
		return lister.OpenSubscriptions(ctx, sc, before, after, limit)
	})
}

func (s *store) Payments(
	ctx context.Context, o subscription.Owner, page subscription.Page,
) ([]subscription.Payment, int, error) {
	type result struct {
		payments []subscription.Payment
		total    int
	}
	r, err := call(ctx, "Payments", who(o), func() (result, error) {
		payments, total, err := s.SubscriptionStore.Payments(ctx, o, page)
		return result{payments, total}, err
	})
	return r.payments, r.total, err
}

func (s *store) Load(
	ctx context.Context, sc project.Scope, object string, events []string,
) (subscription.Loaded, error) {
	return call(ctx, "Load", object, func() (subscription.Loaded, error) {
		return s.SubscriptionStore.Load(ctx, sc, object, events)
	})
}

func (s *store) Save(ctx context.Context, w subscription.Write) (bool, error) {
	return call(ctx, "Save", w.New.ID, func() (bool, error) {
		saved, err := s.SubscriptionStore.Save(ctx, w)
		if saved || err != nil {
			s.w.saved(taskOf(ctx), w.New)
		}
		return saved, err
	})
}

func (s *store) SaveNotification(
	ctx context.Context, sc project.Scope, object string, n subscription.Notification,
) (bool, error) {
	return call(ctx, "SaveNotification", object, func() (bool, error) {
		return s.SubscriptionStore.SaveNotification(ctx, sc, object, n)
	})
}

func (s *store) Intent(
	ctx context.Context, o subscription.Owner, kind subscription.IntentKind,
) (subscription.Intent, error) {
	return call(ctx, "Intent "+string(kind), who(o), func() (subscription.Intent, error) {
		return s.SubscriptionStore.Intent(ctx, o, kind)
	})
}

func (s *store) SwapIntent(
	ctx context.Context, o subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	return call(ctx, "SwapIntent "+string(kind), who(o), func() (bool, error) {
		return s.SubscriptionStore.SwapIntent(ctx, o, kind, version, next)
	})
}

func (s *store) AdoptCustomer(
	ctx context.Context, o subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	return call(ctx, "AdoptCustomer", customerID, func() (bool, error) {
		return s.SubscriptionStore.AdoptCustomer(ctx, o, customerID, version, next)
	})
}

func (s *store) CustomerOwner(ctx context.Context, sc project.Scope, customerID string) (string, error) {
	return call(ctx, "CustomerOwner", customerID, func() (string, error) {
		return s.SubscriptionStore.CustomerOwner(ctx, sc, customerID)
	})
}

func (s *store) ReconcileCursor(ctx context.Context, sc project.Scope) (subscription.Cursor, error) {
	return call(ctx, "ReconcileCursor", scopeName(sc), func() (subscription.Cursor, error) {
		return s.SubscriptionStore.ReconcileCursor(ctx, sc)
	})
}

func (s *store) SwapReconcileCursor(ctx context.Context, sc project.Scope, version int64, data []byte) (bool, error) {
	return call(ctx, "SwapReconcileCursor", scopeName(sc), func() (bool, error) {
		return s.SubscriptionStore.SwapReconcileCursor(ctx, sc, version, data)
	})
}

func (s keyedStore) ReserveKey(
	ctx context.Context, sc project.Scope, key string, r subscription.Reservation,
) (subscription.Reservation, bool, error) {
	type result struct {
		existing subscription.Reservation
		reserved bool
	}
	out, err := call(ctx, "ReserveKey", "", func() (result, error) {
		existing, reserved, err := s.keys.ReserveKey(ctx, sc, key, r)
		return result{existing, reserved}, err
	})
	return out.existing, out.reserved, err
}

func (s keyedStore) FinishKey(
	ctx context.Context, sc project.Scope, key, holder string, reply *subscription.Reply,
) error {
	_, err := call(ctx, "FinishKey", "", func() (struct{}, error) {
		return struct{}{}, s.keys.FinishKey(ctx, sc, key, holder, reply)
	})
	return err
}

// saved takes note that a task has saved an object, or may have.
func (w *world) saved(k *task, o subscription.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.suspects[suspect{o.Scope, o.ID}] = true
	if o.Subscription != nil && o.Subscription.Status.Ended() {
		k.ended = append(k.ended, o.ID)
	}
}
