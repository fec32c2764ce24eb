package memstore

import (
	"bytes"
	"context"

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
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, attempt string, next subscription.Intent,
) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := intentKey{owner, kind}
	if s.intents[k].Attempt != attempt {
		return false, nil
	}
	next.Data = bytes.Clone(next.Data)
	s.intents[k] = next
	customer := key{owner.Scope, next.ObjectID}
	if _, owned := s.customers[customer]; kind == subscription.IntentCustomer && next.ObjectID != "" && !owned {
		s.customers[customer] = owner.UserID
	}
	return true, nil
}

// CustomerOwner implements subscription.SubscriptionStore.
func (s *Store) CustomerOwner(ctx context.Context, scope subscription.Scope, customerID string) (string, error) {
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
