package bearer_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

// key is a key pair of an identity provider.
type key struct {
	kid    string
	method jwt.SigningMethod
	signer crypto.Signer
}

// newKey makes a key pair for an algorithm.
func newKey(tb testing.TB, alg, kid string) key {
	tb.Helper()
	k := key{kid: kid, method: jwt.GetSigningMethod(alg)}
	var err error
	switch alg {
	case "ES256":
		k.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		k.signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		k.signer, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, k.signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		k.signer, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// jwk is the public key as a JWK, which the test may spoil.
func (k key) jwk(tb testing.TB) map[string]any {
	tb.Helper()
	j, err := jwkset.NewJWKFromKey(k.signer.Public(), jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{KID: k.kid, ALG: jwkset.ALG(k.method.Alg()), USE: jwkset.UseSig},
	})
	if err != nil {
		tb.Fatal(err)
	}
	data, err := json.Marshal(j.Marshal())
	if err != nil {
		tb.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		tb.Fatal(err)
	}
	return m
}

// sign makes a token; header fields are set on top of the usual ones, and left out where they are nil.
func (k key) sign(tb testing.TB, claims jwt.MapClaims, header map[string]any) string {
	tb.Helper()
	fields := map[string]any{"kid": k.kid}
	maps.Copy(fields, header)
	return signWith(tb, k.method, k.signer, claims, fields)
}

func signWith(tb testing.TB, method jwt.SigningMethod, signingKey any, claims jwt.MapClaims, header map[string]any) string {
	tb.Helper()
	token := jwt.NewWithClaims(method, claims)
	for name, value := range header {
		if token.Header[name] = value; value == nil {
			delete(token.Header, name)
		}
	}
	signed, err := token.SignedString(signingKey)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// start is where the clocks of most tests stand. It is also where those of testing/synctest start.
func start() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// claimsOf are the claims of a good token, with changes: a nil value leaves a claim out.
func claimsOf(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{"sub": "alice", "project_id": "p1", "exp": start().Add(24 * time.Hour).Unix()}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// clock is a clock that the test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// provider is an identity provider that the test controls: an http.Handler, and a RoundTripper that serves without a
// network, for tests in a bubble of testing/synctest.
type provider struct {
	mu     sync.Mutex
	answer http.HandlerFunc
	loads  int
}

func newProvider(tb testing.TB, keys ...key) *provider {
	tb.Helper()
	p := &provider{}
	p.publish(tb, keys...)
	return p
}

// publish makes the provider answer with a JWK Set of keys.
func (p *provider) publish(tb testing.TB, keys ...key) {
	tb.Helper()
	jwks := []any{}
	for _, k := range keys {
		jwks = append(jwks, k.jwk(tb))
	}
	p.publishJSON(tb, map[string]any{"keys": jwks})
}

func (p *provider) publishJSON(tb testing.TB, document any) {
	tb.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		tb.Fatal(err)
	}
	p.respond(http.StatusOK, string(data))
}

func (p *provider) respond(status int, body string) {
	p.handle(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// hang makes the provider take requests and never answer.
func (p *provider) hang() {
	p.handle(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

func (p *provider) handle(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loads
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.loads++
	answer := p.answer
	p.mu.Unlock()
	answer(w, r)
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// serve starts the provider as a real server and returns the configuration for it.
func (p *provider) serve(tb testing.TB) bearer.Config {
	tb.Helper()
	server := httptest.NewServer(p)
	client := server.Client()
	tb.Cleanup(server.Close)
	return bearer.Config{
		JWKSURL: server.URL + "/jwks", HTTPClient: client, Now: start, Logger: slog.New(slog.DiscardHandler),
	}
}

// inMemory returns the configuration for the provider without a network, on the clock of the time package.
func (p *provider) inMemory() bearer.Config {
	return bearer.Config{
		JWKSURL: "https://idp.example/jwks", HTTPClient: &http.Client{Transport: p}, Logger: slog.New(slog.DiscardHandler),
	}
}

func newAuthenticator(ctx context.Context, tb testing.TB, cfg bearer.Config) *bearer.Authenticator {
	tb.Helper()
	a, err := bearer.New(ctx, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func secretConfig() bearer.Config {
	return bearer.Config{HS256Secret: secret(32), Now: start, Logger: slog.New(slog.DiscardHandler)}
}

func secret(size int) []byte { return bytes.Repeat([]byte("k"), size) }

func secretToken(tb testing.TB, claims jwt.MapClaims, header map[string]any) string {
	tb.Helper()
	return signWith(tb, jwt.SigningMethodHS256, secret(32), claims, header)
}

// request is one with a token, or with the given Authorization headers as they are.
func request(ctx context.Context, authorization ...string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	for _, value := range authorization {
		r.Header.Add("Authorization", value)
	}
	return r
}

func authenticate(ctx context.Context, a *bearer.Authenticator, token string) (auth.Identity, error) {
	return a.Authenticate(request(ctx, "Bearer "+token))
}

func wantAccepted(tb testing.TB, a *bearer.Authenticator, token string) {
	tb.Helper()
	id, err := authenticate(tb.Context(), a, token)
	if err != nil || id.UserID != "alice" || id.ProjectID != "p1" {
		tb.Errorf("got %+v, %v; want the token to be accepted", id, err)
	}
}

// wantError checks that the token is not accepted, for the reason that the sentinel names.
func wantError(tb testing.TB, a *bearer.Authenticator, token string, sentinel error) {
	tb.Helper()
	_ = errorOf(tb, a, token, sentinel)
}

// errorOf is wantError and returns the error.
func errorOf(tb testing.TB, a *bearer.Authenticator, token string, sentinel error) error {
	tb.Helper()
	id, err := authenticate(tb.Context(), a, token)
	if !errors.Is(err, sentinel) || id != (auth.Identity{}) {
		tb.Errorf("got %+v, %v; want the error %q", id, err, sentinel)
	}
	return err
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
