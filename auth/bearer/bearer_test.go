package bearer_test

import (
	"context"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

func asymmetric() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

func TestEveryAlgorithmOfAJWKSetIsAccepted(t *testing.T) {
	t.Parallel()
	for _, alg := range asymmetric() {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			k := newKey(t, alg, "k1")
			cfg := newProvider(t, k).serve(t)
			a := newAuthenticator(t.Context(), t, cfg)
			wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
			wantAccepted(t, a, k.sign(t, claimsOf(nil), map[string]any{"kid": nil}))

			forged := newKey(t, alg, "k1")
			wantError(t, a, forged.sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)

			cfg.Algorithms = []string{"ES256"}
			if alg == "ES256" {
				cfg.Algorithms = []string{"RS256"}
			}
			other := newAuthenticator(t.Context(), t, cfg) // for which the provider has no usable key
			wantError(t, other, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
		})
	}
}

func TestEveryAlgorithmOfASecretIsAccepted(t *testing.T) {
	t.Parallel()
	methods := []*jwt.SigningMethodHMAC{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512}
	for _, method := range methods {
		cfg := secretConfig()
		cfg.HS256Secret = secret(64)
		cfg.Algorithms = []string{method.Alg()}
		a := newAuthenticator(t.Context(), t, cfg)
		for _, other := range methods {
			token := signWith(t, other, secret(64), claimsOf(nil), nil)
			if other == method {
				wantAccepted(t, a, token)
			} else {
				wantError(t, a, token, auth.ErrInvalidCredentials)
			}
		}
	}
}

func TestTheDefaultForASecretIsHS256Alone(t *testing.T) {
	t.Parallel()
	cfg := secretConfig()
	cfg.HS256Secret = secret(64)
	a := newAuthenticator(t.Context(), t, cfg)
	wantAccepted(t, a, signWith(t, jwt.SigningMethodHS256, secret(64), claimsOf(nil), nil))
	wantError(t, a, signWith(t, jwt.SigningMethodHS512, secret(64), claimsOf(nil), nil), auth.ErrInvalidCredentials)
}

