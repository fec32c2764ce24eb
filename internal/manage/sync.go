package manage

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/subscription"
)

const (
	// syncTries is how often a quantity is counted and written until both agree, and syncLimit how long that may take.
	syncTries = 20
	syncLimit = 30 * time.Second
)

// SyncQuantity sets the quantity of an item to what count returns, and counts again until both agree. Why that is exact: whoever
// writes counts after the write, so the last of several writers, in whatever process, has counted what it has written.
//
// Calls for the same item that come before the work for it begins share it, with the count of one of them.
func (m *Manager) SyncQuantity(
	ctx context.Context, buyer customer.Buyer, in subscription.Update, count func(context.Context) (int64, error),
) (subscription.Updated, error) {
	key := syncKey{buyer.Owner, in.SubscriptionID, in.Item}
	return m.syncs.share(ctx, key, func(ctx context.Context) (subscription.Updated, error) {
		return m.syncQuantity(ctx, buyer, in, count)
	})
}

func (m *Manager) syncQuantity(
	ctx context.Context, buyer customer.Buyer, in subscription.Update, count func(context.Context) (int64, error),
) (out subscription.Updated, err error) {
	changed := false
	wanted, err := count(ctx)
	if err != nil {
		return out, err
	}
	for range syncTries {
		in.Quantity = wanted
		if out, err = m.SetQuantity(ctx, buyer, in); err != nil {
			return out, err
		}
		changed = changed || out.Changed
		if wanted, err = count(ctx); err != nil {
			return out, err
		}
		if wanted == in.Quantity {
			out.Changed = changed
			return out, nil
		}
	}
	e := subscription.ErrUnavailable.Because("The quantity changes all the time. Try again shortly.")
	e.RetryAfter = time.Second
	return out, e
}

// syncKey is the item whose quantity is synced, as it was named.
type syncKey struct {
	owner        subscription.Owner
	subscription string
	item         string
}

// syncs lets calls for one item share the work of those that wait. It is safe for concurrent use.
type syncs struct {
	mu sync.Mutex
	// waiting is the work of each item that has not begun, and last the one that was begun last and is not done.
	waiting, last map[syncKey]*syncWork
}

// syncWork is what calls wait for. out and err are set once done is closed.
type syncWork struct {
	done chan struct{}
	out  subscription.Updated
	err  error
}

// result returns what came of the work: to each caller a copy, which is theirs to change.
func (w *syncWork) result() (subscription.Updated, error) {
	out := w.out
	out.Subscription = out.Subscription.Clone()
	return out, w.err
}

var errSyncPanicked = errors.New("manage: the count of a quantity panicked")

// share runs work once that of the calls before it is done, and returns what it does to all calls that came meanwhile. The work
// outlives the context of the call that runs it, for the others.
func (s *syncs) share(
	ctx context.Context, key syncKey, work func(context.Context) (subscription.Updated, error),
) (subscription.Updated, error) {
	s.mu.Lock()
	if s.waiting == nil {
		s.waiting, s.last = map[syncKey]*syncWork{}, map[syncKey]*syncWork{}
	}
	w, before := s.waiting[key], s.last[key]
	first := w == nil
	if first {
		w = &syncWork{done: make(chan struct{}), err: errSyncPanicked}
		s.waiting[key] = w
	}
	s.mu.Unlock()
	if !first {
		select {
		case <-w.done:
			return w.result()
		case <-ctx.Done():
			return subscription.Updated{}, context.Cause(ctx)
		}
	}
	if before != nil {
		<-before.done // it is bounded by syncLimit
	}
	s.begin(key, w)
	defer s.end(key, w)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), syncLimit)
	defer cancel()
	w.out, w.err = work(ctx)
	return w.result()
}

// begin lets no call join w any more.
func (s *syncs) begin(key syncKey, w *syncWork) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, key)
	s.last[key] = w
}

func (s *syncs) end(key syncKey, w *syncWork) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last[key] == w {
		delete(s.last, key)
	}
	close(w.done)
}
