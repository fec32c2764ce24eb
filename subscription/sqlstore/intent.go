package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Intent implements subscription.SubscriptionStore.
func (s *Store) Intent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind,
) (intent subscription.Intent, err error) {
	err = s.get(ctx, s.queries.intent, ownerArgs(owner, string(kind)),
		&intent.Version, &intent.Attempt, &intent.ObjectID, &intent.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return subscription.Intent{}, nil
	}
	if err != nil {
		return subscription.Intent{}, fmt.Errorf("sqlstore: intent: %w", err)
	}
	return intent, nil
}

// SwapIntent implements subscription.SubscriptionStore.
func (s *Store) SwapIntent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	key := ownerArgs(owner, string(kind))
	content := []any{next.Attempt, next.ObjectID, append([]byte{}, next.Data...)}
	swap, args := s.queries.swapNext, [][]any{append(content, append(key, version)...)}
	if version == 0 {
		swap, args = s.queries.swapFirst, [][]any{append(key, content...)}
	}
	batch := swap.alone
	if kind == subscription.IntentCustomer && next.ObjectID != "" {
		batch, args = swap.customer, append(args, objectKey{owner.Scope, next.ObjectID}.args(owner.UserID))
	}
	swapped, err := s.write(ctx, batch, args...)
	if err != nil {
		return false, fmt.Errorf("sqlstore: swap intent: %w", err)
	}
	return swapped, nil
}

// AdoptCustomer implements subscription.SubscriptionStore.
func (s *Store) AdoptCustomer(ctx context.Context, owner subscription.Owner, customerID string) error {
	if _, err := s.exec(ctx, s.queries.adopt, objectKey{owner.Scope, customerID}.args(owner.UserID)...); err != nil {
		return fmt.Errorf("sqlstore: adopt customer: %w", err)
	}
	return nil
}

// CustomerOwner implements subscription.SubscriptionStore.
func (s *Store) CustomerOwner(
	ctx context.Context, scope project.Scope, customerID string,
) (userID string, err error) {
	err = s.get(ctx, s.queries.customerOwner, objectKey{scope, customerID}.args(), &userID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", subscription.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("sqlstore: customer owner: %w", err)
	}
	return userID, nil
}