// TestAlgorithmConfusionIsRefused signs with everything that an attacker knows of the keys, as if it were a secret.
func TestAlgorithmConfusionIsRefused(t *testing.T) {
	t.Parallel()
	k := newKey(t, "RS256", "k1")
	public := k.signer.Public().(*rsa.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	a := newAuthenticator(t.Context(), t, newProvider(t, k).serve(t))
	wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
	for name, known := range map[string][]byte{
		"PKIX":    der,
		"PKCS #1": x509.MarshalPKCS1PublicKey(public),
		"PEM":     pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"modulus": public.N.Bytes(),
		"nothing": {},
	} {
		for _, method := range []*jwt.SigningMethodHMAC{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
			for _, kid := range []any{"k1", nil} {
				token := signWith(t, method, known, claimsOf(nil), map[string]any{"kid": kid})
				if _, err := authenticate(t.Context(), a, token); !errors.Is(err, auth.ErrInvalidCredentials) {
					t.Errorf("%s, %s, kid %v: %v", name, method.Alg(), kid, err)
				}
			}
		}
	}
}

func TestUnsignedTokensAreRefused(t *testing.T) {
	t.Parallel()
	none := signWith(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claimsOf(nil), nil)
	k := newKey(t, "ES256", "k1")
	signed := k.sign(t, claimsOf(nil), nil)
	stripped := signed[:strings.LastIndex(signed, ".")+1]
	_, rest, _ := strings.Cut(none, ".")
	for name, a := range map[string]*bearer.Authenticator{
		"secret":  newAuthenticator(t.Context(), t, secretConfig()),
		"JWK Set": newAuthenticator(t.Context(), t, newProvider(t, k).serve(t)),
	} {
		for _, token := range []string{none, stripped, strings.TrimSuffix(none, "."), segment(`{"alg":"NONE"}`) + "." + rest} {
			if _, err := authenticate(t.Context(), a, token); !errors.Is(err, auth.ErrInvalidCredentials) {
				t.Errorf("%s: %s: %v", name, token, err)
			}
		}
	}
}

func TestATokenMustFitTheKeyThatItNames(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := newKey(t, "RS256", "rsa"), newKey(t, "ES256", "ec")
	free := newKey(t, "RS256", "free")
	jwks := []any{rsaKey.jwk(t), ecKey.jwk(t)}
	for _, k := range []key{free, newKey(t, "ES256", "free-ec")} {
		jwk := k.jwk(t)
		delete(jwk, "alg")
		jwks = append(jwks, jwk)
	}
	p := newProvider(t)
	p.publishJSON(t, map[string]any{"keys": jwks})
	a := newAuthenticator(t.Context(), t, p.serve(t))

	sign := func(method jwt.SigningMethod, k key, kid any) string {
		return signWith(t, method, k.signer, claimsOf(nil), map[string]any{"kid": kid})
	}
	wantAccepted(t, a, sign(jwt.SigningMethodRS256, rsaKey, "rsa"))
	wantAccepted(t, a, sign(jwt.SigningMethodES256, ecKey, nil))
	wantAccepted(t, a, sign(jwt.SigningMethodPS512, free, "free"))
	wantAccepted(t, a, sign(jwt.SigningMethodRS384, free, nil))
	for name, token := range map[string]string{
		"another alg than the key's":                sign(jwt.SigningMethodPS256, rsaKey, "rsa"),
		"another alg than the key's, without a kid": sign(jwt.SigningMethodRS512, rsaKey, nil),
		"a key of another type":                     sign(jwt.SigningMethodES256, ecKey, "free"),
		"another key":                               sign(jwt.SigningMethodRS256, rsaKey, "free"),
		"a kid that is not a string":                sign(jwt.SigningMethodRS256, rsaKey, 7),
		"an empty kid":                              sign(jwt.SigningMethodRS256, rsaKey, ""),
		"a kid in another case":                     sign(jwt.SigningMethodRS256, rsaKey, "RSA"),
		"a key for which there is none of the type": sign(jwt.SigningMethodEdDSA, newKey(t, "EdDSA", ""), nil),
	} {
		if _, err := authenticate(t.Context(), a, token); !errors.Is(err, auth.ErrInvalidCredentials) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := errorOf(t, a, sign(jwt.SigningMethodES384, newKey(t, "ES384", ""), "free-ec"), auth.ErrInvalidCredentials)
	if !strings.Contains(err.Error(), "not one for the token's algorithm") {
		t.Errorf("a key of another curve: refused for another reason: %v", err)
	}
}

func TestCriticalHeadersAreRefused(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t.Context(), t, secretConfig())
	for name, crit := range map[string]any{
		"unknown": []string{"exp"}, "with its field": []string{"b64"}, "empty": []string{}, "not a list": "exp", "null": jsonNull{},
	} {
		token := secretToken(t, claimsOf(nil), map[string]any{"crit": crit, "b64": true, "exp": 1})
		_, err := authenticate(t.Context(), a, token)
		if !errors.Is(err, auth.ErrInvalidCredentials) || !strings.Contains(err.Error(), "crit") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantAccepted(t, a, secretToken(t, claimsOf(nil), map[string]any{"typ": nil, "x": "y"}))
}

type jsonNull struct{}

func (jsonNull) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func TestTheTokenComesFromOneBearerHeader(t *testing.T) {
	t.Parallel()
	token := secretToken(t, claimsOf(nil), nil)
	_, rest, _ := strings.Cut(token, ".")
	tests := map[string]struct {
		headers []string
		want    error // nil: accepted
	}{
		"as documented":             {[]string{"Bearer " + token}, nil},
		"scheme in lower case":      {[]string{"bearer " + token}, nil},
		"scheme in upper case":      {[]string{"BEARER " + token}, nil},
		"more spaces":               {[]string{"Bearer   " + token + " "}, nil},
		"no header":                 {nil, auth.ErrNoCredentials},
		"empty header":              {[]string{""}, auth.ErrNoCredentials},
		"another scheme":            {[]string{"Basic YTpi"}, auth.ErrNoCredentials},
		"token without a scheme":    {[]string{token}, auth.ErrNoCredentials},
		"scheme with more letters":  {[]string{"Bearers " + token}, auth.ErrNoCredentials},
		"scheme alone":              {[]string{"Bearer"}, auth.ErrInvalidCredentials},
		"scheme and a space":        {[]string{"Bearer "}, auth.ErrInvalidCredentials},
		"two tokens in a header":    {[]string{"Bearer " + token + " " + token}, auth.ErrInvalidCredentials},
		"two tokens with a comma":   {[]string{"Bearer " + token + ", Bearer " + token}, auth.ErrInvalidCredentials},
		"two headers":               {[]string{"Bearer " + token, "Bearer " + token}, auth.ErrInvalidCredentials},
		"two headers, one of Basic": {[]string{"Basic YTpi", "Bearer " + token}, auth.ErrInvalidCredentials},
		"not a token":               {[]string{"Bearer hello"}, auth.ErrInvalidCredentials},
		"four parts":                {[]string{"Bearer " + token + ".x"}, auth.ErrInvalidCredentials},
		"five parts, encrypted":     {[]string{"Bearer a.b.c.d.e"}, auth.ErrInvalidCredentials},
		"padded":                    {[]string{"Bearer " + token + "="}, auth.ErrInvalidCredentials},
		"header is no JSON":         {[]string{"Bearer " + segment("x") + "." + rest}, auth.ErrInvalidCredentials},
		"quoted":                    {[]string{`Bearer "` + token + `"`}, auth.ErrInvalidCredentials},
	}
	a := newAuthenticator(t.Context(), t, secretConfig())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := a.Authenticate(request(t.Context(), tt.headers...))
			if !errors.Is(err, tt.want) || (tt.want == nil) != (id.UserID == "alice") {
				t.Errorf("got %+v, %v; want %v", id, err, tt.want)
			}
		})
	}
}

