package openapi_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/stripetest"
)

// TestEveryAnswerFitsTheDocument drives every endpoint through every answer that the document tells of.
func TestEveryAnswerFitsTheDocument(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	all := scenarios()
	t.Cleanup(func() { // after the parallel tests
		missing := c.missing()
		if int(c.done.Load()) == len(all) && len(missing) > 0 {
			t.Errorf("the document tells of answers that were not seen:\n%s", strings.Join(missing, "\n"))
		}
	})
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.drive(start(t, c, s.config))
			c.done.Add(1)
		})
	}
}

// scenario drives an app, which config may change before it starts.
type scenario struct {
	config func(*paymount.Config)
	drive  func(*app)
}

func scenarios() map[string]scenario {
	usual := func(*paymount.Config) {}
	trial := func(c *paymount.Config) { c.CheckoutOptions = checkout.Options{TrialDays: 14} }
	embedded := func(c *paymount.Config) { c.CheckoutOptions = checkout.Options{Embedded: true} }
	all := map[string]scenario{
		"a subscription's life": {usual, driveSubscription},
		"one-time payments":     {usual, drivePayments},
		"trials":                {trial, driveTrial},
		"embedded checkout":     {embedded, driveEmbedded},
		"every status":          {usual, driveStatuses},
		"two subscriptions":     {usual, driveSeveral},
		"a payment on its way":  {usual, driveOnItsWay},
		"refusals":              {usual, driveRefusals},
		"webhooks":              {usual, driveWebhooks},
		"the document":          {usual, driveDocument},
	}
	for _, e := range endpoints() {
		all["errors of "+e.method+" "+e.path] = scenario{usual, func(a *app) { driveErrors(a, e) }}
	}
	return all
}

func driveSubscription(a *app) {
	if got := string(a.get("/my-subscription").raw); got != "null\n" {
		a.t.Errorf("without a subscription: %s", got)
	}
	a.get("/my-payments")
	key := map[string]string{"Idempotency-Key": "order-1"}
	order := a.order(map[string]any{
		"mode": "subscription", "quantity": 2, "metadata": map[string]any{"seats": 3, "beta": true, "note": "x"},
		"allow_existing_subscription": true,
	})
	buy := ask{method: "POST", path: "/checkout-session?test_mode=true", body: order, header: key, status: 200}
	session := a.do(buy).text("session_id")
	if a.do(buy).header.Get("Idempotent-Replayed") != "true" {
		a.t.Error("the answer was not repeated")
	}
	a.get("/checkout-session/" + session)
	a.must(a.stripe.Complete(session))
	if a.get("/checkout-session/" + session + "?wait=30").body["subscription"] == nil {
		a.t.Error("a complete session has no subscription")
	}
	a.get("/my-subscription")
	if payments := a.get("/my-payments?page=1&page_size=100"); payments.body["total"] != 1.0 {
		a.t.Errorf("payments: %s", payments.raw)
	}
	change := map[string]any{"new_price_id": a.yearly.ID, "proration_behavior": "create_prorations", "quantity": 3}
	change["quote"] = a.post("/update-subscription/preview", change).text("quote")
	a.post("/update-subscription", change)
	a.post("/customer-portal", map[string]any{"return_url": origin + "/account"})
	a.post("/cancel-subscription", map[string]any{})
	a.get("/my-subscription")
	a.post("/resume-subscription", nil)
	a.do(ask{method: "POST", path: "/resume-subscription", body: map[string]any{}, status: 409, code: "conflict"})
	for range 2 {
		a.post("/cancel-subscription", map[string]any{"cancel_immediately": true})
	}
	a.get("/my-subscription")
}

func drivePayments(a *app) {
	once := map[string]any{"mode": "payment", "price_id": a.once.ID, "metadata": nil}
	session, _ := a.buy(once)
	a.get("/checkout-session/" + session)
	paid, _ := a.stripe.Session(session)
	for _, amount := range []int64{200, 300} {
		_, err := a.stripe.Refund(paid.PaymentIntent, amount)
		a.must(err)
		a.get("/my-payments")
	}
	pending := a.post("/checkout-session", a.order(once)).text("session_id")
	a.must(a.stripe.CompleteDelayed(pending))
	a.get("/checkout-session/" + pending)
	a.get("/my-payments")
	a.must(a.stripe.FailDelayed(pending))
	a.get("/my-payments")
	expired := a.post("/checkout-session", a.order(once)).text("session_id")
	a.must(a.stripe.Expire(expired))
	if got := a.get("/checkout-session/" + expired).text("status"); got != "expired" {
		a.t.Errorf("status: %s", got)
	}
}

