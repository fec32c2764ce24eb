package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Every sweepEvery-th reservation deletes up to sweepRows keys that have expired: more than were added since.
const (
	sweepEvery = 16
	sweepRows  = 64
)

// ReserveKey implements subscription.IdempotencyStore.
func (s *Store) ReserveKey(
	ctx context.Context, scope project.Scope, key string, r subscription.Reservation,
) (existing subscription.Reservation, reserved bool, err error) {
	if s.reservations.Add(1)%sweepEvery == 0 {
		if _, err := s.exec(ctx, s.queries.sweepKeys, s.dialect.value(r.At)); err != nil {
			return existing, false, fmt.Errorf("sqlstore: sweep keys: %w", err)
		}
	}
	k := objectKey{scope, key}
	args := k.args(r.Holder, r.Fingerprint, s.dialect.value(r.At), s.dialect.value(r.LockedUntil), s.dialect.value(r.ExpiresAt))
	for {
		rows, err := s.exec(ctx, s.queries.reserve, args...)
		if err != nil {
			return existing, false, fmt.Errorf("sqlstore: reserve key: %w", err)
		}
		if rows > 0 {
			return existing, true, nil
		}
		existing, err := s.reservation(ctx, k)
		if errors.Is(err, sql.ErrNoRows) {
			continue // its holder has given it back since
		}
		if err != nil {
			return existing, false, fmt.Errorf("sqlstore: reserve key: %w", err)
		}
		return existing, false, nil
	}
}

func (s *Store) reservation(ctx context.Context, k objectKey) (subscription.Reservation, error) {
	var r subscription.Reservation
	var at, locked, expires timestamp
	var status sql.NullInt64
	var reply subscription.Reply
	err := s.get(ctx, s.queries.reserved, k.args(),
		&r.Holder, &r.Fingerprint, &at, &locked, &expires, &status, &reply.ContentType, &reply.Body)
	if err != nil {
		return subscription.Reservation{}, err
	}
	r.At, r.LockedUntil, r.ExpiresAt = at.Time, locked.Time, expires.Time
	if status.Valid {
		reply.Status = int(status.Int64)
		r.Reply = &reply
	}
	return r, nil
}

// FinishKey implements subscription.IdempotencyStore.
func (s *Store) FinishKey(
	ctx context.Context, scope project.Scope, key, holder string, reply *subscription.Reply,
) error {
	args := objectKey{scope, key}.args(holder)
	query := s.queries.release
	if reply != nil {
		query, args = s.queries.finish, append([]any{reply.Status, reply.ContentType, reply.Body}, args...)
	}
	if _, err := s.exec(ctx, query, args...); err != nil {
		return fmt.Errorf("sqlstore: finish key: %w", err)
	}
	return nil
}
