package parallel_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/internal/parallel"
)

func TestAllIsDoneAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most, done atomic.Int64
		began := time.Now()
		parallel.Each(t.Context(), 3, make([]int, 10), func(int) {
			most.Store(max(most.Load(), running.Add(1)))
			<-time.After(time.Second)
			running.Add(-1)
			done.Add(1)
		})
		if done.Load() != 10 || most.Load() != 3 || time.Since(began) != 4*time.Second {
			t.Errorf("%d done, %d at a time, in %v", done.Load(), most.Load(), time.Since(began))
		}
	})
}

func TestNothingBeginsOnceTheContextIsDone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	parallel.Each(ctx, 1, make([]int, 10), func(int) {
		if begun.Add(1) == 4 {
			cancel()
		}
	})
	if n := begun.Load(); n != 4 {
		t.Errorf("%d have begun, want 4", n)
	}
}
