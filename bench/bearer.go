package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/MicahParks/jwkset"
	jwtmiddleware "github.com/auth0/go-jwt-middleware/v3"
	"github.com/auth0/go-jwt-middleware/v3/jwks"
	"github.com/auth0/go-jwt-middleware/v3/validator"
	"github.com/go-chi/jwtauth/v5"
	"github.com/golang-jwt/jwt/v5"
	jwxjwt "github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/bench/internal/fixture"
)

const (
	issuer   = "https://id.example.com/"
	audience = "https://api.example.com"
	leeway   = 30 * time.Second
)

// signing is an algorithm with its keys and the identity provider that publishes them.
type signing struct {
	algorithm string
	method    jwt.SigningMethod
	private   any
	public    any
	provider  *httptest.Server // nil for a shared secret
}

func newSigning(ctx context.Context, algorithm string) (*signing, error) {
	s := &signing{algorithm: algorithm, method: jwt.GetSigningMethod(algorithm)}
	var err error
	switch algorithm {
	case "HS256":
		secret := make([]byte, 32)
		_, err = rand.Read(secret)
		s.private, s.public = secret, secret
		return s, err
	case "RS256":
		s.private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		s.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, s.private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := s.private.(crypto.Signer)
	if !ok {
		return nil, errors.New("no algorithm of this name")
	}
	s.public = signer.Public()
	if err := s.publish(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// publish serves the public key as a JWK Set.
func (s *signing) publish(ctx context.Context) error {
	options := jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{ALG: jwkset.ALG(s.algorithm), KID: "k1", USE: jwkset.UseSig}}
	key, err := jwkset.NewJWKFromKey(s.public, options)
	if err != nil {
		return err
	}
	storage := jwkset.NewMemoryStorage()
	if err := storage.KeyWrite(ctx, key); err != nil {
		return err
	}
	set, err := storage.JSONPublic(ctx)
	if err != nil {
		return err
	}
	s.provider = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(set) // the client has gone
	}))
	return nil
}

func (s *signing) close() {
	if s.provider != nil {
		s.provider.Close()
	}
}

// token signs the claims that an identity provider usually sends, with others in place of some.
func (s *signing) token(other jwt.MapClaims) (string, error) {
	now := time.Now()
	claims := jwt.MapClaims{
		"sub": "user_1", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "iss": issuer, "aud": []string{audience},
		"project_id": fixture.ProjectID, "email": "user@example.com", "email_verified": true,
		"jti": "0c4f2c3e-6a1d-4f0e-9c57-3a2b1d4e5f60", "scope": "openid profile",
	}
	maps.Copy(claims, other)
	t := jwt.NewWithClaims(s.method, claims)
	t.Header["kid"] = "k1"
	return t.SignedString(s.private)
}

// bare is jwt's own parser with the key in hand and the rules that the others check too.
func (s *signing) bare() func(token string) error {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{s.algorithm}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithLeeway(leeway), jwt.WithStrictDecoding())
	return func(token string) error {
		_, err := parser.Parse(token, func(*jwt.Token) (any, error) { return s.public, nil })
		return err
	}
}

// ours returns the authenticator. A cacheSize of 0 is the default.
func (s *signing) ours(ctx context.Context, cacheSize int) (*bearer.Authenticator, error) {
	cfg := bearer.Config{
		Issuer: issuer, Audience: audience, Leeway: leeway, CacheSize: cacheSize, Logger: slog.New(slog.DiscardHandler),
	}
	if s.provider == nil {
		cfg.HS256Secret, _ = s.private.([]byte)
	} else {
		cfg.JWKSURL = s.provider.URL
	}
	return bearer.New(ctx, cfg)
}

// projectClaim is the claim of our own that go-jwt-middleware reads and checks.
type projectClaim struct {
	ProjectID string `json:"project_id"`
}

func (c *projectClaim) Validate(context.Context) error {
	if c.ProjectID == "" {
		return errors.New("no project")
	}
	return nil
}

// auth0 is go-jwt-middleware as its documentation has it, with its caching provider.
func (s *signing) auth0() (func(http.Handler) http.Handler, error) {
	keys := func(context.Context) (any, error) { return s.public, nil }
	if s.provider != nil {
		set, err := url.Parse(s.provider.URL)
		if err != nil {
			return nil, err
		}
		caching, err := jwks.NewCachingProvider(jwks.WithIssuerURL(set), jwks.WithCustomJWKSURI(set))
		if err != nil {
			return nil, err
		}
		keys = caching.KeyFunc
	}
	v, err := validator.New(validator.WithKeyFunc(keys), validator.WithAlgorithm(validator.SignatureAlgorithm(s.algorithm)),
		validator.WithIssuer(issuer), validator.WithAudience(audience), validator.WithAllowedClockSkew(leeway),
		validator.WithCustomClaims(func() *projectClaim { return &projectClaim{} }))
	if err != nil {
		return nil, err
	}
	m, err := jwtmiddleware.New(jwtmiddleware.WithValidator(v))
	if err != nil {
		return nil, err
	}
	return m.CheckJWT, nil
}

// chi is go-chi/jwtauth as its documentation has it. It takes a key, no JWK Set.
func (s *signing) chi() func(http.Handler) http.Handler {
	ja := jwtauth.New(s.algorithm, s.private, s.public,
		jwxjwt.WithIssuer(issuer), jwxjwt.WithAudience(audience), jwxjwt.WithAcceptableSkew(leeway))
	return func(next http.Handler) http.Handler { return jwtauth.Verifier(ja)(jwtauth.Authenticator(ja)(next)) }
}

// middlewares are the three ways in which a handler is protected.
type middlewares struct{ ours, auth0, chi http.Handler }

func (s *signing) middlewares(a auth.Authenticator) (middlewares, error) {
	welcome := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	auth0, err := s.auth0()
	if err != nil {
		return middlewares{}, err
	}
	return middlewares{
		ours:  auth.Verify(a)(auth.Require(a, nil)(welcome)),
		auth0: auth0(welcome),
		chi:   s.chi()(welcome),
	}, nil
}

func withToken(ctx context.Context, token string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, err
}
