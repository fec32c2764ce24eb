package oidc_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

const (
	projectID = "shop"
	origin    = "https://app.example.com"
	// patience is how long one request may take: longer than a load of the keys.
	patience = 20 * time.Second
)

// api is a mounted service that knows its users by the tokens of an identity provider.
type api struct {
	url    string
	stripe *stripetest.Server
}

func newAPI(t *testing.T, config bearer.Config) *api {
	t.Helper()
	config.Logger = slog.New(slog.DiscardHandler)
	authenticator, err := bearer.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	a := &api{stripe: stripetest.New(t)}
	service, err := paymount.New(paymount.Config{
		Store: memstore.New(), Authenticator: authenticator, StripeURL: a.stripe.URL, Logger: config.Logger,
		Credentials:     project.Static{projectID: {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		RedirectOrigins: []string{origin}, EntitlementMode: project.ModeTest,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service.Handler())
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// call sends a request with a token.
func (a *api) call(t *testing.T, method, path, token, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	return do(t, &http.Client{Timeout: patience}, request)
}

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, client *http.Client, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(data)}
}

// wantAccepted wants 200 for the token.
func (a *api) wantAccepted(t *testing.T, what, token string) {
	t.Helper()
	if got := a.call(t, http.MethodGet, "/my-subscription", token, ""); got.status != http.StatusOK {
		t.Errorf("%s: %d %s, want 200", what, got.status, got.body)
	}
}

// wantRefused wants 401 for the token, with the challenge of RFC 6750 section 3.1.
func (a *api) wantRefused(t *testing.T, what, token string) {
	t.Helper()
	got := a.call(t, http.MethodGet, "/my-subscription", token, "")
	if got.status != http.StatusUnauthorized {
		t.Errorf("%s: %d %s, want 401", what, got.status, got.body)
		return
	}
	const want = `Bearer realm="paymount", error="invalid_token"`
	if challenge := got.header.Get("WWW-Authenticate"); challenge != want {
		t.Errorf("%s: the challenge is %s, want %s", what, challenge, want)
	}
}

// wantBuyer checks out with the token, and wants Stripe to hear that it is this user of the project who pays.
func (a *api) wantBuyer(t *testing.T, token, user string) {
	t.Helper()
	price := a.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	got := a.call(t, http.MethodPost, "/checkout-session", token,
		`{"price_id": "`+price.ID+`", "success_url": "`+origin+`/", "cancel_url": "`+origin+`/"}`)
	var out struct {
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.status != http.StatusOK {
		t.Fatalf("checkout: %d %s", got.status, got.body)
	}
	session, _ := a.stripe.Session(out.SessionID)
	if session.ClientReferenceID != user || session.Metadata["user_id"] != user || session.Metadata["project_id"] != projectID {
		t.Errorf("the buyer is %q with %v, want %q of %q", session.ClientReferenceID, session.Metadata, user, projectID)
	}
}
