package openapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

// The ids are UUIDs, as they are in the API that is published.
const (
	projectID = "8f14e45f-ceea-467f-a1f6-29d2b4d1f0c5"
	user      = "0cc175b9-c0f1-4b6a-831c-399e26977266"
	secret    = "whsec_openapi"
	origin    = "https://app.example.com"
)

// app is a mounted service in front of a fake Stripe. Every answer that it gives is held against the documents.
type app struct {
	t       *testing.T
	checker *checker
	stripe  *stripetest.Server
	handler http.Handler
	server  *httptest.Server
	monthly stripetest.Price
	yearly  stripetest.Price
	once    stripetest.Price
}

// start starts an app for one test; change may change its configuration.
func start(t *testing.T, c *checker, change func(*paymount.Config)) *app {
	t.Helper()
	a := &app{t: t, checker: c, stripe: stripetest.New(t, stripetest.Options{DelayedIncomplete: true})}
	config := paymount.Config{
		Store: memstore.New(), Credentials: resolver{}, Authenticator: auth.AuthenticatorFunc(authenticate), Authorize: authorize,
		RedirectOrigins: []string{origin}, StripeURL: a.stripe.URL, Logger: slog.New(slog.DiscardHandler),
	}
	change(&config)
	service, err := paymount.New(config)
	if err != nil {
		t.Fatal(err)
	}
	a.handler = service.Handler()
	a.server = httptest.NewServer(a.handler)
	t.Cleanup(a.server.Close)
	a.monthly = a.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	a.yearly = a.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro yearly", Amount: 12000, Interval: "year"})
	a.once = a.stripe.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500})
	webhook := stripetest.Webhook{URL: a.server.URL + "/webhooks/" + projectID + "/test", Secrets: []string{secret}}
	if _, err := a.stripe.AddWebhook(webhook); err != nil {
		t.Fatal(err)
	}
	return a
}

// resolver knows one project, in test mode. The credentials of the project "away" can't be told now.
type resolver struct{}

func (resolver) ResolveCredentials(_ context.Context, id string, mode project.Mode) (project.Credentials, error) {
	switch {
	case id == "away":
		return project.Credentials{}, errors.New("no connection")
	case id != projectID || mode != project.ModeTest:
		return project.Credentials{}, project.ErrNotConfigured
	}
	return project.Credentials{SecretKey: stripetest.TestKey, WebhookSecrets: []string{secret}}, nil
}

// authenticate takes "Bearer USER" or "Bearer USER@PROJECT" for a verified user.
func authenticate(r *http.Request) (auth.Identity, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok:
		return auth.Identity{}, auth.ErrNoCredentials
	case token == "bad":
		return auth.Identity{}, auth.ErrInvalidCredentials
	}
	name, other, found := strings.Cut(token, "@")
	if found {
		return auth.Identity{UserID: name, ProjectID: other}, nil
	}
	return auth.Identity{UserID: name, ProjectID: projectID, Email: "person@example.com"}, nil
}

// authorize lets everybody do everything but the guest.
func authorize(_ context.Context, caller auth.Identity, action auth.Action) error {
	if caller.UserID == "guest" {
		return &auth.InsufficientScopeError{Scope: "billing:" + string(action)}
	}
	return nil
}

// ask is a request and what is expected of its answer.
type ask struct {
	// who is the user; "-" sends no credentials, "" means the test's user.
	who          string
	method, path string
	// body is sent as it is when it is a string or a reader, else as JSON; nil sends none.
	body   any
	header map[string]string
	// misfit says that the document tells that the request is wrong.
	misfit bool
	status int
	// code is that of an error.
	code string
}

// answer is what came back.
type answer struct {
	header http.Header
	raw    []byte
	body   map[string]any
}

func (a answer) text(field string) string { s, _ := a.body[field].(string); return s }

