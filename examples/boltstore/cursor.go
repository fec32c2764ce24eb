package boltstore

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// ReconcileCursor implements subscription.CursorStore.
func (s *Store) ReconcileCursor(ctx context.Context, scope project.Scope) (cursor subscription.Cursor, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor, err = get[subscription.Cursor](tx, cursors, scopeKey(scope))
		return err
	})
	return cursor, err
}

// SwapReconcileCursor implements subscription.CursorStore.
func (s *Store) SwapReconcileCursor(ctx context.Context, scope project.Scope, version int64, data []byte) (bool, error) {
	return s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		current, err := get[subscription.Cursor](tx, cursors, scopeKey(scope))
		if err != nil || current.Version != version {
			return false, err
		}
		return true, put(tx, cursors, scopeKey(scope), subscription.Cursor{Version: version + 1, Data: data})
	})
}
