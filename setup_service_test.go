package paymount_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

func TestEndpointsAnswerByTheContract(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Modes = []project.Mode{project.ModeTest} })
	large := `{"x":"` + strings.Repeat("x", 64<<10) + `"}`
	for name, test := range map[string]struct {
		user, method, path string
		body               any
		contentType        string
		status             int
		code               string
	}{
		"no credentials":     {"", "GET", "/my-subscription", nil, "", 401, "unauthorized"},
		"bad credentials":    {"bad", "GET", "/my-subscription", nil, "", 401, "unauthorized"},
		"method":             {user, "DELETE", "/my-subscription", nil, "", 405, "method_not_allowed"},
		"method of checkout": {user, "GET", "/checkout-session", nil, "", 405, "method_not_allowed"},
		"unknown path":       {user, "GET", "/nothing", nil, "", 404, "not_found"},
		"mode not served":    {user, "GET", "/my-subscription?test_mode=0", nil, "", 404, "not_configured"},
		"unknown project":    {"u@elsewhere", "GET", "/my-subscription", nil, "", 404, "not_configured"},
		"test mode":          {user, "GET", "/my-subscription?test_mode=YES", nil, "", 200, ""},
		"bad mode":           {user, "GET", "/my-subscription?test_mode=", nil, "", 422, "validation_error"},
		"page 0":             {user, "GET", "/my-payments?page=0", nil, "", 422, "validation_error"},
		"page size 101":      {user, "GET", "/my-payments?page_size=101", nil, "", 422, "validation_error"},
		"page x":             {user, "GET", "/my-payments?page=x", nil, "", 422, "validation_error"},
		"payments":           {user, "GET", "/my-payments?page=2&page_size=100", nil, "", 200, ""},
		"a page far away":    {user, "GET", "/my-payments?page=9223372036854775807", nil, "", 200, ""},
		"page out of range":  {user, "GET", "/my-payments?page=9223372036854775808", nil, "", 422, "validation_error"},
		"not JSON":           {user, "POST", "/checkout-session", "a=b", "text/plain; charset=utf-8", 415, "unsupported_media_type"},
		"broken JSON":        {user, "POST", "/checkout-session", "{", "", 422, "validation_error"},
		"a list":             {user, "POST", "/checkout-session", "[]", "", 422, "validation_error"},
		"empty":              {user, "POST", "/checkout-session", "", "", 422, "validation_error"},
		"large":              {user, "POST", "/checkout-session", large, "", 413, "body_too_large"},
		"odd session":        {user, "GET", "/checkout-session/..%2Fx", nil, "", 404, "not_found"},
		"unknown session":    {user, "GET", "/checkout-session/cs_test_none", nil, "", 404, "not_found"},
		"wait too long":      {user, "GET", "/checkout-session/cs_test_none?wait=31", nil, "", 422, "validation_error"},
	} {
		var header []string
		if test.contentType != "" {
			header = []string{"Content-Type", test.contentType}
		}
		a := b.as(test.user, test.method, "/billing"+test.path, test.body, header...)
		if a.status != test.status || a.code() != test.code {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
		if got := a.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: Content-Type %q", name, got)
		}
		if test.status == 405 && a.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", name)
		}
		if test.status == 401 && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no challenge", name)
		}
	}
}

func TestSuccessPageSyncsWithoutWebhook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stripe.Hold()
	id := b.mustCheckout()
	get := func(who, query string) answer { return b.as(who, "GET", "/billing/checkout-session/"+id+query, nil) }
	open := get(user, "")
	want(t, "open", open.text("status"), "open")
	want(t, "another user's", get("somebody", "").code(), "not_found")

	var wg sync.WaitGroup
	var waited answer
	wg.Go(func() { waited = get(user, "?wait=20") })
	if err := b.stripe.Complete(id); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	want(t, "status", waited.text("status"), "complete")
	want(t, "payment_status", waited.text("payment_status"), "paid")
	sub, _ := waited.body["subscription"].(map[string]any)
	want(t, "subscription", sub["status"], any("active"))
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, http.StatusNoContent)
}

func TestTestSubscriptionNeverOpensALiveGate(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.EntitlementMode = project.ModeLive })
	b.buy()
	want(t, "test subscription", b.status(user), "active")
	for _, query := range []string{"", "?test_mode=true"} {
		want(t, "gate", b.as(user, "GET", "/pro"+query, nil).status, http.StatusPaymentRequired)
	}
	want(t, "nobody", b.as("", "GET", "/pro", nil).status, http.StatusUnauthorized)
}

func TestModesAreToldApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	b.buy()
	a := b.as(user, http.MethodPost, "/billing/checkout-session?test_mode=false", b.order(map[string]any{"price_id": price.ID}))
	b.must(live.Complete(a.text("session_id")))
	b.settle()
	for query, test := range map[string]bool{"?test_mode=true": true, "?test_mode=false": false} {
		want(t, "subscription"+query, b.as(user, "GET", "/billing/my-subscription"+query, nil).body["is_test_mode"], any(test))
		payments, _ := b.as(user, "GET", "/billing/my-payments"+query, nil).body["payments"].([]any)
		want(t, "payments"+query, len(payments), 1)
		payment, _ := payments[0].(map[string]any)
		want(t, "payment"+query, payment["is_test_mode"], any(test))
	}
}

func TestGateFollowsEveryChangeAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	gate := func() int { return b.as(user, "GET", "/pro", nil).status }
	for _, step := range []struct {
		status string
		gate   int
	}{{"past_due", 204}, {"unpaid", 402}, {"active", 204}, {"paused", 402}, {"trialing", 204}} {
		if err := b.stripe.SetStatus(sub, step.status); err != nil {
			t.Fatal(err)
		}
		b.settle()
		want(t, step.status, gate(), step.gate)
	}
	if err := b.stripe.CancelSubscription(sub); err != nil {
		t.Fatal(err)
	}
	b.settle()
	want(t, "cancelled", gate(), 402)
}

func TestStoreThatFailsIsAnsweredWithRetryAfter(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Store = broken{memstore.New()} })
	for path, status := range map[string]int{"/billing/my-subscription": 503, "/billing/my-payments": 503, "/pro": 503} {
		a := b.as(user, "GET", path, nil)
		want(t, path, a.status, status)
		if a.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
		if strings.Contains(a.raw, "disk on fire") {
			t.Errorf("%s shows the cause", path)
		}
	}
	want(t, "webhook", b.hook(projectID+"/test", updated, sign(updated, secret, time.Now())).status, 500)
}

func TestCredentialsThatDoNotFitAreNotConfigured(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Credentials = unseen{project.Static{
			projectID: {
				project.ModeTest: {SecretKey: stripetest.LiveKey},
				project.ModeLive: {SecretKey: stripetest.LiveKey, WebhookSecrets: []string{"", secret}},
			},
		}}
	})
	want(t, "a live key for test mode", b.as(user, "GET", "/billing/my-subscription", nil).code(), "not_configured")
	live := b.as(user, "GET", "/billing/my-subscription?test_mode=false", nil)
	want(t, "an empty secret besides a good one", live.status, 200)
}

func TestAPrefixIsStrippedWithItsSlashOrWithout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, prefix := range []string{"/billing", "/billing/"} {
		mounted := http.StripPrefix(prefix, b.service.Handler())
		for path, status := range map[string]int{
			"/billing/my-subscription": 200, "/billing/checkout-session/cs_test_none": 404,
			"/billing/checkout-session/cs_test%2Fnone": 404, "/billing/openapi.json": 200, "/billing/": 404,
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Header.Set("Authorization", "Bearer "+user)
			w := httptest.NewRecorder()
			mounted.ServeHTTP(w, r)
			if w.Code != status || r.URL.Path != strings.ReplaceAll(path, "%2F", "/") {
				t.Errorf("%s of %s: %d, and the request is that for %s", prefix, path, w.Code, r.URL.Path)
			}
		}
	}
}

func TestA422SaysLittleOfWhatAClientSends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	many := map[string]any{}
	for i := range 5_000 {
		many[strconv.Itoa(i)] = nil
	}
	for name, metadata := range map[string]map[string]any{
		"many wrong values":            many,
		"a key that is quoted longer":  {strings.Repeat("\x7f", 30_000): "x"},
		"a key that is not cut in two": {strings.Repeat("é", 30_000): "x"},
	} {
		a := b.checkout(map[string]any{"metadata": metadata, "quantity": 0})
		want(t, name, a.status, http.StatusUnprocessableEntity)
		if len(a.raw) > 16<<10 || len(a.fields()) == 0 || !utf8.ValidString(a.raw) {
			t.Errorf("%s: %d bytes with %d mistakes", name, len(a.raw), len(a.fields()))
		}
	}
}
