package paymount_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
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

const (
	projectID = "8f14e45f-ceea-467f-a1f6-29d2b4d1f0c5"
	user      = "0cc175b9-c0f1-4b6a-831c-399e26977266"
	secret    = "whsec_bundle"
	origin    = "https://app.example.com"
)

// bundle is an app with paymount mounted, and the fake Stripe behind it.
type bundle struct {
	t       *testing.T
	stripe  *stripetest.Server
	store   *memstore.Store
	service *paymount.Service
	server  *httptest.Server
	logs    *syncBuffer
	started string // what New has logged
	monthly stripetest.Price
	yearly  stripetest.Price
	team    stripetest.Price
	once    stripetest.Price
}

// option changes the configuration of a bundle before it starts.
type option func(*paymount.Config, *stripetest.Options)

func setup(t *testing.T, options ...option) *bundle {
	t.Helper()
	b := &bundle{t: t, store: memstore.New(), logs: &syncBuffer{}}
	creds := func(key string) project.Credentials {
		return project.Credentials{SecretKey: key, WebhookSecrets: []string{secret}}
	}
	config := paymount.Config{
		Store: b.store,
		Credentials: project.Static{projectID: {
			project.ModeTest: creds(stripetest.TestKey), project.ModeLive: creds(stripetest.LiveKey),
		}},
		Authenticator:   auth.AuthenticatorFunc(plainBearer),
		RedirectOrigins: []string{origin},
		EntitlementMode: project.ModeTest,
		Logger:          slog.New(slog.NewTextHandler(b.logs, nil)),
	}
	fake := stripetest.Options{RetryDelays: []time.Duration{}}
	for _, o := range options {
		o(&config, &fake)
	}
	b.stripe = stripetest.New(t, fake)
	config.StripeURL = b.stripe.URL
	service, err := paymount.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.service, b.started = service, b.logs.take()
	b.serve(t)
	b.monthly = b.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	b.yearly = b.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro yearly", Amount: 12000, Interval: "year"})
	b.team = b.stripe.AddPrice(stripetest.PriceSpec{Product: "Team", Amount: 4900, Interval: "month"})
	b.once = b.stripe.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500})
	b.settle()
	b.stripe.ResetCalls()
	return b
}

// serve mounts the service as a host would, next to a paid route of its own, and lets Stripe know the webhook's address.
func (b *bundle) serve(t *testing.T) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/billing/", http.StripPrefix("/billing", b.service.Handler()))
	mux.Handle("/pro", b.service.Require()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})))
	b.server = httptest.NewServer(mux)
	t.Cleanup(b.server.Close)
	for mode, key := range map[string]string{"test": stripetest.TestKey, "live": stripetest.LiveKey} {
		_, err := b.stripe.AccountFor(key).AddWebhook(stripetest.Webhook{
			URL: b.server.URL + "/billing/webhooks/" + projectID + "/" + mode, Secrets: []string{secret},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// plainBearer takes "Bearer USER" for a verified user of the project.
func plainBearer(r *http.Request) (auth.Identity, error) {
	user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok:
		return auth.Identity{}, auth.ErrNoCredentials
	case user == "bad":
		return auth.Identity{}, auth.ErrInvalidCredentials
	}
	name, other, found := strings.Cut(user, "@")
	if found {
		return auth.Identity{UserID: name, ProjectID: other}, nil
	}
	return auth.Identity{UserID: user, ProjectID: projectID, Email: "person@example.com"}, nil
}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (a answer) code() string { s, _ := a.body["code"].(string); return s }

func (a answer) text(field string) string { s, _ := a.body[field].(string); return s }

// fields lists the wrong fields of a 422, as "body.price_id".
func (a answer) fields() []string {
	var out []string
	list, _ := a.body["detail"].([]any)
	for _, entry := range list {
		var parts []string
		loc, _ := entry.(map[string]any)["loc"].([]any)
		for _, part := range loc {
			parts = append(parts, part.(string))
		}
		out = append(out, strings.Join(parts, "."))
	}
	return out
}

// as sends a request of a user; a nil body sends none.
func (b *bundle) as(user, method, path string, body any, header ...string) answer {
	b.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, ok := body.(string)
		if !ok {
			data, err := json.Marshal(body)
			if err != nil {
				b.t.Fatal(err)
			}
			raw = string(data)
		}
		reader = strings.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if user != "" {
		req.Header.Set("Authorization", "Bearer "+user)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.server.Client().Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(raw)}
	_ = json.Unmarshal(bytes.TrimSpace(raw), &a.body) // null and empty bodies are looked at as raw
	return a
}

// order is a valid body of POST /checkout-session, with changes.
func (b *bundle) order(changes ...map[string]any) map[string]any {
	body := map[string]any{
		"price_id": b.monthly.ID, "success_url": origin + "/done?s={CHECKOUT_SESSION_ID}", "cancel_url": origin + "/plans",
	}
	for _, change := range changes {
		for key, value := range change {
			body[key] = value
			if value == nil {
				delete(body, key)
			}
		}
	}
	return body
}

// checkout posts an order for the test's user.
func (b *bundle) checkout(changes ...map[string]any) answer {
	b.t.Helper()
	return b.as(user, http.MethodPost, "/billing/checkout-session", b.order(changes...))
}

// mustCheckout posts an order that must succeed, and returns the session's id.
func (b *bundle) mustCheckout(changes ...map[string]any) string {
	b.t.Helper()
	a := b.checkout(changes...)
	if a.status != http.StatusOK {
		b.t.Fatalf("checkout: %d %s\n%s", a.status, a.raw, b.logs)
	}
	return a.text("session_id")
}

// buy makes the test's user a subscriber, webhooks delivered.
func (b *bundle) buy(changes ...map[string]any) string {
	b.t.Helper()
	id := b.mustCheckout(changes...)
	if err := b.stripe.Complete(id); err != nil {
		b.t.Fatal(err)
	}
	b.settle()
	session, _ := b.stripe.Session(id)
	return session.Subscription
}

// settle waits until Stripe has delivered all events, or has given them up.
func (b *bundle) settle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	if err := b.stripe.Settle(ctx); err != nil {
		b.t.Fatalf("webhooks did not settle: %v\n%s", err, b.logs)
	}
}

// status is that of the user's current subscription, empty for none.
func (b *bundle) status(user string) string {
	b.t.Helper()
	a := b.as(user, http.MethodGet, "/billing/my-subscription", nil)
	if a.status != http.StatusOK {
		b.t.Fatalf("my-subscription: %d %s", a.status, a.raw)
	}
	return a.text("status")
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
