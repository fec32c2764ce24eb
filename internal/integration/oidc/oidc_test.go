package oidc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/paymount/paymount/auth/bearer"
)

func TestATokenForTheAppIsAccepted(t *testing.T) {
	t.Parallel()
	m := newMockOIDC(t)
	a := newAPI(t, accepts(m))
	token := accessToken(t, m)
	a.wantAccepted(t, "a token for the app", token)
	a.wantBuyer(t, token, mockoidc.DefaultUser().Subject)
}

func TestTokensThatAreNotForTheAppAreRefused(t *testing.T) {
	t.Parallel()
	m, other := newMockOIDC(t), newMockOIDC(t)
	a := newAPI(t, accepts(m))
	other.change(func(o *mockoidc.MockOIDC) { o.ClientID = m.ClientID })
	a.wantRefused(t, "a token of another issuer with the same key", accessToken(t, other))

	forward := func(d time.Duration) { m.change(func(o *mockoidc.MockOIDC) { o.FastForward(d) }) }
	forward(-time.Hour)
	a.wantRefused(t, "a token that has expired", accessToken(t, m))
	forward(2 * time.Hour)
	a.wantRefused(t, "a token that is not valid yet", accessToken(t, m))
	forward(-time.Hour)

	app := m.ClientID
	m.change(func(o *mockoidc.MockOIDC) { o.ClientID = "another-app" })
	a.wantRefused(t, "a token for another audience", accessToken(t, m))
	m.change(func(o *mockoidc.MockOIDC) { o.ClientID = app })
	a.wantAccepted(t, "a token for the app, after all", accessToken(t, m))
}

func TestTokensEndWithTheKeyThatSignedThem(t *testing.T) {
	t.Parallel()
	m := newMockOIDC(t)
	a := newAPI(t, accepts(m))
	old := accessToken(t, m)
	a.wantAccepted(t, "a token of the first key", old)

	next, err := mockoidc.RandomKeypair(2048)
	if err != nil {
		t.Fatal(err)
	}
	m.change(func(o *mockoidc.MockOIDC) { o.Keypair = next })
	a.wantAccepted(t, "a token of the first key, as nobody knows of the second one yet", old)
	a.wantAccepted(t, "the first token of the second key", accessToken(t, m))
	a.wantRefused(t, "a token of the first key, which is gone", old)
}

// TestAProviderInProduction runs one with keys of three kinds. Its parts build on each other.
func TestAProviderInProduction(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	const host = "api.example.com"
	a, attacked := newAPI(t, p.config(host)), newAPI(t, p.config(host))

	old := map[string]string{}
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		old[alg] = p.token(t, host, alg)
		a.wantAccepted(t, alg, old[alg])
		a.wantRefused(t, alg+" for another audience", p.token(t, "other.example.com", alg))
		// Each forgery could mean that the keys have changed. Only so many of them make the API look, so this one is another.
		attacked.wantRefused(t, alg+" with the signature of another token", forge(old[alg], p.token(t, host, alg)))
	}
	a.wantBuyer(t, old["ES256"], clientID)

	for what, change := range map[string]func(*bearer.Config){
		"another issuer's":             func(c *bearer.Config) { c.Issuer += "/" },
		"one that has expired":         func(c *bearer.Config) { c.Now = func() time.Time { return time.Now().Add(time.Hour) } },
		"one without a project":        func(c *bearer.Config) { c.ProjectClaim = "tenant" },
		"one of an unwanted algorithm": func(c *bearer.Config) { c.Algorithms = []string{"ES256", "EdDSA"} },
	} {
		config := p.config(host)
		change(&config)
		newAPI(t, config).wantRefused(t, what, old["RS256"])
	}

	p.stop()
	for alg, token := range old {
		a.wantAccepted(t, alg+" while the provider is down", token)
	}
	p.restart(t)
	for alg := range old {
		a.wantAccepted(t, alg+" of the new keys", p.token(t, host, alg))
	}
	for alg, token := range old {
		a.wantRefused(t, alg+" of the old keys", token)
	}
}

// forge puts the signature of another token below what token says.
func forge(token, another string) string {
	return token[:strings.LastIndex(token, ".")] + another[strings.LastIndex(another, "."):]
}