// do sends q over the network, or straight to the handler when its body is a reader, and holds both sides of the exchange
// against the documents.
func (a *app) do(q ask) answer {
	a.t.Helper()
	var res *http.Response
	sent := payload(a.t, q.body)
	if body, ok := q.body.(io.Reader); ok {
		recorder := httptest.NewRecorder()
		a.handler.ServeHTTP(recorder, a.request(q, body))
		res, sent = recorder.Result(), "{}"
	} else {
		var err error
		if res, err = a.server.Client().Do(a.request(q, strings.NewReader(sent))); err != nil {
			a.t.Fatal(err)
		}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	got := answer{header: res.Header, raw: raw}
	_ = json.Unmarshal(raw, &got.body) // null, lists and empty bodies are looked at as raw
	code, _ := got.body["code"].(string)
	if res.StatusCode != q.status || q.status >= 400 && code != q.code {
		a.t.Errorf("%s %s: got %d %s, want %d %s", q.method, q.path, res.StatusCode, raw, q.status, q.code)
	}
	request := func() *http.Request { return a.request(q, strings.NewReader(sent)) }
	a.checker.check(a.t, exchange{
		pattern: a.pattern(request()), request: request, misfit: q.misfit, response: res, body: raw, code: code,
	})
	return got
}

// pattern returns the path of the endpoint that serves a request. It asks with a method that no endpoint serves, so that nothing
// happens.
func (a *app) pattern(r *http.Request) string {
	r.Method = http.MethodOptions
	a.handler.ServeHTTP(httptest.NewRecorder(), r)
	return r.Pattern
}

func payload(t *testing.T, body any) string {
	t.Helper()
	switch b := body.(type) {
	case nil, io.Reader:
		return ""
	case string:
		return b
	}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (a *app) request(q ask, body io.Reader) *http.Request {
	a.t.Helper()
	if q.body == nil {
		body = http.NoBody
	}
	req, err := http.NewRequestWithContext(a.t.Context(), q.method, a.server.URL+q.path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	switch q.who {
	case "-":
	case "":
		req.Header.Set("Authorization", "Bearer "+user)
	default:
		req.Header.Set("Authorization", "Bearer "+q.who)
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	return req
}

// get and post send a request of the test's user that must succeed.
func (a *app) get(path string) answer {
	a.t.Helper()
	return a.do(ask{method: http.MethodGet, path: path, status: http.StatusOK})
}

func (a *app) post(path string, body any) answer {
	a.t.Helper()
	return a.do(ask{method: http.MethodPost, path: path, body: body, status: http.StatusOK})
}

// order is the body of a checkout, with changes.
func (a *app) order(changes ...map[string]any) map[string]any {
	body := map[string]any{
		"price_id": a.monthly.ID, "success_url": origin + "/done?s={CHECKOUT_SESSION_ID}", "cancel_url": origin + "/plans",
	}
	for _, change := range changes {
		maps.Copy(body, change)
	}
	return body
}

// buy makes the test's user a subscriber, webhooks delivered, and returns the session's and the subscription's id.
func (a *app) buy(changes ...map[string]any) (session, sub string) {
	a.t.Helper()
	session = a.post("/checkout-session", a.order(changes...)).text("session_id")
	a.must(a.stripe.Complete(session))
	done, _ := a.stripe.Session(session)
	return session, done.Subscription
}

// buyFor makes another user a subscriber.
func (a *app) buyFor(who string) {
	a.t.Helper()
	q := ask{who: who, method: http.MethodPost, path: "/checkout-session", body: a.order(), status: http.StatusOK}
	a.must(a.stripe.Complete(a.do(q).text("session_id")))
}

// must fails the test on an error of the fake Stripe, and waits until the webhooks of what it did have been delivered.
func (a *app) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(a.t.Context(), 20*time.Second)
	defer cancel()
	if err := a.stripe.Settle(ctx); err != nil {
		a.t.Fatal(err)
	}
}

// inject makes calls to Stripe fail until the returned function is called.
func (a *app) inject(f stripetest.Fault) (remove func()) {
	a.t.Helper()
	remove, err := a.stripe.Inject(f)
	if err != nil {
		a.t.Fatal(err)
	}
	return remove
}
