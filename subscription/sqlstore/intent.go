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
	query, args := s.swap(owner, kind, version, next)
	rows, err := s.exec(ctx, query, args...)
	if err != nil {
		return false, fmt.Errorf("sqlstore: swap intent: %w", err)
	}
	return rows > 0, nil
}

// swap returns the statement that swaps an intent, and its arguments.
func (s *Store) swap(
	owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (query string, args []any) {
	key := ownerArgs(owner, string(kind))
	content := []any{next.Attempt, next.ObjectID, append([]byte{}, next.Data...)}
	if version == 0 {
		return s.queries.swapFirst, append(key, content...)
	}
	return s.queries.swapNext, append(content, append(key, version)...)
}

// AdoptCustomer implements subscription.SubscriptionStore.
func (s *Store) AdoptCustomer(
	ctx context.Context, owner subscription.Owner, customerID string, version int64, next subscription.Intent,
) (adopted bool, err error) {
	swap, args := s.swap(owner, subscription.IntentCustomer, version, next)
	all := [][]any{objectKey{owner.Scope, customerID}.args(owner.ID), args}
	err = s.retry(ctx, func() (err error) {
		adopted, err = s.transaction(ctx, []string{s.queries.adopt, swap}, all, len(all))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("sqlstore: adopt customer: %w", err)
	}
	return adopted, nil
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

// ReconcileCursor implements subscription.SubscriptionStore.
func (s *Store) ReconcileCursor(ctx context.Context, scope project.Scope) (cursor subscription.Cursor, err error) {
	err = s.get(ctx, s.queries.cursor, []any{scope.ProjectID, string(scope.Mode)}, &cursor.Version, &cursor.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return subscription.Cursor{}, nil
	}
	if err != nil {
		return subscription.Cursor{}, fmt.Errorf("sqlstore: reconcile cursor: %w", err)
	}
	return cursor, nil
}

// SwapReconcileCursor implements subscription.SubscriptionStore.
func (s *Store) SwapReconcileCursor(ctx context.Context, scope project.Scope, version int64, data []byte) (bool, error) {
	query, args := s.queries.cursorFirst, []any{scope.ProjectID, string(scope.Mode), string(data)}
	if version > 0 {
		query, args = s.queries.cursorNext, []any{string(data), scope.ProjectID, string(scope.Mode), version}
	}
	rows, err := s.exec(ctx, query, args...)
	if err != nil {
		return false, fmt.Errorf("sqlstore: swap reconcile cursor: %w", err)
	}
	return rows > 0, nil
}
