package memstore

import (
	"bytes"
	"context"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Intent implements subscription.SubscriptionStore.
func (s *Store) Intent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind,
) (subscription.Intent, error) {
	if err := ctx.Err(); err != nil {
		return subscription.Intent{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.intent(owner, kind), nil
}

// SwapIntent implements subscription.SubscriptionStore.
func (s *Store) SwapIntent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.swap(intentKey{owner, kind}, version, next), nil
}

// swap replaces an intent. The caller holds the mutex.
func (s *Store) swap(k intentKey, version int64, next subscription.Intent) bool {
	if s.intents[k].Version != version {
		return false
	}
	next.Version = version + 1
	next.Data = bytes.Clone(next.Data)
	s.intents[k] = next
	return true
}

// AdoptCustomer implements subscription.SubscriptionStore.
func (s *Store) AdoptCustomer(
	ctx context.Context, owner subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	customer := key{owner.Scope, customerID}
	if user, owned := s.customers[customer]; owned && user != owner.ID {
		return false, nil
	}
	if !s.swap(intentKey{owner, subscription.IntentCustomer}, version, next) {
		return false, nil
	}
	s.customers[customer] = owner.ID
	return true, nil
}

// CustomerOwner implements subscription.SubscriptionStore.
func (s *Store) CustomerOwner(ctx context.Context, scope project.Scope, customerID string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	userID, ok := s.customers[key{scope, customerID}]
	if !ok {
		return "", subscription.ErrNotFound
	}
	return userID, nil
}

// ReconcileCursor implements subscription.SubscriptionStore.
func (s *Store) ReconcileCursor(ctx context.Context, scope project.Scope) (subscription.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return subscription.Cursor{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cursor := s.cursors[scope]
	cursor.Data = bytes.Clone(cursor.Data)
	return cursor, nil
}

// SwapReconcileCursor implements subscription.SubscriptionStore.
func (s *Store) SwapReconcileCursor(ctx context.Context, scope project.Scope, version int64, data []byte) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cursors[scope].Version != version {
		return false, nil
	}
	s.cursors[scope] = subscription.Cursor{Version: version + 1, Data: bytes.Clone(data)}
	return true, nil
}
