package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// forgetful is a store that can't keep answers for a while.
type forgetful struct {
	*memstore.Store

	failures atomic.Int64 // to come
}

func (f *forgetful) FinishKey(
	ctx context.Context, s project.Scope, key, holder string, reply *subscription.Reply,
) error {
	if f.failures.Add(-1) >= 0 {
		return errors.New("the database did not answer")
	}
	return f.Store.FinishKey(ctx, s, key, holder, reply)
}

func TestAnAnswerIsGivenOnlyWhenItCanBeRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failures int64
		status   int
	}{
		"the store fails for a moment": {2, http.StatusOK},
		"the store fails for long":     {1000, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &forgetful{Store: memstore.New()}
			b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Store = store })
			store.failures.Store(c.failures)
			first := b.as(user, http.MethodPost, "/billing/checkout-session", b.order(), "Idempotency-Key", "key")
			want(t, "status", first.status, c.status)
			store.failures.Store(0)
			second := b.as(user, http.MethodPost, "/billing/checkout-session", b.order(), "Idempotency-Key", "key")
			if c.status == http.StatusOK {
				want(t, "the answer again", second.raw, first.raw)
				return
			}
			want(t, "Retry-After", first.header.Get("Retry-After"), "2")
			want(t, "the key is in flight", second.status, http.StatusConflict)
		})
	}
}
