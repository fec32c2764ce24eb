package checkout

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/checkout"
)

func TestThoseWhoWaitTogetherShareALookHoweverLongItTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const slow = 3 * pollEvery / 2
		var mu sync.Mutex
		calls := 0
		ask := func(context.Context) (checkout.Session, error) {
			<-time.After(slow)
			mu.Lock()
			defer mu.Unlock()
			calls++
			return checkout.Session{}, nil
		}
		l, began := newLooks(time.Now), time.Now()
		var waiting sync.WaitGroup
		for range maxWaits {
			waiting.Go(func() {
				if _, err := l.recent(t.Context(), lookKey{}, ask); err != nil {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
		if took := time.Since(began); took != slow || calls != 1 {
			t.Errorf("%d calls in %s, want one in %s", calls, took, slow)
		}
	})
}
