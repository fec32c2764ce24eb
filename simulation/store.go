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

func (w *world) wrap(s subscription.SubscriptionStore) subscription.SubscriptionStore { //nolint:ireturn // one of two
	wrapped := &store{SubscriptionStore: s, w: w}
	if keys, ok := s.(subscription.IdempotencyStore); ok {
		return keyedStore{wrapped, keys}
	}
	return wrapped
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

func who(o subscription.Owner) string { return o.UserID + "@" + o.ProjectID + "/" + string(o.Mode) }

func (s *store) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	return call(ctx, "Subscriptions", who(o), func() ([]subscription.Subscription, error) {
		subs, err := s.SubscriptionStore.Subscriptions(ctx, o)
		s.w.mu.Lock()
		defer s.w.mu.Unlock()
		slices.SortFunc(subs, func(a, b subscription.Subscription) int { return cmp.Compare(s.w.name(a.ID), s.w.name(b.ID)) })
		return subs, err // in the same order in every run
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
	return call(ctx, "OpenSubscriptions", sc.ProjectID+"/"+string(sc.Mode), func() ([]subscription.Subscription, error) {
		return lister.OpenSubscriptions(ctx, sc, before, after, limit)
	})
}

func (s *store) Payments(
	ctx context.Context, o subscription.Owner, offset, limit int,
) ([]subscription.Payment, int, error) {
	type page struct {
		payments []subscription.Payment
		total    int
	}
	p, err := call(ctx, "Payments", who(o), func() (page, error) {
		payments, total, err := s.SubscriptionStore.Payments(ctx, o, offset, limit)
		return page{payments, total}, err
	})
	return p.payments, p.total, err
}

func (s *store) Draw(ctx context.Context, sc project.Scope, object string, events []string) (int64, error) {
	return call(ctx, "Draw", object, func() (int64, error) { return s.SubscriptionStore.Draw(ctx, sc, object, events) })
}

func (s *store) Apply(
	ctx context.Context, sc project.Scope, snapshot subscription.Snapshot,
) (subscription.Change, error) {
	return call(ctx, "Apply", snapshot.Object, func() (subscription.Change, error) {
		change, err := s.SubscriptionStore.Apply(ctx, sc, snapshot)
		s.w.applied(taskOf(ctx), sc, snapshot)
		return change, err
	})
}

func (s *store) Settle(ctx context.Context, sc project.Scope, change subscription.Change, told bool) error {
	_, err := call(ctx, "Settle", change.Object(), func() (struct{}, error) {
		return struct{}{}, s.SubscriptionStore.Settle(ctx, sc, change, told)
	})
	return err
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

func (s *store) AdoptCustomer(ctx context.Context, o subscription.Owner, customerID string) error {
	_, err := call(ctx, "AdoptCustomer", customerID, func() (struct{}, error) {
		return struct{}{}, s.SubscriptionStore.AdoptCustomer(ctx, o, customerID)
	})
	return err
}

func (s *store) CustomerOwner(ctx context.Context, sc project.Scope, customerID string) (string, error) {
	return call(ctx, "CustomerOwner", customerID, func() (string, error) {
		return s.SubscriptionStore.CustomerOwner(ctx, sc, customerID)
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

// applied takes note that a task has applied a snapshot.
func (w *world) applied(k *task, sc project.Scope, s subscription.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.suspects[suspect{sc, s.Object}] = true
	if s.Subscription != nil && s.Subscription.Status.Ended() {
		k.ended = append(k.ended, s.Object)
	}
}
