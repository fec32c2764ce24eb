package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/paymount/paymount/auth/bearer"
)

// newMockOIDC starts an identity provider in this process. They all begin with the same signing key.
//
// Tests change its fields between two requests: what the server has read from the network comes after that.
func newMockOIDC(t *testing.T) *mockoidc.MockOIDC {
	t.Helper()
	m, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Server.Close(); err != nil {
			t.Errorf("close the identity provider: %v", err)
		}
	})
	return m
}

// accepts returns the configuration of an app that accepts the tokens of m. They say nothing of a project.
func accepts(m *mockoidc.MockOIDC) bearer.Config {
	return bearer.Config{JWKSURL: m.JWKSEndpoint(), Issuer: m.Issuer(), Audience: m.ClientID, Project: project}
}

// accessToken signs a user in, by the authorization code flow.
func accessToken(t *testing.T, m *mockoidc.MockOIDC) string {
	t.Helper()
	client := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	page := m.AuthorizationEndpoint() + "?" + url.Values{
		"client_id": {m.ClientID}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state"}, "redirect_uri": {origin},
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
	return requestToken(t, m.TokenEndpoint(), url.Values{
		"client_id": {m.ClientID}, "client_secret": {m.ClientSecret},
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
