package bearer_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

// The tests in a bubble of testing/synctest run on its clock: what waits for an hour there takes no time.

func TestNewDoesNotWaitForTheProvider(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k)
		p.hang()
		before := time.Now()
		a := newAuthenticator(t.Context(), t, p.inMemory())
		if waited := time.Since(before); waited != 0 {
			t.Errorf("New waited for %s", waited)
		}
		err := errorOf(t, a, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
		if waited := time.Since(before); waited != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first request waited for %s and got %v", waited, err)
		}
		_, err = a.Authenticate(request(t.Context()))
		if !errors.Is(err, auth.ErrNoCredentials) || time.Since(before) != 5*time.Second {
			t.Errorf("a request without a token waited, and got %v", err)
		}
		p.publish(t, k)
		<-time.After(2 * time.Second) // the pause while there are no keys; nobody asks
		synctest.Wait()
		loads := p.count()
		wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		if p.count() != loads {
			t.Error("the keys were loaded for the request only")
		}
	})
}

func TestTheFirstRequestsWaitForTheFirstKeys(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k)
		slow(p, 3*time.Second)
		a := newAuthenticator(t.Context(), t, p.inMemory())
		before := time.Now()
		results := make(chan error)
		for range 20 {
			go func() {
				_, err := authenticate(t.Context(), a, k.sign(t, claimsOf(nil), nil))
				results <- err
			}()
		}
		for range 20 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if waited := time.Since(before); waited != 3*time.Second || p.count() != 1 {
			t.Errorf("waited for %s, for %d loads; want 3s for one", waited, p.count())
		}
	})
}

// slow makes the provider answer what it does now, but later.
func slow(p *provider, delay time.Duration) {
	p.mu.Lock()
	answer := p.answer
	p.mu.Unlock()
	p.handle(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(delay):
			answer(w, r)
		case <-r.Context().Done():
		}
	})
}

func TestAWaitingRequestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k)
		p.hang()
		a := newAuthenticator(t.Context(), t, p.inMemory())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := time.Now()
		_, err := authenticate(ctx, a, k.sign(t, claimsOf(nil), nil))
		if waited := time.Since(before); waited != time.Second || !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("waited for %s, got %v", waited, err)
		}
	})
}

func TestAProviderThatIsDownAtStartIsTriedEverySecondSecond(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t)
		p.respond(http.StatusBadGateway, "")
		log := &lockedBuffer{}
		cfg := p.inMemory()
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
		a := newAuthenticator(t.Context(), t, cfg)
		for range 100 {
			wantError(t, a, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
		}
		<-time.After(61 * time.Second)
		if got := p.count(); got != 31 {
			t.Errorf("%d loads in a minute, want 31", got)
		}
		p.publish(t, k)
		<-time.After(2 * time.Second)
		synctest.Wait()
		wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		<-time.After(time.Hour)
		wantLog(t, log, "level=ERROR", 1)
		wantLog(t, log, "have_keys=false", 1)
		wantLog(t, log, "can be loaded again", 1)
		wantLog(t, log, "have changed", 1)
	})
}

// awaitLog waits until the log says something: a load tells those who wait for it first.
func awaitLog(t *testing.T, log *lockedBuffer, text string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), text); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("the log does not say %q: %.4000s", text, log.String())
		}
	}
}

func wantLog(t *testing.T, log *lockedBuffer, text string, want int) {
	t.Helper()
	if got := strings.Count(log.String(), text); got != want {
		t.Errorf("the log says %q %d times, want %d: %s", text, got, want, log.String())
	}
}

