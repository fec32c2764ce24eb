package purchase

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/stripetest"
)

const (
	tokenSecret   = "a secret of this test, 32 bytes or more"
	webhookSecret = "whsec_purchase"
	user          = "user-1"
)

// shop is an app under test, with its Stripe.
type shop struct {
	url    string
	stripe *stripetest.Server
	token  string
}

// Run takes a user of an example app through a whole purchase. newApp makes the app from its environment; billing must be
// mounted at /billing, and GET /report be the paid route.
func Run(t *testing.T, newApp func(ctx context.Context, getenv func(string) string) (http.Handler, error)) {
	t.Helper()
	s := open(t, newApp)
	price := s.stripe.AddPrice(stripetest.PriceSpec{Product: "Reports", Amount: 1900, Interval: "month"})

	s.wantRefusal(t, "", http.StatusUnauthorized, "unauthorized")
	s.wantRefusal(t, s.token, http.StatusPaymentRequired, "subscription_required")

	var session struct {
		ID  string `json:"session_id"`
		URL string `json:"checkout_url"`
	}
	s.call(t, s.token, http.MethodPost, "/billing/checkout-session", `{"price_id": "`+price.ID+`",
		"success_url": "https://shop.example/thanks", "cancel_url": "https://shop.example/"}`, http.StatusOK, &session)
	if err := s.stripe.Complete(session.ID); err != nil {
		t.Fatalf("paying on %s: %v", session.URL, err)
	}
	if err := s.stripe.Settle(t.Context()); err != nil {
		t.Fatalf("waiting for the webhooks: %v", err)
	}

	var bought struct {
		Status string `json:"status"`
	}
	s.call(t, s.token, http.MethodGet, "/billing/checkout-session/"+session.ID, "", http.StatusOK, &bought)
	if bought.Status != "complete" {
		t.Errorf("the success page is told that the session is %q, want complete", bought.Status)
	}

	var report struct {
		User string `json:"user"`
		Plan string `json:"plan"`
	}
	s.call(t, s.token, http.MethodGet, "/report", "", http.StatusOK, &report)
	if report.User != user || report.Plan != "Reports" {
		t.Errorf("the paid route knows %+v, want user %q with plan Reports", report, user)
	}
	var mine struct {
		Status string `json:"status"`
	}
	s.call(t, s.token, http.MethodGet, "/billing/my-subscription", "", http.StatusOK, &mine)
	if mine.Status != "active" {
		t.Errorf("the subscription is %q, want active", mine.Status)
	}
	for _, attempt := range s.stripe.Attempts() {
		if attempt.Status != http.StatusOK {
			t.Errorf("webhook %s was answered with %d %v", attempt.EventType, attempt.Status, attempt.Err)
		}
	}
}

// open starts the app, with webhooks from its Stripe.
func open(t *testing.T, newApp func(ctx context.Context, getenv func(string) string) (http.Handler, error)) shop {
	t.Helper()
	stripe := stripetest.New(t)
	environment := map[string]string{
		"STRIPE_SECRET_KEY": stripetest.TestKey, "STRIPE_WEBHOOK_SECRET": webhookSecret, "STRIPE_API_BASE": stripe.URL,
		"TOKEN_SECRET": tokenSecret, "REDIRECT_ORIGIN": "https://shop.example",
	}
	app, err := newApp(t.Context(), func(name string) string { return environment[name] })
	if err != nil {
		t.Fatalf("the app does not start: %v", err)
	}
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	_, err = stripe.AddWebhook(stripetest.Webhook{
		URL: server.URL + "/billing/webhooks/shop/test", Secrets: []string{webhookSecret},
	})
	if err != nil {
		t.Fatalf("registering the webhook: %v", err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": user, "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(tokenSecret))
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	return shop{url: server.URL, stripe: stripe, token: token}
}

// wantRefusal asks for the paid route and wants it closed, with that answer and nothing behind it.
func (s shop) wantRefusal(t *testing.T, token string, status int, code string) {
	t.Helper()
	var answer struct {
		Code string `json:"code"`
	}
	s.call(t, token, http.MethodGet, "/report", "", status, &answer)
	if answer.Code != code {
		t.Errorf("GET /report is refused with code %q, want %q", answer.Code, code)
	}
}

// call wants one JSON value as the answer and reads it into out.
func (s shop) call(t *testing.T, token, method, path, body string, status int, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, response.StatusCode, status, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatalf("%s %s: not one JSON value: %v: %s", method, path, err, data)
	}
}
