package stripetest_test

import (
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func TestAKeyReplaysItsAnswer(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	must(t, srv.AddAccount("sk_test_other"))
	c := newClient(t, srv).with("Idempotency-Key", "k")
	first := c.post("/v1/customers", "email", "a@example.com").ok()
	again := c.post("/v1/customers", "email", "a@example.com").ok()
	if first.id() != again.id() {
		t.Errorf("first %s, again %s", first.id(), again.id())
	}
	if was, is := first.header.Get("Idempotent-Replayed"), again.header.Get("Idempotent-Replayed"); was != "" || is != "true" {
		t.Errorf("Idempotent-Replayed = %q, then %q", was, is)
	}
	if again.header.Get("Original-Request") != first.header.Get("Request-Id") {
		t.Errorf("Original-Request = %q", again.header.Get("Original-Request"))
	}
	for _, other := range []answer{
		c.post("/v1/customers", "email", "b@example.com"), c.post("/v1/products", "name", "x"),
	} {
		other.refused(400, "", "")
		other.equal(map[string]any{"error.type": "idempotency_error"})
	}
	for _, key := range []string{stripetest.LiveKey, "sk_test_other"} {
		if got := c.withKey(key).post("/v1/customers", "email", "a@example.com").ok(); got.id() == first.id() {
			t.Errorf("%s replayed another account's answer", key)
		}
	}
	now.advance(24 * time.Hour)
	if got := c.post("/v1/customers", "email", "a@example.com").ok(); got.id() == first.id() {
		t.Error("the key was kept for longer than a day")
	}
}

func TestWhatFailedBeforeExecutionIsNotReplayed(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	validation := c.with("Idempotency-Key", "validation")
	validation.post("/v1/products", "name", "").refused(400, "parameter_missing", "name")
	validation.post("/v1/products", "name", "x").ok()

	limited := c.with("Idempotency-Key", "limited")
	inject(t, srv, stripetest.Fault{Status: 429})
	limited.post("/v1/customers").refused(429, "rate_limit", "")
	limited.post("/v1/customers").ok()

	began := c.with("Idempotency-Key", "began")
	inject(t, srv, stripetest.Fault{Status: 500, Remember: true})
	began.post("/v1/customers").refused(500, "", "")
	began.post("/v1/customers").refused(500, "", "")

	executed := c.with("Idempotency-Key", "executed")
	form := []string{"product", "prod_x", "currency", "usd", "unit_amount", "1"}
	executed.post("/v1/prices", form...).refused(400, "resource_missing", "product")
	if got := executed.post("/v1/prices", form...); got.header.Get("Idempotent-Replayed") != "true" {
		t.Error("a refusal by the execution was not stored")
	}
}

func TestAKeyInUseIsAConflict(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	entered, release := make(chan struct{}), make(chan struct{})
	inject(t, srv, stripetest.Fault{Wait: release, OnHit: func(stripetest.Call) { close(entered) }})
	c := newClient(t, srv).with("Idempotency-Key", "k")
	var wg sync.WaitGroup
	var slow answer
	wg.Go(func() { slow = c.post("/v1/customers") })
	<-entered
	conflict := c.post("/v1/customers")
	conflict.refused(409, "idempotency_key_in_use", "")
	close(release)
	wg.Wait()
	if got := c.post("/v1/customers").ok(); got.id() != slow.ok().id() {
		t.Errorf("after the conflict the key gave %s, want %s", got.id(), slow.id())
	}
	if n := len(srv.Customers()); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}

func TestFiftyRacersWithOneKeyMakeOneCustomer(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv).with("Idempotency-Key", "k")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for {
				got := c.post("/v1/customers")
				if got.status == 200 {
					return
				}
				if got.status != 409 {
					t.Errorf("status %d, error %v", got.status, got.err)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := len(srv.Customers()); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}
