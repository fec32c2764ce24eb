package boltstore

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// ReserveKey implements subscription.IdempotencyStore.
func (s *Store) ReserveKey(
	ctx context.Context, scope project.Scope, key string, r subscription.Reservation,
) (existing subscription.Reservation, reserved bool, err error) {
	at := scopeKey(scope, key)
	reserved, err = s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		current, err := get[subscription.Reservation](tx, keys, at)
		if err != nil {
			return false, err
		}
		if !free(current, r) {
			existing = current
			return false, nil
		}
		if err := deleteKey(tx, at, current); err != nil {
			return false, err
		}
		if err := forget(tx, keys, keysByExpiry, r.At); err != nil {
			return false, err
		}
		r.Reply = nil // in flight
		if err := bucket(tx, keysByExpiry).Put(expiryKey(r.ExpiresAt, at), nil); err != nil {
			return false, err
		}
		return true, put(tx, keys, at, r)
	})
	return existing, reserved, err
}

// FinishKey implements subscription.IdempotencyStore.
func (s *Store) FinishKey(
	ctx context.Context, scope project.Scope, key, holder string, reply *subscription.Reply,
) error {
	at := scopeKey(scope, key)
	_, err := s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		current, err := get[subscription.Reservation](tx, keys, at)
		if err != nil || current.Holder != holder || current.Reply != nil {
			return false, err
		}
		if reply == nil {
			return true, deleteKey(tx, at, current)
		}
		current.Reply = reply
		return true, put(tx, keys, at, current)
	})
	return err
}

// free reports whether r can take the key from current, which is zero where nobody has it.
func free(current, r subscription.Reservation) bool {
	expired := !current.ExpiresAt.After(r.At)
	abandoned := current.Reply == nil && !current.LockedUntil.After(r.At)
	return expired || abandoned
}

func deleteKey(tx *bbolt.Tx, at []byte, r subscription.Reservation) error {
	if err := bucket(tx, keysByExpiry).Delete(expiryKey(r.ExpiresAt, at)); err != nil {
		return err
	}
	return bucket(tx, keys).Delete(at)
}
