package oidc_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/paymount/paymount/auth/bearer"
)

// mockProvider is an identity provider in this process, which answers one request at a time. Its fields are unprotected: its
// handlers read them, and the first one that needs a key's id writes it. Who changes fields of a running one uses change.
type mockProvider struct {
	*mockoidc.MockOIDC

	mu sync.Mutex
}

// newMockOIDC starts an identity provider. They all begin with the same signing key.
func newMockOIDC(t *testing.T) *mockProvider {
	t.Helper()
	m, err := mockoidc.NewServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &mockProvider{MockOIDC: m}
	oneAtATime := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.mu.Lock()
			defer p.mu.Unlock()
			next.ServeHTTP(w, r)
		})
	}
	if err := m.AddMiddleware(oneAtATime); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Server.Close(); err != nil {
			t.Errorf("close the identity provider: %v", err)
		}
	})
	return p
}

// change changes fields of the provider, between two requests.
func (p *mockProvider) change(fields func(*mockoidc.MockOIDC)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fields(p.MockOIDC)
}

// accepts returns the configuration of an app that accepts the tokens of p. They say nothing of a project.
func accepts(p *mockProvider) bearer.Config {
	return bearer.Config{JWKSURL: p.JWKSEndpoint(), Issuer: p.Issuer(), Audience: p.ClientID, Project: projectID}
}

// accessToken signs a user in, by the authorization code flow.
func accessToken(t *testing.T, p *mockProvider) string {
	t.Helper()
	client := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	page := p.AuthorizationEndpoint() + "?" + url.Values{
		"client_id": {p.ClientID}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state"}, "redirect_uri": {origin},
	}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	got := do(t, client, request)
	back, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusFound {
		t.Fatalf("sign in: %d %s", got.status, got.body)
	}
	return requestToken(t, p.TokenEndpoint(), url.Values{
		"client_id": {p.ClientID}, "client_secret": {p.ClientSecret},
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
	})
}

// requestToken asks a token endpoint for an access token (RFC 6749 section 3.2).
func requestToken(t *testing.T, endpoint string, form url.Values) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := do(t, &http.Client{Timeout: patience}, request)
	var out struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || out.AccessToken == "" {
		t.Fatalf("token endpoint: %d %s", got.status, got.body)
	}
	return out.AccessToken
}
