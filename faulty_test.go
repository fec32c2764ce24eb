package paymount_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/paymount/paymount/subscription"
)

// faulty is a store that fails by chance: before it has done anything, or after it has done everything, as when the answer
// of a database is lost.
type faulty struct {
	subscription.SubscriptionStore

	mu     sync.Mutex
	random *rand.Rand
	// rate is the chance that a statement fails, half of the time before and half after.
	rate float64
}

var errFaulty = errors.New("the database did not answer")

func (f *faulty) fails() (before, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.random.Float64()
	return x < f.rate/2, x >= f.rate/2 && x < f.rate
}

func (f *faulty) set(rate float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = rate
}

// dawdle lets others overtake: between a fetch and its write anything can happen.
func (f *faulty) dawdle(ctx context.Context) {
	f.mu.Lock()
	d := time.Duration(0)
	if f.random.IntN(8) == 0 {
		d = 30 * time.Millisecond // longer than others need for all that they do
	}
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// do runs one statement.
func do[T any](f *faulty, statement func() (T, error)) (T, error) {
	var zero T
	before, after := f.fails()
	if before {
		return zero, errFaulty
	}
	v, err := statement()
	if after {
		return zero, errFaulty
	}
	return v, err
}

func (f *faulty) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	return do(f, func() ([]subscription.Subscription, error) { return f.SubscriptionStore.Subscriptions(ctx, o) })
}

func (f *faulty) Draw(ctx context.Context, s subscription.Scope, object string, events []string) (int64, error) {
	return do(f, func() (int64, error) { return f.SubscriptionStore.Draw(ctx, s, object, events) })
}

func (f *faulty) Apply(ctx context.Context, s subscription.Scope, p subscription.Snapshot) (subscription.Change, error) {
	f.dawdle(ctx)
	return do(f, func() (subscription.Change, error) { return f.SubscriptionStore.Apply(ctx, s, p) })
}

func (f *faulty) Settle(ctx context.Context, s subscription.Scope, c subscription.Change, told bool) error {
	_, err := do(f, func() (struct{}, error) { return struct{}{}, f.SubscriptionStore.Settle(ctx, s, c, told) })
	return err
}

func (f *faulty) Intent(ctx context.Context, o subscription.Owner, k subscription.IntentKind) (subscription.Intent, error) {
	return do(f, func() (subscription.Intent, error) { return f.SubscriptionStore.Intent(ctx, o, k) })
}

func (f *faulty) SwapIntent(
	ctx context.Context, o subscription.Owner, k subscription.IntentKind, attempt string, next subscription.Intent,
) (bool, error) {
	return do(f, func() (bool, error) { return f.SubscriptionStore.SwapIntent(ctx, o, k, attempt, next) })
}

func (f *faulty) CustomerOwner(ctx context.Context, s subscription.Scope, customer string) (string, error) {
	return do(f, func() (string, error) { return f.SubscriptionStore.CustomerOwner(ctx, s, customer) })
}
