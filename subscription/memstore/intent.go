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
	intent := s.intents[intentKey{owner, kind}]
	intent.Data = bytes.Clone(intent.Data)
	return intent, nil
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
	k := intentKey{owner, kind}
	if s.intents[k].Version != version {
		return false, nil
	}
	next.Version = version + 1
	next.Data = bytes.Clone(next.Data)
	s.intents[k] = next
	if kind == subscription.IntentCustomer && next.ObjectID != "" {
		s.adopt(owner, next.ObjectID)
	}
	return true, nil
}

// AdoptCustomer implements subscription.SubscriptionStore.
func (s *Store) AdoptCustomer(ctx context.Context, owner subscription.Owner, customerID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adopt(owner, customerID)
	return nil
}

// adopt gives a customer that has no owner yet this one. The caller holds the mutex.
func (s *Store) adopt(owner subscription.Owner, customerID string) {
	customer := key{owner.Scope, customerID}
	if _, owned := s.customers[customer]; !owned {
		s.customers[customer] = owner.UserID
	}
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
