package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

func TestIdempotencyKeyRepeatsTheAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := func(who, key string, change map[string]any) answer {
		body := b.order(map[string]any{"mode": "payment", "price_id": b.once.ID}, change)
		return b.as(who, "POST", "/billing/checkout-session", body, "Idempotency-Key", key)
	}
	first := post(user, "k1", nil)
	want(t, "first", first.status, 200)
	again := post(user, `"k1"`, nil)
	want(t, "again", again.raw, first.raw)
	want(t, "replayed", again.header.Get("Idempotent-Replayed"), "true")
	want(t, "another body", post(user, "k1", map[string]any{"quantity": 2}).status, 422)
	if other := post("somebody", "k1", nil); other.raw == first.raw || other.status != 200 {
		t.Errorf("another user: %d %s", other.status, other.raw)
	}
	want(t, "too long", post(user, strings.Repeat("k", 256), nil).status, 422)
	for _, call := range b.stripe.Calls("POST") {
		if strings.Contains(call.IdempotencyKey, "k1") {
			t.Errorf("the client's key went to Stripe: %s", call.IdempotencyKey)
		}
	}

	release := make(chan struct{})
	hit := make(chan struct{})
	_, err := b.stripe.Inject(stripetest.Fault{
		Method: "POST", Path: "/v1/checkout/sessions", Wait: release, OnHit: func(stripetest.Call) { close(hit) },
	})
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan answer, 1)
	go func() { held <- post(user, "k2", nil) }()
	select {
	case <-hit:
	case a := <-held:
		t.Fatalf("answered without a call to Stripe: %d %s", a.status, a.raw)
	}
	want(t, "meanwhile", post(user, "k2", nil).code(), "conflict")
	close(release)
	want(t, "in flight", (<-held).status, 200)
	want(t, "afterwards", post(user, "k2", nil).status, 200)
}

func TestAnOwnerCannotUseIdempotencyKeysWithoutEnd(t *testing.T) {
	t.Parallel()
	clock := &atomic.Int64{}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Now = func() time.Time { return time.Unix(1_800_000_000+clock.Load(), 0) }
	})
	handler := b.service.CancelSubscription()
	post := func(who, key string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+who)
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	const most = 1000
	for i := range most {
		if w := post(user, strconv.Itoa(i)); w.Code != http.StatusNotFound {
			t.Fatalf("key %d: %d %s", i, w.Code, w.Body)
		}
	}
	refused := post(user, "one more")
	want(t, "one more", refused.Code, http.StatusTooManyRequests)
	seconds, err := strconv.Atoi(refused.Header().Get("Retry-After"))
	if err != nil || seconds < 1 {
		t.Errorf("Retry-After: %q", refused.Header().Get("Retry-After"))
	}
	want(t, "a used one again", post(user, "7").Header().Get("Idempotent-Replayed"), "true")
	want(t, "another user", post("somebody", "1").Code, http.StatusNotFound)
	clock.Add(int64(seconds))
	want(t, "one more, later", post(user, "one more").Code, http.StatusNotFound)
	want(t, "and another", post(user, "and another").Code, http.StatusTooManyRequests)
}

func TestAnswersAreKeptWhereTheConfigSays(t *testing.T) {
	t.Parallel()
	plain := struct{ subscription.SubscriptionStore }{memstore.New()} // without the ability
	elsewhere, failing := memstore.New(), &forgetful{Store: memstore.New()}
	failing.failures.Store(1000)
	for name, c := range map[string]struct {
		store    subscription.SubscriptionStore
		keys     subscription.IdempotencyStore
		repeated string
	}{
		"by default in the store":     {memstore.New(), nil, "true"},
		"in another store":            {plain, elsewhere, "true"},
		"where neither can, not":      {plain, nil, ""},
		"in the other one of the two": {failing, memstore.New(), "true"},
	} {
		b := setup(t, func(config *paymount.Config, _ *stripetest.Options) {
			config.Store, config.IdempotencyStore = c.store, c.keys
		})
		var again answer
		for range 2 {
			again = b.as(user, http.MethodPost, "/billing/checkout-session", b.order(), "Idempotency-Key", "key")
			want(t, name, again.status, http.StatusOK)
		}
		want(t, name+": repeated", again.header.Get("Idempotent-Replayed"), c.repeated)
	}
}