func driveTrial(a *app) {
	session, _ := a.buy()
	if got := a.get("/checkout-session/" + session).text("payment_status"); got != "no_payment_required" {
		a.t.Errorf("payment_status: %s", got)
	}
	a.get("/my-subscription")
	a.get("/my-payments")
}

func driveEmbedded(a *app) {
	if got := a.post("/checkout-session", a.order()).text("client_secret"); got == "" {
		a.t.Error("no client_secret")
	}
}

func driveStatuses(a *app) {
	session, sub := a.buy()
	for _, status := range []string{"trialing", "past_due", "unpaid", "paused", "incomplete", "active"} {
		a.must(a.stripe.SetStatus(sub, status))
		if got := a.get("/my-subscription").text("status"); got != status {
			a.t.Errorf("status: got %s, want %s", got, status)
		}
	}
	a.must(a.stripe.CancelSubscription(sub))
	done, _ := a.get("/checkout-session/" + session).body["subscription"].(map[string]any)
	if done["status"] != "canceled" {
		a.t.Errorf("subscription: %v", done)
	}
}

func driveOnItsWay(a *app) {
	session := a.post("/checkout-session", a.order()).text("session_id")
	a.must(a.stripe.CompleteDelayed(session))
	a.get("/checkout-session/" + session)
	for path, body := range map[string]map[string]any{"/checkout-session": a.order(), "/cancel-subscription": {}} {
		a.do(ask{method: "POST", path: path, body: body, status: 409, code: "payment_in_progress"})
	}
}

func driveSeveral(a *app) {
	_, first := a.buy()
	a.buy(map[string]any{"allow_existing_subscription": true})
	change := map[string]any{"new_price_id": a.yearly.ID, "quantity": 3}
	for path, body := range map[string]map[string]any{
		"/update-subscription/preview": change, "/update-subscription": change,
		"/cancel-subscription": {"reason": "other", "comment": "No."}, "/resume-subscription": {},
	} {
		a.do(ask{method: "POST", path: path, body: body, status: 409, code: "several_subscriptions"})
	}
	change["subscription_id"], change["when"] = first, "now"
	a.post("/update-subscription/preview", change)
	a.post("/update-subscription", change)
	a.post("/cancel-subscription", map[string]any{"subscription_id": first, "cancel_immediately": true, "reason": "unused"})
	for _, query := range []string{"", "?ended=true", "?ended=no"} {
		a.get("/my-subscriptions" + query)
	}
}

// driveRefusals asks for what depends on the state that a subscriber is in.
func driveRefusals(a *app) {
	a.buy()
	again := ask{
		method: "POST", path: "/checkout-session", body: a.order(), status: 400, code: "subscription_exists",
		header: map[string]string{"Idempotency-Key": "again"},
	}
	a.do(again)
	if a.do(again).header.Get("Idempotent-Replayed") != "true" {
		a.t.Error("the refusal was not repeated")
	}
	post := func(path string, status int, code string, body map[string]any) {
		a.t.Helper()
		a.do(ask{method: "POST", path: path, body: body, status: status, code: code})
	}
	for _, path := range []string{"/update-subscription", "/update-subscription/preview"} {
		post(path, 422, "validation_error", map[string]any{"new_price_id": "price_unknown"})
	}
	post("/update-subscription", 409, "conflict", map[string]any{"new_price_id": a.yearly.ID, "quote": "e30.AAAA"})
	post("/checkout-session", 422, "validation_error", a.order(map[string]any{"price_id": a.once.ID}))
	post("/checkout-session", 422, "validation_error", a.order(map[string]any{"cancel_url": "https://evil.example/"}))
	bad := []map[string]any{
		{"price_id": 7},
		{"success_url": ""},
		{"cancel_url": nil},
		{"mode": "gift"},
		{"quantity": 0},
		{"allow_existing_subscription": "sure"},
		{"metadata": map[string]any{"a[b]": "c"}},
		{"metadata": map[string]any{"": "c"}},
		{"metadata": map[string]any{strings.Repeat("k", 41): "c"}},
		{"metadata": map[string]any{"a": strings.Repeat("é", 501)}},
		{"metadata": map[string]any{"a": "\x00"}},
		{"metadata": map[string]any{"a": nil}},
	}
	for _, change := range bad {
		body := a.order(change)
		a.do(ask{method: "POST", path: "/checkout-session", body: body, misfit: true, status: 422, code: "validation_error"})
	}
	for _, body := range []map[string]any{
		{}, {"new_price_id": ""}, {"quantity": 0}, {"quantity": 1, "when": "never"}, {"quantity": 1, "subscription_id": ""},
	} {
		a.do(ask{method: "POST", path: "/update-subscription", body: body, misfit: true, status: 422, code: "validation_error"})
	}
	for _, body := range []map[string]any{{"reason": "bored"}, {"comment": strings.Repeat("x", 5001)}, {"subscription_id": 7}} {
		a.do(ask{method: "POST", path: "/cancel-subscription", body: body, misfit: true, status: 422, code: "validation_error"})
	}
	a.do(ask{method: "GET", path: "/my-subscriptions?ended=perhaps", misfit: true, status: 422, code: "validation_error"})
	for _, query := range []string{"page=0", "page=1.5", "page_size=101", "page_size=x"} {
		a.do(ask{method: "GET", path: "/my-payments?" + query, misfit: true, status: 422, code: "validation_error"})
	}
	a.do(ask{method: "GET", path: "/checkout-session/cs_1?wait=31", misfit: true, status: 422, code: "validation_error"})
	a.inject(stripetest.Fault{Method: "POST", Path: "/v1/subscriptions/*", Status: 402, Code: "card_declined"})
	post("/update-subscription", 502, "stripe_error", map[string]any{"new_price_id": a.yearly.ID})
}

