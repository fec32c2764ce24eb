package bearer_test

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth/bearer"
)

// subject is an algorithm with a token of it, an Authenticator, and the key that verifies it.
type subject struct {
	token string
	cfg   bearer.Config
	key   any
}

func newSubject(tb testing.TB, alg string) subject {
	tb.Helper()
	claims := claimsOf(jwt.MapClaims{
		"iss": "https://idp.example.com/", "aud": []string{"https://api.example.com"}, "iat": start().Unix(),
		"email": "alice@example.com", "email_verified": true, "jti": "0c4f2c3e-6a1d-4f0e-9c57-3a2b1d4e5f60", "scope": "openid profile",
	})
	if alg == "HS256" {
		return subject{secretToken(tb, claims, nil), secretConfig(), secret(32)}
	}
	k := newKey(tb, alg, "k1")
	return subject{k.sign(tb, claims, nil), newProvider(tb, k).serve(tb), k.signer.Public()}
}

func benchmarked() []string { return []string{"HS256", "RS256", "PS256", "ES256", "EdDSA"} }

// BenchmarkAuthenticate compares the first look at a token (cold) and every later one (warm) with what jwt needs for
// nothing but parsing the token and verifying it with a key at hand (bare).
func BenchmarkAuthenticate(b *testing.B) {
	for _, alg := range benchmarked() {
		s := newSubject(b, alg)
		for _, state := range []struct {
			name      string
			cacheSize int
		}{{"warm", 0}, {"cold", -1}} {
			b.Run(alg+"/"+state.name, func(b *testing.B) {
				cfg := s.cfg
				cfg.CacheSize = state.cacheSize
				a := newAuthenticator(b.Context(), b, cfg)
				r := request(b.Context(), "Bearer "+s.token)
				wantAccepted(b, a, s.token)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := a.Authenticate(r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(alg+"/bare", func(b *testing.B) {
			parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithTimeFunc(start))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.Parse(s.token, func(*jwt.Token) (any, error) { return s.key, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAuthenticateParallel is the warm path on every core, of a thousand users.
func BenchmarkAuthenticateParallel(b *testing.B) {
	a := newAuthenticator(b.Context(), b, secretConfig())
	tokens := make([]string, 1000)
	for i := range tokens {
		tokens[i] = secretToken(b, claimsOf(jwt.MapClaims{"n": i}), nil)
		wantAccepted(b, a, tokens[i])
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := request(b.Context(), "")
		for i := 0; pb.Next(); i++ {
			r.Header["Authorization"][0] = "Bearer " + tokens[i%len(tokens)]
			if _, err := a.Authenticate(r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func TestTheWarmPathAllocatesAtMostThreeTimes(t *testing.T) { //nolint:paralleltest // others would allocate too
	for _, alg := range benchmarked() {
		s := newSubject(t, alg)
		a := newAuthenticator(t.Context(), t, s.cfg)
		r := request(t.Context(), "Bearer "+s.token)
		wantAccepted(t, a, s.token)
		allocations := testing.AllocsPerRun(100, func() {
			if _, err := a.Authenticate(r); err != nil {
				t.Error(err)
			}
		})
		if allocations > 3 {
			t.Errorf("%s: %v allocations, want 3 or fewer", alg, allocations)
		}
	}
}
