package bearer_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

// FuzzAuthenticate sends anything as the Authorization header. Only what the holders of the keys have signed may be
// accepted, and an error says neither more nor less than it should.
func FuzzAuthenticate(f *testing.F) {
	k := fixedKey(1)
	authenticators := map[string]*bearer.Authenticator{
		"secret":  newAuthenticator(f.Context(), f, secretConfig()),
		"JWK Set": newAuthenticator(f.Context(), f, newProvider(f, k).serve(f)),
	}
	good := []string{
		secretToken(f, claimsOf(nil), nil),
		secretToken(f, claimsOf(jwt.MapClaims{"aud": []string{"a", "b"}, "email": "a@example.com"}), nil),
		k.sign(f, claimsOf(nil), nil),
		k.sign(f, claimsOf(nil), map[string]any{"kid": nil}),
	}
	for _, token := range good {
		f.Add("Bearer " + token)
		f.Add("bearer  " + token + " ")
		f.Add("Bearer " + token + "=")
		f.Add("Bearer " + token[:len(token)-1])
	}
	for _, header := range []string{
		"", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer ..", "Bearer " + strings.Repeat(".", 100),
		"Bearer " + secretToken(f, claimsOf(jwt.MapClaims{"exp": -1e300, "nbf": "x", "type": 1}), nil),
		"Bearer " + secretToken(f, claimsOf(nil), map[string]any{"crit": []string{"exp"}, "kid": 1}),
		"Bearer " + hs256(`{"alg":"HS256"}`, `{"exp":1e999,"sub":{},"sub":[]}`),
		"Bearer " + hs256(`{"alg":"EdDSA","kid":null}`, `null`),
		"Bearer " + hs256(`{"alg":"none"}`, `{}`),
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for name, a := range authenticators {
			id, err := a.Authenticate(request(t.Context(), header))
			token := strings.Trim(header[min(len(header), len("Bearer ")):], " ")
			switch {
			case err == nil && (id.UserID != "alice" || id.ProjectID != "p1" || !slices.Contains(good, token)):
				t.Errorf("%s: accepted as %+v", name, id)
			case err != nil && id != (auth.Identity{}):
				t.Errorf("%s: an identity beside an error: %+v", name, id)
			case err != nil && !errors.Is(err, auth.ErrNoCredentials) && !errors.Is(err, auth.ErrInvalidCredentials):
				t.Errorf("%s: an unexpected error: %v", name, err)
			case err != nil && len(err.Error()) > 600:
				t.Errorf("%s: a long error: %v", name, err)
			}
		}
	})
}

// fixedKey is the same key in every process: the fuzzing engine shares inputs among several.
func fixedKey(number byte) key {
	seed := bytes.Repeat([]byte{number}, ed25519.SeedSize)
	return key{kid: "k1", method: jwt.SigningMethodEdDSA, signer: ed25519.NewKeyFromSeed(seed)}
}

// FuzzJWKSet has the identity provider answer anything: what holds is that a token of a key that it never had is refused.
func FuzzJWKSet(f *testing.F) {
	token := fixedKey(1).sign(f, claimsOf(nil), nil)
	body, err := json.Marshal(map[string]any{"keys": []any{fixedKey(2).jwk(f)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	for _, body := range []string{
		// The public keys of RFC 7517 appendix A.1.
		`{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",` +
			`"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"k1"}]}`,
		`{"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_` +
			`BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZ` +
			`gnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-cs` +
			`FCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"k1"}]}`,
		`{}`, `{"keys":[]}`, `{"keys":[null,0,{}]}`, `{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"}]}`,
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":""}]}`,
		`{"keys":[{"kty":"oct","k":"AAAA"}]}`, `{"keys":[{"kty":"RSA","x5c":["AAAA"],"x5u":"http://127.0.0.1"}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := newProvider(t)
		p.respond(http.StatusOK, string(body))
		cfg := p.inMemory()
		cfg.Now, cfg.Logger = start, slog.New(slog.DiscardHandler)
		a := newAuthenticator(t.Context(), t, cfg)
		if id, err := authenticate(t.Context(), a, token); err == nil {
			t.Errorf("accepted as %+v", id)
		}
	})
}