func driveWebhooks(a *app) {
	const (
		ping    = `{"id":"evt_1","object":"event","type":"ping","livemode":false,"data":{"object":{"id":"x"}}}`
		updated = `{"id":"evt_2","object":"event","type":"customer.subscription.updated","data":{"object":{"id":"sub_1"}}}`
	)
	here := "/webhooks/" + projectID + "/test"
	hook := func(q ask, signed string) {
		a.t.Helper()
		q.who, q.method = "-", "POST"
		if q.body == nil {
			q.body = signed
		}
		q.header = map[string]string{"Stripe-Signature": stripetest.Sign([]byte(signed), time.Now().Unix(), secret)}
		a.do(q)
	}
	hook(ask{path: here, status: 200}, ping)
	hook(ask{path: here, status: 400, code: "invalid_webhook", body: ping + " "}, ping)
	hook(ask{path: here, status: 400, code: "invalid_webhook", misfit: true}, `{"id":"evt_1"}`)
	hook(ask{path: here, status: 400, code: "bad_request", body: iotest.ErrReader(io.ErrUnexpectedEOF), misfit: true}, ping)
	hook(ask{path: "/webhooks/other/test", status: 404, code: "not_configured"}, ping)
	hook(ask{path: "/webhooks/" + projectID + "/prod", status: 404, code: "not_configured", misfit: true}, ping)
	large := strings.Replace(ping, `"x"`, `"`+strings.Repeat("x", 1<<20)+`"`, 1)
	hook(ask{path: here, status: 413, code: "body_too_large"}, large)
	hook(ask{path: "/webhooks/away/test", status: 503, code: "unavailable"}, ping)
	a.do(ask{who: "-", method: "GET", path: here, status: 405, code: "method_not_allowed"})
	a.inject(stripetest.Fault{Status: 500, Times: -1})
	hook(ask{path: here, status: 500, code: "internal_error"}, updated)
}

func driveDocument(a *app) {
	q := ask{who: "-", method: "GET", path: "/openapi.json", status: 200}
	got := a.do(q)
	if !bytes.Equal(got.raw, served(a.t)) {
		a.t.Error("another document is mounted")
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		a.t.Errorf("Content-Type: %s", kind)
	}
	q.status = 304
	for _, tag := range []string{got.header.Get("ETag"), `"other", W/` + got.header.Get("ETag")} {
		q.header = map[string]string{"If-None-Match": tag}
		a.do(q)
	}
	q.status, q.header = 200, map[string]string{"If-None-Match": `"other"`}
	a.do(q)
	a.do(ask{who: "-", method: "POST", path: "/openapi.json", status: 405, code: "method_not_allowed"})

	req := a.request(ask{who: "-", method: "HEAD", path: "/openapi.json"}, nil)
	res, err := a.server.Client().Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	same := res.ContentLength == int64(len(got.raw)) && res.Header.Get("ETag") == got.header.Get("ETag")
	if res.StatusCode != http.StatusOK || !same {
		a.t.Errorf("HEAD: %d %v", res.StatusCode, res.Header)
	}
}
