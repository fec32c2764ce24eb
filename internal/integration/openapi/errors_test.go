package openapi_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing/iotest"

	"github.com/paymount/paymount/stripetest"
)

// endpoint is one of the users' endpoints, for the errors that they share.
type endpoint struct {
	method, path string
	// body makes the body of a good request; nil for GET.
	body func(a *app) map[string]any
	// bare says that a request without a body is good as well.
	bare bool
	// local says that it does its work without Stripe.
	local bool
	// nothing is the code for a user who has nothing, where the endpoint answers 404 then.
	nothing string
}

func endpoints() []endpoint {
	none := func(*app) map[string]any { return map[string]any{} }
	change := func(a *app) map[string]any { return map[string]any{"new_price_id": a.yearly.ID} }
	back := func(*app) map[string]any { return map[string]any{"return_url": origin + "/"} }
	order := func(a *app) map[string]any { return a.order() }
	const notFound = "not_found"
	return []endpoint{
		{method: "POST", path: "/checkout-session", body: order},
		{method: "GET", path: "/checkout-session/cs_test_unknown", nothing: notFound},
		{method: "GET", path: "/my-subscription", local: true},
		{method: "GET", path: "/my-subscriptions", local: true},
		{method: "GET", path: "/my-payments", local: true},
		{method: "POST", path: "/customer-portal", body: back, nothing: notFound},
		{method: "POST", path: "/cancel-subscription", body: none, bare: true, nothing: notFound},
		{method: "POST", path: "/resume-subscription", body: none, bare: true, nothing: notFound},
		{method: "POST", path: "/update-subscription", body: change, nothing: notFound},
		{method: "POST", path: "/update-subscription/preview", body: change, nothing: notFound},
	}
}

// driveErrors drives an endpoint through the errors that all of its kind share.
func driveErrors(a *app, e endpoint) {
	a.buy()
	good := ask{method: e.method, path: e.path}
	if e.body != nil {
		good.body = e.body(a)
	}
	fails := func(status int, code string, change func(*ask)) {
		a.t.Helper()
		q := good
		q.status, q.code = status, code
		change(&q)
		a.do(q)
	}
	fails(401, "unauthorized", func(q *ask) { q.who, q.misfit = "-", true })
	fails(401, "unauthorized", func(q *ask) { q.who = "bad" })
	fails(403, "forbidden", func(q *ask) { q.who = "guest" })
	fails(404, "not_configured", func(q *ask) { q.who = "somebody@elsewhere" })
	fails(404, "not_configured", func(q *ask) { q.path += "?test_mode=false" })
	fails(405, "method_not_allowed", func(q *ask) { q.method = http.MethodDelete })
	fails(422, "validation_error", func(q *ask) { q.path += "?test_mode=maybe"; q.misfit = true })
	fails(503, "unavailable", func(q *ask) { q.who = "somebody@away" })
	if e.nothing != "" {
		fails(404, e.nothing, func(q *ask) { q.who = "newcomer" })
	}
	if e.method == http.MethodPost {
		driveBodies(a, e, fails)
		driveKeys(a, e, good)
	}
	if !e.local {
		driveStripeFailures(a, fails)
	}
}

// driveBodies sends bodies that no endpoint takes.
func driveBodies(a *app, e endpoint, fails func(int, string, func(*ask))) {
	a.t.Helper()
	unreadable := iotest.ErrReader(io.ErrUnexpectedEOF)
	large := e.body(a)
	large["padding"] = strings.Repeat("x", 64<<10)
	fails(400, "bad_request", func(q *ask) { q.body, q.misfit = unreadable, !e.bare })
	fails(403, "cross_origin", func(q *ask) {
		q.who, q.header, q.misfit = "-", map[string]string{"Sec-Fetch-Site": "cross-site"}, true
	})
	fails(413, "body_too_large", func(q *ask) { q.body = large })
	fails(415, "unsupported_media_type", func(q *ask) {
		q.header, q.misfit = map[string]string{"Content-Type": "text/plain"}, true
	})
	for _, body := range []string{"[]", "{"} {
		fails(422, "validation_error", func(q *ask) { q.body, q.misfit = body, true })
	}
}

// driveKeys uses an Idempotency-Key again for another body, and while the first request is in progress.
func driveKeys(a *app, e endpoint, good ask) {
	a.t.Helper()
	keyed := func(who, key string, body any, status int, code string) answer {
		a.t.Helper()
		q := good
		q.who, q.body, q.status, q.code = who, body, status, code
		q.header, q.misfit = map[string]string{"Idempotency-Key": key}, len(key) > 255
		return a.do(q)
	}
	first := 200
	if e.nothing != "" {
		first = 404
	}
	for _, replayed := range []string{"", "true"} {
		if got := keyed("newcomer", "k1", good.body, first, e.nothing).header.Get("Idempotent-Replayed"); got != replayed {
			a.t.Errorf("Idempotent-Replayed: got %q, want %q", got, replayed)
		}
	}
	other := e.body(a)
	other["padding"] = "x"
	keyed("newcomer", "k1", other, 422, "validation_error")
	keyed("newcomer", strings.Repeat("k", 256), good.body, 422, "validation_error")

	hit, release := make(chan struct{}), make(chan struct{})
	a.inject(stripetest.Fault{Wait: release, OnHit: func(stripetest.Call) { close(hit) }})
	q := good
	q.header = map[string]string{"Idempotency-Key": "k2"}
	var wg sync.WaitGroup
	wg.Go(func() { // its own answer depends on the endpoint
		res, err := a.server.Client().Do(a.request(q, strings.NewReader(payload(a.t, q.body))))
		if err != nil {
			a.t.Error(err)
			return
		}
		res.Body.Close()
	})
	<-hit
	keyed("", "k2", good.body, 409, "conflict")
	close(release)
	wg.Wait()
}

// driveStripeFailures lets Stripe limit, refuse and drop every call.
func driveStripeFailures(a *app, fails func(int, string, func(*ask))) {
	a.t.Helper()
	a.buyFor("subscriber")
	for _, f := range []struct {
		fault  stripetest.Fault
		status int
		code   string
	}{
		{stripetest.Fault{Status: 429, RetryAfter: 3}, 429, "rate_limited"},
		{stripetest.Fault{Status: 400}, 502, "stripe_error"},
		{stripetest.Fault{Drop: true}, 503, "unavailable"},
	} {
		f.fault.Times = -1
		remove := a.inject(f.fault)
		fails(f.status, f.code, func(q *ask) {
			q.who = "subscriber"
			if q.path == "/checkout-session" {
				q.who = "buyer" // a subscriber is refused before Stripe is asked for a session
			}
			q.path = strings.Replace(q.path, "unknown", f.code, 1) // that a session is unknown is remembered for a while
		})
		remove()
	}
}
