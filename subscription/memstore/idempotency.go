package memstore

import (
	"bytes"
	"context"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// sweep is how many keys one reservation looks at to delete those that have expired: more than it adds, so the number
// of expired ones stays small.
const sweep = 8

// ReserveKey implements subscription.IdempotencyStore.
func (s *Store) ReserveKey(
	ctx context.Context, scope project.Scope, id string, r subscription.Reservation,
) (existing subscription.Reservation, reserved bool, err error) {
	if err := ctx.Err(); err != nil {
		return subscription.Reservation{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{scope, id}
	old, ok := s.keys[k]
	inFlight := old.Reply == nil && old.LockedUntil.After(r.At)
	if ok && old.ExpiresAt.After(r.At) && (inFlight || old.Reply != nil) {
		old.Reply = cloneReply(old.Reply)
		return old, false, nil
	}
	r.Reply = nil
	s.keys[k] = r
	s.sweep(r.At)
	return subscription.Reservation{}, true, nil
}

// sweep deletes those of some keys, picked at random, that have expired. The caller holds the mutex.
func (s *Store) sweep(now time.Time) {
	looked := 0
	for k, r := range s.keys {
		if !r.ExpiresAt.After(now) {
			delete(s.keys, k)
		}
		looked++
		if looked == sweep {
			return
		}
	}
}

// FinishKey implements subscription.IdempotencyStore.
func (s *Store) FinishKey(
	ctx context.Context, scope project.Scope, id, holder string, reply *subscription.Reply,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{scope, id}
	r, ok := s.keys[k]
	switch {
	case !ok || r.Holder != holder || r.Reply != nil:
	case reply == nil:
		delete(s.keys, k)
	default:
		r.Reply = cloneReply(reply)
		s.keys[k] = r
	}
	return nil
}

func cloneReply(r *subscription.Reply) *subscription.Reply {
	if r == nil {
		return nil
	}
	c := *r
	c.Body = bytes.Clone(r.Body)
	return &c
}