func TestAnUnreachableProviderIsTemporary(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	cfg := newProvider(t, k).serve(t)
	log := &lockedBuffer{}
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	cfg.JWKSURL = "http://user:hidden@127.0.0.1:1/jwks?access_key=hidden" // nothing listens on port 1
	a := newAuthenticator(t.Context(), t, cfg)
	err := errorOf(t, a, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
	if text := err.Error() + log.String(); strings.Contains(text, "hidden") || strings.Contains(text, "/jwks") {
		t.Errorf("the URL shows: %s", text)
	}
}

func TestARotatedKeyIsPickedUpAtOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kid    string
		header map[string]any
	}{
		"with a new kid":         {"k2", nil},
		"with the same kid":      {"k1", nil},
		"and a token without it": {"k2", map[string]any{"kid": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, next := newKey(t, "ES256", "k1"), newKey(t, "ES256", tt.kid)
			p := newProvider(t, k)
			a := newAuthenticator(t.Context(), t, p.serve(t))
			old := k.sign(t, claimsOf(nil), nil)
			wantAccepted(t, a, old)
			if p.count() != 1 {
				t.Fatalf("%d loads before the rotation, want 1", p.count())
			}

			p.publish(t, next)
			wantAccepted(t, a, next.sign(t, claimsOf(nil), tt.header))
			if p.count() != 2 {
				t.Errorf("%d loads after the rotation, want 2", p.count())
			}
			wantError(t, a, old, auth.ErrInvalidCredentials) // though it was remembered
		})
	}
}

func TestATokenIsVerifiedOnceWhileItsKeysStay(t *testing.T) {
	t.Parallel()
	k, next := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	p := newProvider(t, k)
	cfg := p.serve(t)
	var looks atomic.Int64 // at the clock: one for a token that is remembered, 3 or more for one that is verified
	cfg.Now = func() time.Time {
		looks.Add(1)
		return start()
	}
	a := newAuthenticator(t.Context(), t, cfg)
	wantRemembered := func(token string) {
		t.Helper()
		before := looks.Load()
		wantAccepted(t, a, token)
		if got := looks.Load() - before; got > 2 { // the loading goroutine may have looked, too
			t.Errorf("%d looks at the clock, want 1", got)
		}
	}
	token, rotated := k.sign(t, claimsOf(nil), nil), next.sign(t, claimsOf(nil), nil)
	wantAccepted(t, a, token)
	wantRemembered(token)
	wantError(t, a, rotated, auth.ErrInvalidCredentials) // which loads the same keys again
	wantRemembered(token)
	p.publish(t, next)
	wantAccepted(t, a, rotated)
	wantRemembered(rotated)
}

func TestARevokedKeyEndsItsTokensAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	k, other := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k, other)
		a := newAuthenticator(t.Context(), t, p.inMemory())
		token, kept := k.sign(t, claimsOf(nil), nil), other.sign(t, claimsOf(nil), nil)
		wantAccepted(t, a, token)
		wantAccepted(t, a, kept)
		p.publish(t, other)
		<-time.After(10*time.Minute - time.Second)
		wantAccepted(t, a, token)
		<-time.After(2 * time.Second)
		synctest.Wait()
		wantError(t, a, token, auth.ErrInvalidCredentials)
		wantAccepted(t, a, kept)
	})
}

func TestASetInAnotherOrderIsTheSame(t *testing.T) {
	t.Parallel()
	k, other := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k, other)
		log := &lockedBuffer{}
		cfg := p.inMemory()
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
		a := newAuthenticator(t.Context(), t, cfg)
		wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		p.publish(t, other, k)
		<-time.After(11 * time.Minute)
		synctest.Wait()
		wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
		wantLog(t, log, "have changed", 1)
		if p.count() != 2 {
			t.Errorf("%d loads, want 2", p.count())
		}
	})
}

