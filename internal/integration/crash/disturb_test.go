//go:build linux

package crash

import (
	"context"
	"sync"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// instantLimit is how long an instant is waited for that may not come, because the load is over.
const instantLimit = 1500 * time.Millisecond

// millis picks a time below a number of milliseconds.
func (w *world) millis(below int) time.Duration {
	return time.Duration(w.random.IntN(below)) * time.Millisecond
}

// atSomeInstant does work at an instant that the seed picks: at a call to Stripe, before or after Stripe has acted, at a
// delivery, at a statement of one server, or after some time. The relays may be none.
func (w *world) atSomeInstant(ctx context.Context, relay *relay, work func()) {
	done := make(chan struct{})
	once := sync.OnceFunc(func() {
		work()
		close(done)
	})
	kinds := 4
	if relay == nil {
		kinds = 3
	}
	switch w.random.IntN(kinds) {
	case 0:
		remove, err := w.stripe.Inject(stripetest.Fault{
			Skip: w.random.IntN(12), Acted: w.random.IntN(2) == 0, OnHit: func(stripetest.Call) { once() },
		})
		if err != nil {
			w.t.Errorf("seed %d: %v", w.seed, err)
		}
		defer remove()
	case 1:
		w.courier.arm(&trap{at: 1 + w.random.IntN(10), work: once})
		defer w.courier.arm(nil)
	case 2:
		pause(ctx, w.millis(250))
		once()
	default:
		relay.arm(&trap{at: 1 + w.random.IntN(40), when: when(w.random.IntN(2)), work: once})
		defer relay.arm(nil)
	}
	timer := time.NewTimer(instantLimit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		once()
	case <-ctx.Done():
		once()
	}
	w.figures.disturbances.Add(1)
}

// killSome kills a server some times, at some instant each, and starts it again.
func (w *world) killSome(ctx context.Context, times int, relays []*relay) {
	for range times {
		n := w.random.IntN(len(w.replicas))
		victim, its := w.replicas[n], (*relay)(nil)
		if relays != nil {
			its = relays[n]
		}
		w.atSomeInstant(ctx, its, victim.kill)
		pause(ctx, w.millis(200))
		victim.start()
		pause(ctx, w.millis(300)) // it may not be ready when it dies again
	}
}
