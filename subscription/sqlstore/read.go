package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// ownerArgs are the arguments of ofUser.
func ownerArgs(o subscription.Owner, more ...any) []any {
	return append([]any{o.ProjectID, string(o.Mode), o.ID}, more...)
}

// Subscriptions implements subscription.SubscriptionStore.
func (s *Store) Subscriptions(ctx context.Context, owner subscription.Owner) ([]subscription.Subscription, error) {
	subs, err := s.listSubscriptions(ctx, s.queries.subscriptions, ownerArgs(owner))
	if err != nil {
		return nil, fmt.Errorf("sqlstore: subscriptions: %w", err)
	}
	return subs, nil
}

// OpenSubscriptions implements subscription.OpenLister.
func (s *Store) OpenSubscriptions(
	ctx context.Context, scope project.Scope, before time.Time, after string, limit int,
) ([]subscription.Subscription, error) {
	args := []any{scope.ProjectID, string(scope.Mode), s.dialect.value(before), after, limit}
	subs, err := s.listSubscriptions(ctx, s.queries.open, args)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open subscriptions: %w", err)
	}
	return subs, nil
}

func (s *Store) listSubscriptions(ctx context.Context, query string, args []any) (subs []subscription.Subscription, err error) {
	err = s.list(ctx, query, args, func() { subs = nil }, func(rows *sql.Rows) error {
		var document []byte
		if err := rows.Scan(&document); err != nil {
			return err
		}
		var sub *subscription.Subscription
		if err := json.Unmarshal(document, &sub); err != nil {
			return err
		}
		if sub != nil { // it is nobody's
			subs = append(subs, *sub)
		}
		return nil
	})
	return subs, err
}

// Payments implements subscription.SubscriptionStore.
func (s *Store) Payments(
	ctx context.Context, owner subscription.Owner, page subscription.Page,
) (payments []subscription.Payment, total int, err error) {
	query, args := s.queries.payments, append(ownerArgs(owner), ownerArgs(owner, page.Limit, page.Offset)...)
	if page.After != (subscription.Mark{}) {
		query = s.queries.paymentsAfter
		args = ownerArgs(owner, s.dialect.value(page.After.CreatedAt), page.After.ID, page.Limit, page.Offset)
	}
	err = s.list(ctx, query, args, func() { payments = nil }, func(rows *sql.Rows) error {
		var document []byte
		if err := rows.Scan(&total, &document); err != nil || document == nil {
			return err // a page without payments is one row with the count
		}
		var payment subscription.Payment
		if err := json.Unmarshal(document, &payment); err != nil {
			return err
		}
		payments = append(payments, payment)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("sqlstore: payments: %w", err)
	}
	return payments, total, nil
}