func TestTheLastGoodKeysOutliveAnOutageUntilTheyAreTooOld(t *testing.T) {
	t.Parallel()
	k, next := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, k)
		cfg := p.inMemory()
		cfg.MaxKeyAge = time.Hour
		log := &lockedBuffer{}
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
		a := newAuthenticator(t.Context(), t, cfg)
		warm := k.sign(t, claimsOf(nil), nil)
		wantAccepted(t, a, warm)
		p.respond(http.StatusServiceUnavailable, "")
		<-time.After(time.Hour)
		wantAccepted(t, a, warm)
		wantAccepted(t, a, k.sign(t, claimsOf(jwt.MapClaims{"email": "cold@example.com"}), nil))
		wantError(t, a, next.sign(t, claimsOf(nil), nil), auth.ErrUnavailable) // nobody can tell
		wantError(t, a, newKey(t, "ES256", "k1").sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)
		if loads := p.count(); loads < 50 || loads > 60 {
			t.Errorf("%d loads in an hour, want one in 10 minutes, then one each minute", loads)
		}
		<-time.After(time.Second)
		wantError(t, a, warm, auth.ErrUnavailable)
		wantError(t, a, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
		p.publish(t, k)
		<-time.After(time.Minute)
		synctest.Wait()
		wantAccepted(t, a, warm)
		wantLog(t, log, "have_keys=true", 1)
	})
}

// TestNothingRunsOnAfterTheContext relies on synctest.Test, which fails when a goroutine of the bubble is left.
func TestNothingRunsOnAfterTheContext(t *testing.T) {
	t.Parallel()
	k, unknown := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	for name, tt := range map[string]struct {
		spoil  func(*provider)
		answer error // to a request that made the keys be loaded again
	}{
		"between two loads": {func(*provider) {}, auth.ErrInvalidCredentials},
		"in a load":         {func(p *provider) { p.hang() }, auth.ErrUnavailable},
		"after a failure":   {func(p *provider) { p.respond(http.StatusBadGateway, "") }, auth.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newProvider(t, k)
				log := &lockedBuffer{}
				cfg := p.inMemory()
				cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
				ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
				a := newAuthenticator(ctx, t, cfg)
				wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
				tt.spoil(p)
				waiting := make(chan error, 1)
				go func() {
					_, err := authenticate(context.WithoutCancel(t.Context()), a, unknown.sign(t, claimsOf(nil), nil))
					waiting <- err
				}()
				synctest.Wait()
				loads, before, errorsBefore := p.count(), time.Now(), strings.Count(log.String(), "level=ERROR")
				cancel()
				if err := <-waiting; !errors.Is(err, tt.answer) {
					t.Errorf("the request got %v, want %v", err, tt.answer)
				}
				synctest.Wait()
				if waited := time.Since(before); waited != 0 {
					t.Errorf("a request waited for %s after the end", waited)
				}
				wantLog(t, log, "level=ERROR", errorsBefore)
				<-time.After(time.Hour)
				wantAccepted(t, a, k.sign(t, claimsOf(nil), nil)) // keys at hand go on to work
				wantError(t, a, unknown.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
				if p.count() != loads {
					t.Errorf("%d loads after the end", p.count()-loads)
				}
			})
		})
	}
}

func TestARedirectToPlainHTTPIsNotFollowed(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	for name, test := range map[string]struct {
		to    string
		check func(*http.Request, []*http.Request) error
		err   error
	}{
		"to https":              {"https://keys.idp.example/jwks", nil, nil},
		"to http":               {"http://idp.example/jwks", nil, auth.ErrUnavailable},
		"to https, host agrees": {"https://keys.idp.example/jwks", func(*http.Request, []*http.Request) error { return nil }, nil},
		"to http, host agrees": {
			"http://idp.example/jwks", func(*http.Request, []*http.Request) error { return nil }, auth.ErrUnavailable,
		},
		"to https, host refuses": {
			"https://keys.idp.example/jwks", func(*http.Request, []*http.Request) error { return errors.New("no") }, auth.ErrUnavailable,
		},
		"round and round": {"https://idp.example/jwks", nil, auth.ErrUnavailable},
	} {
		p := newProvider(t, k)
		answer := p.answer
		p.handle(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.String() != "https://idp.example/jwks" {
				answer(w, r)
				return
			}
			http.Redirect(w, r, test.to, http.StatusFound)
		})
		cfg := p.inMemory()
		cfg.Now, cfg.HTTPClient.CheckRedirect = start, test.check
		_, err := authenticate(t.Context(), newAuthenticator(t.Context(), t, cfg), k.sign(t, claimsOf(nil), nil))
		if !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", name, err, test.err)
		}
	}
}