func TestTheTokenComesFromNowhereElse(t *testing.T) {
	t.Parallel()
	token := secretToken(t, claimsOf(nil), nil)
	r := request(t.Context())
	r.URL.RawQuery = "access_token=" + token + "&token=" + token
	r.AddCookie(&http.Cookie{Name: "access_token", Value: token})
	r.Header.Set("Proxy-Authorization", "Bearer "+token)
	r.Header.Set("X-Authorization", "Bearer "+token)
	if _, err := newAuthenticator(t.Context(), t, secretConfig()).Authenticate(r); !errors.Is(err, auth.ErrNoCredentials) {
		t.Errorf("got %v, want ErrNoCredentials", err)
	}
}

func TestTokensOver16KiBAreRefused(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t.Context(), t, secretConfig())
	const limit = 16 << 10
	largest := ""
	for size := limit*3/4 - 300; len(largest) < limit-4; size++ { // base64 grows in steps, so the limit is approached
		if token := secretToken(t, claimsOf(jwt.MapClaims{"pad": strings.Repeat("x", size)}), nil); len(token) <= limit {
			largest = token
		}
	}
	wantAccepted(t, a, largest)
	tooLarge := secretToken(t, claimsOf(jwt.MapClaims{"pad": strings.Repeat("x", limit*3/4)}), nil)
	if err := errorOf(t, a, tooLarge, auth.ErrInvalidCredentials); !strings.Contains(err.Error(), "too large") {
		t.Errorf("refused for another reason: %v", err)
	}
	if err := errorOf(t, a, strings.Repeat("x", limit), auth.ErrInvalidCredentials); strings.Contains(err.Error(), "too large") {
		t.Errorf("a token of exactly the limit: %v", err)
	}
	if err := errorOf(t, a, strings.Repeat("x", limit+1), auth.ErrInvalidCredentials); !strings.Contains(err.Error(), "too large") {
		t.Errorf("a token of a byte more: %v", err)
	}
}

