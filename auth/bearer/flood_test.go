package bearer_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

func TestAFloodOfUnknownKeysIsAnsweredWithFewLoads(t *testing.T) {
	t.Parallel()
	k, next := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	bogus := make([]string, 50)
	for i := range bogus {
		bogus[i] = newKey(t, "ES256", fmt.Sprintf("bogus-%d", i)).sign(t, claimsOf(nil), nil)
	}
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k)
		slow(p, 100*time.Millisecond)
		a := newAuthenticator(t.Context(), t, p.inMemory())
		wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		flood := func() {
			results := make(chan error)
			for _, token := range bogus {
				go func() {
					_, err := authenticate(t.Context(), a, token)
					results <- err
				}()
			}
			for range bogus {
				if err := <-results; !errors.Is(err, auth.ErrInvalidCredentials) {
					t.Errorf("got %v, want ErrInvalidCredentials", err)
				}
			}
		}
		before := time.Now()
		for time.Since(before) < time.Minute {
			flood()
			<-time.After(time.Second)
			wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		}
		if got := p.count(); got < 12 || got > 1+6+6 { // the first load, the burst, and one every 10 seconds
			t.Errorf("%d loads in a minute of flood, want 12 or 13", got)
		}
		p.publish(t, k, next)
		rotated, accepted := time.Now(), false
		for !accepted && time.Since(rotated) < time.Minute {
			flood()
			_, err := authenticate(t.Context(), a, next.sign(t, claimsOf(nil), nil))
			accepted = err == nil
			<-time.After(time.Second)
		}
		if waited := time.Since(rotated); !accepted || waited > 12*time.Second {
			t.Errorf("accepted after the rotation: %t, after %s of flood", accepted, waited)
		}
	})
}

func TestForgedSignaturesCauseFewLoadsAndDoNotHideARotation(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	p := newProvider(t, k)
	a := newAuthenticator(t.Context(), t, p.serve(t))
	wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
	for range 20 {
		wantError(t, a, newKey(t, "ES256", "k1").sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)
	}
	if got := p.count(); got != 3 {
		t.Errorf("%d loads, want the first and two of the burst", got)
	}
	for i := range 3 {
		wantError(t, a, newKey(t, "ES256", fmt.Sprintf("bogus-%d", i)).sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)
	}
	next := newKey(t, "ES256", "k2")
	p.publish(t, next)
	wantAccepted(t, a, next.sign(t, claimsOf(nil), nil))
}

func TestTokensThatAreBadAnywayCauseNoLoad(t *testing.T) {
	t.Parallel()
	k, unknown := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	p := newProvider(t, k)
	cfg := p.serve(t)
	cfg.Audience = "billing"
	a := newAuthenticator(t.Context(), t, cfg)
	wantAccepted(t, a, k.sign(t, claimsOf(jwt.MapClaims{"aud": "billing"}), nil))
	for name, token := range map[string]string{
		"expired":          unknown.sign(t, claimsOf(jwt.MapClaims{"aud": "billing", "exp": 1}), nil),
		"another audience": unknown.sign(t, claimsOf(nil), nil),
		"no project":       unknown.sign(t, claimsOf(jwt.MapClaims{"aud": "billing", "project_id": nil}), nil),
		"critical header":  unknown.sign(t, claimsOf(jwt.MapClaims{"aud": "billing"}), map[string]any{"crit": []string{"x"}}),
		"algorithm":        signWith(t, jwt.SigningMethodHS256, secret(32), claimsOf(jwt.MapClaims{"aud": "billing"}), nil),
		"malformed":        "a.b.c",
	} {
		if _, err := authenticate(t.Context(), a, token); !errors.Is(err, auth.ErrInvalidCredentials) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p.count() != 1 {
		t.Errorf("%d loads, want 1", p.count())
	}
}
