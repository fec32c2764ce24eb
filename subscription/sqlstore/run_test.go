package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// stateError is an error of Postgres, codeError one of SQLite.
type (
	stateError string
	codeError  int
)

func (e stateError) Error() string { return "state " + string(e) }

func (e stateError) SQLState() string { return string(e) }

func (e codeError) Error() string { return fmt.Sprintf("code %d", int(e)) }

func (e codeError) Code() int { return int(e) }

func TestWhatMaySucceedIsTriedAgainForLessThanTwoSeconds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect Dialect
		err     error
		again   bool
	}{
		{Postgres, stateError("40001"), true},
		{Postgres, fmt.Errorf("wrapped: %w", stateError("40P01")), true},
		{Postgres, stateError("23505"), false},
		{Postgres, codeError(5), false},
		{SQLite, codeError(5), true},
		{SQLite, codeError(6), true},
		{SQLite, codeError(5 | 2<<8), true}, // SQLITE_BUSY_SNAPSHOT
		{SQLite, codeError(19), false},
		{SQLite, stateError("40001"), false},
		{Postgres, errors.New("connection refused"), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, calls, start := &Store{dialect: c.dialect}, 0, time.Now()
			err := s.retry(t.Context(), func() error {
				calls++
				return c.err
			})
			if !errors.Is(err, c.err) {
				t.Errorf("%v: retry returned %v", c.err, err)
			}
			if c.again != (calls > 1) || calls > tries {
				t.Errorf("%v was tried %d times", c.err, calls)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%v was tried for %v", c.err, took)
			}
		})
	}
}

func TestATryThatSucceedsIsTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, calls := &Store{dialect: Postgres}, 0
		err := s.retry(t.Context(), func() error {
			calls++
			if calls < 4 {
				return stateError("40001")
			}
			return nil
		})
		if err != nil || calls != 4 {
			t.Errorf("retry returned %v after %d calls", err, calls)
		}
	})
}

func TestNothingIsTriedOnceTheContextIsDone(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]error{"in a pause": stateError("40001"), "in a call": errors.New("interrupted")} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s, calls := &Store{dialect: Postgres}, 0
			err := s.retry(ctx, func() error {
				calls++
				cancel()
				return refused
			})
			if !errors.Is(err, context.Canceled) || !errors.Is(err, refused) || calls != 1 {
				t.Errorf("%s: retry returned %v after %d calls", name, err, calls)
			}
		})
	}
}