func TestErrorsSayWhyWithoutTheToken(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t.Context(), t, secretConfig())
	good := secretToken(t, claimsOf(nil), nil)
	longNumber := strings.Repeat("9", 400)
	tests := map[string]struct {
		token string
		is    error
		says  string
	}{
		"expired":        {secretToken(t, claimsOf(jwt.MapClaims{"exp": 1}), nil), jwt.ErrTokenExpired, "expired"},
		"not yet valid":  {secretToken(t, claimsOf(jwt.MapClaims{"nbf": 1e11}), nil), jwt.ErrTokenNotValidYet, "not valid yet"},
		"bad signature":  {good[:strings.LastIndex(good, ".")+1] + segment("another"), jwt.ErrTokenSignatureInvalid, "signature"},
		"algorithm":      {signWith(t, jwt.SigningMethodHS384, secret(32), claimsOf(nil), nil), jwt.ErrTokenSignatureInvalid, "HS384"},
		"malformed":      {"a.b.c", jwt.ErrTokenMalformed, "malformed"},
		"huge number":    {hs256(`{"alg":"HS256"}`, `{"exp":1e`+longNumber+`}`), jwt.ErrTokenMalformed, "malformed"},
		"missing expiry": {secretToken(t, claimsOf(jwt.MapClaims{"exp": nil}), nil), jwt.ErrTokenRequiredClaimMissing, "exp"},
		"subject":        {secretToken(t, claimsOf(jwt.MapClaims{"sub": nil}), nil), nil, "claim sub"},
		"project":        {secretToken(t, claimsOf(jwt.MapClaims{"project_id": nil}), nil), nil, "claim project_id"},
		"refresh token":  {secretToken(t, claimsOf(jwt.MapClaims{"type": "refresh"}), nil), nil, "claim type"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := errorOf(t, a, tt.token, auth.ErrInvalidCredentials)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("the error does not wrap %v: %v", tt.is, err)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error does not say %q: %v", tt.says, err)
			}
			for _, part := range append(strings.Split(tt.token, "."), longNumber, "alice") {
				if len(part) > 4 && strings.Contains(err.Error(), part) {
					t.Errorf("the error shows the token: %v", err)
				}
			}
		})
	}
}

func TestAnUnknownKeyIsNamedInShort(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	a := newAuthenticator(t.Context(), t, newProvider(t, k).serve(t))
	token := k.sign(t, claimsOf(nil), map[string]any{"kid": "other\n" + strings.Repeat("x", 5000)})
	err := errorOf(t, a, token, auth.ErrInvalidCredentials)
	if text := err.Error(); !strings.Contains(text, `unknown key "other\nxxx`) || len(text) > 300 || strings.Contains(text, "\n") {
		t.Errorf("the error is %q", text)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	cfg := secretConfig()
	plain := newAuthenticator(t.Context(), t, cfg)
	cfg.Realm = "Acme billing"
	named := newAuthenticator(t.Context(), t, cfg)
	_, noHeader := plain.Authenticate(request(t.Context()))
	_, badToken := plain.Authenticate(request(t.Context(), "Bearer x"))
	for _, tt := range []struct {
		a    *bearer.Authenticator
		err  error
		want string
	}{
		{plain, noHeader, `Bearer realm="paymount"`},
		{plain, badToken, `Bearer realm="paymount", error="invalid_token"`},
		{named, fmt.Errorf("wrapped: %w", auth.ErrNoCredentials), `Bearer realm="Acme billing"`},
		{named, auth.ErrInvalidCredentials, `Bearer realm="Acme billing", error="invalid_token"`},
	} {
		if got := tt.a.Challenge(tt.err); got != tt.want {
			t.Errorf("the challenge for %v is %s, want %s", tt.err, got, tt.want)
		}
	}
}

// segment encodes one part of a token.
func segment(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// hs256 signs a header and claims that need not be valid JSON.
func hs256(header, claims string) string {
	text := segment(header) + "." + segment(claims)
	mac := hmac.New(sha256.New, secret(32))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestAuthenticateIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	cfg := newProvider(t, k).serve(t)
	cfg.CacheSize = 2
	a := newAuthenticator(t.Context(), t, cfg)
	tokens := make([]string, 8)
	for i := range tokens {
		tokens[i] = k.sign(t, claimsOf(jwt.MapClaims{"email": fmt.Sprintf("%d@example.com", i)}), nil)
	}
	errs := make(chan error)
	for i, token := range tokens {
		go func(ctx context.Context) {
			var err error
			for range 100 {
				id, e := authenticate(ctx, a, token)
				if want := fmt.Sprintf("%d@example.com", i); e != nil || id.Email != want {
					err = fmt.Errorf("got %+v, %w; want %s", id, e, want)
				}
			}
			errs <- err
		}(t.Context())
	}
	for range tokens {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
