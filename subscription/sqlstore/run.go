package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paymount/paymount/internal/sleep"
)

const (
	// tries is how often a statement is tried that others get in the way of.
	tries = 12
	// firstPause and longestPause bound the random pause between two tries; its bound doubles each time. In all they take
	// less than two seconds.
	firstPause   = 4 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// retry calls work until it succeeds, fails for good, or has been tried often enough.
func (s *Store) retry(ctx context.Context, work func() error) error {
	bound := firstPause
	for try := 1; ; try++ {
		err := work()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
			return fmt.Errorf("%w: %w", ctx.Err(), err) // not every driver says why it was interrupted
		case try == tries || !s.dialect.transient(err):
			return err
		}
		if sleep.For(ctx, rand.N(bound)) != nil { //nolint:gosec // no secret: it spreads those who try again
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
		bound = min(2*bound, longestPause)
	}
}

// exec runs a statement that stands alone, and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	err = s.retry(ctx, func() error {
		result, err := s.db.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}

// get reads one row into dest. It returns sql.ErrNoRows where there is none.
func (s *Store) get(ctx context.Context, query string, args []any, dest ...any) error {
	return s.retry(ctx, func() error { return s.db.QueryRowContext(ctx, query, args...).Scan(dest...) })
}

// list reads all rows; row scans one.
func (s *Store) list(ctx context.Context, query string, args []any, begin func(), row func(rows *sql.Rows) error) error {
	return s.retry(ctx, func() (err error) {
		begin()
		rows, err := s.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			if err := row(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// write runs a batch, each of whose statements has its own arguments. It reports whether the first one changed a row.
func (s *Store) write(ctx context.Context, b batch, args ...[]any) (written bool, err error) {
	if b.whole == "" {
		err = s.retry(ctx, func() (err error) {
			written, err = s.transaction(ctx, b.parts, args, 1)
			return err
		})
		return written, err
	}
	var rows int64
	err = s.get(ctx, b.whole, slices.Concat(args...), &rows)
	return rows > 0, err
}

// transaction runs the parts of a batch one by one. It reports false, and has done nothing, when one of the first deciding parts
// changes no row. The first one writes, so SQLite waits for the others' transactions there and the later parts never meet one.
func (s *Store) transaction(ctx context.Context, parts []string, args [][]any, deciding int) (written bool, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() {
		if rollback := tx.Rollback(); !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	for i, part := range parts {
		result, err := tx.ExecContext(ctx, part, args[i]...)
		if err != nil {
			return false, err
		}
		if i >= deciding {
			continue
		}
		rows, err := result.RowsAffected()
		if err != nil || rows == 0 {
			return false, err
		}
	}
	return true, tx.Commit()
}

// encode returns the JSON form of v, as text: a driver could take bytes for binary data.
func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}
