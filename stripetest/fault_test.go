package stripetest_test

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

func inject(t *testing.T, srv *stripetest.Server, f stripetest.Fault) {
	t.Helper()
	_, err := srv.Inject(f)
	must(t, err)
}

func TestAFaultBeforeExecutionDoesNothing(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	inject(t, srv, stripetest.Fault{Method: "POST", Path: "/v1/customers", Status: 429, RetryAfter: 3})
	got := c.post("/v1/customers")
	got.refused(429, "rate_limit", "")
	if after := got.header.Get("Retry-After"); after != "3" {
		t.Errorf("Retry-After = %q", after)
	}
	inject(t, srv, stripetest.Fault{Drop: true})
	if got := c.post("/v1/customers"); got.err == nil {
		t.Errorf("a dropped connection answered %d", got.status)
	}
	if n := len(srv.Customers()); n != 0 {
		t.Errorf("%d customers, want none", n)
	}
	c.post("/v1/customers").ok() // both faults are used up
}

func TestAFaultAfterExecutionHasActed(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	inject(t, srv, stripetest.Fault{Acted: true, Drop: true})
	if got := c.with("Idempotency-Key", "a").post("/v1/customers", "email", "a@example.com"); got.err == nil {
		t.Fatalf("a dropped connection answered %d", got.status)
	}
	customers := srv.Customers()
	if len(customers) != 1 {
		t.Fatalf("%d customers, want 1", len(customers))
	}
	again := c.with("Idempotency-Key", "a").post("/v1/customers", "email", "a@example.com").ok()
	if again.id() != customers[0].ID || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the retry made %s, want the replay of %s", again.id(), customers[0].ID)
	}

	inject(t, srv, stripetest.Fault{Acted: true, Status: 500})
	c.with("Idempotency-Key", "b").post("/v1/customers").refused(500, "", "")
	c.with("Idempotency-Key", "b").post("/v1/customers").refused(500, "", "") // Stripe replays a stored 500
	if n := len(srv.Customers()); n != 2 {
		t.Errorf("%d customers, want 2", n)
	}
}

func TestAFaultMatchesSkipsAndCounts(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	remove, err := srv.Inject(stripetest.Fault{Method: "GET", Path: "/v1/customers/*", Skip: 1, Times: 2, Status: 503})
	must(t, err)
	var got []int
	for range 5 {
		got = append(got, c.get("/v1/customers/cus_x").status)
		c.get("/v1/customers").ok()
		c.post("/v1/customers").ok()
	}
	if want := []int{404, 503, 503, 404, 404}; !slices.Equal(got, want) {
		t.Errorf("statuses = %v, want %v", got, want)
	}
	remove()
	inject(t, srv, stripetest.Fault{Times: -1, Status: 500})
	c.get("/v1/customers").refused(500, "", "")
	c.get("/v1/customers").refused(500, "", "")
	srv.ClearFaults()
	c.get("/v1/customers").ok()
	if _, err := srv.Inject(stripetest.Fault{Path: "["}); !errors.Is(err, stripetest.ErrInvalid) {
		t.Errorf("Inject = %v, want ErrInvalid", err)
	}
}

func TestTheLogCountsEveryCall(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	made := c.with("Idempotency-Key", "k").post("/v1/customers", "email", "a@example.com").ok()
	c.with("Idempotency-Key", "k").post("/v1/customers", "email", "a@example.com").ok()
	c.withKey("sk_test_nobody").get("/v1/customers/cus_x")
	inject(t, srv, stripetest.Fault{Drop: true})
	c.get("/v1/events")

	calls := srv.Calls()
	if len(calls) != 4 {
		t.Fatalf("%d calls, want 4", len(calls))
	}
	want := stripetest.Call{
		RequestID: made.header.Get("Request-Id"), AccountID: srv.ID, Method: http.MethodPost, Path: "/v1/customers",
		Form: url.Values{"email": {"a@example.com"}}, IdempotencyKey: "k", Status: http.StatusOK, Done: true,
	}
	if !reflect.DeepEqual(calls[0], want) {
		t.Errorf("first call = %+v, want %+v", calls[0], want)
	}
	if !calls[1].Replayed || calls[2].Status != 401 || calls[3].Status != 0 || !calls[3].Done {
		t.Errorf("calls = %+v", calls)
	}
	if n := len(srv.Calls("GET", "/v1/customers/*")); n != 1 {
		t.Errorf("%d calls match, want 1", n)
	}
	srv.ResetCalls()
	if n := len(srv.Calls()); n != 0 {
		t.Errorf("%d calls after the reset", n)
	}
}
