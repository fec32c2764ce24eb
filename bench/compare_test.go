package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/bench/internal/fixture"
)

// openPostgres skips the test where there is no Postgres, or fails it in CI.
func openPostgres(t *testing.T) *fixture.Postgres {
	t.Helper()
	url := os.Getenv("PAYMOUNT_TEST_POSTGRES_URL")
	if url == "" {
		const missing = "NOT TESTED: PAYMOUNT_TEST_POSTGRES_URL names no Postgres; make test starts one"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	p, err := fixture.OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAllMiddlewaresDecideAlike(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tokens := map[string]struct {
		claims jwt.MapClaims
		status int
	}{
		"good":           {nil, http.StatusOK},
		"expired":        {jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()}, http.StatusUnauthorized},
		"within leeway":  {jwt.MapClaims{"exp": now.Add(-leeway / 2).Unix()}, http.StatusOK},
		"other issuer":   {jwt.MapClaims{"iss": "https://evil.example.com/"}, http.StatusUnauthorized},
		"other audience": {jwt.MapClaims{"aud": []string{"https://other.example.com"}}, http.StatusUnauthorized},
		"not yet valid":  {jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}, http.StatusUnauthorized},
	}
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA", "HS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			s, err := newSigning(t.Context(), algorithm)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.close)
			a, err := s.ours(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			m, err := s.middlewares(a)
			if err != nil {
				t.Fatal(err)
			}
			for name, c := range tokens {
				token, err := s.token(c.claims)
				if err != nil {
					t.Fatal(err)
				}
				checkDecisions(t, name, m, s.bare(), token, c.status)
			}
			other, err := newSigning(t.Context(), algorithm)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(other.close)
			forged, err := other.token(nil)
			if err != nil {
				t.Fatal(err)
			}
			checkDecisions(t, "forged", m, s.bare(), forged, http.StatusUnauthorized)
		})
	}
}

func checkDecisions(t *testing.T, name string, m middlewares, bare func(string) error, token string, want int) {
	t.Helper()
	for side, h := range map[string]http.Handler{"paymount": m.ours, "go-jwt-middleware": m.auth0, "jwtauth": m.chi} {
		for range 2 { // the second time it is known
			r, err := withToken(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if status, _ := answer(h, r); status != want {
				t.Errorf("%s: %s answers %d, want %d", name, side, status, want)
			}
		}
	}
	if err := bare(token); (err == nil) != (want == http.StatusOK) {
		t.Errorf("%s: the bare parse says %v", name, err)
	}
}

func TestBothCheckoutsCallStripeOnceAndAnswerAlike(t *testing.T) {
	t.Parallel()
	c, err := newCheckouts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.server.Close)
	if err := c.customers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := c.buy(t.Context(), c.ours, 1); err != nil { // now the price is known
		t.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"paymount": c.ours, "by hand": c.simple} {
		before := c.stripe.Calls.Load()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(checkoutBody))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-User", "user_2")
		r.Header.Set("Content-Type", "application/json")
		status, body := answer(h, r)
		var session struct {
			SessionID   string `json:"session_id"`
			CheckoutURL string `json:"checkout_url"`
		}
		if err := json.Unmarshal([]byte(body), &session); status != http.StatusOK || err != nil ||
			!strings.HasSuffix(session.CheckoutURL, session.SessionID) || session.SessionID == "" {
			t.Errorf("%s answers %d %s", name, status, body)
		}
		if calls := c.stripe.Calls.Load() - before; calls != 1 {
			t.Errorf("%s makes %d calls", name, calls)
		}
	}
}

func TestBothReadTheSameIdsOfAnEvent(t *testing.T) {
	t.Parallel()
	payload := fixture.LargeEvent()
	if size := len(payload); size < 18<<10 || size > 20<<10 {
		t.Errorf("the event has %d bytes", size)
	}
	if err := sameEvent(payload, fixture.Sign(payload, time.Now())); err != nil {
		t.Error(err)
	}
	for name, header := range map[string]string{
		"forged": fixture.Sign([]byte("other"), time.Now()), "old": fixture.Sign(payload, time.Now().Add(-time.Hour)),
	} {
		_, _, ours := openEvent(payload, header)
		_, _, theirs := constructEvent(payload, header)
		if ours == nil || theirs == nil {
			t.Errorf("%s: %v and %v", name, ours, theirs)
		}
	}
}

func TestBothWebhooksStoreTheSameState(t *testing.T) {
	t.Parallel()
	p := openPostgres(t)
	if err := p.Exec(t.Context(), simpleTables); err != nil {
		t.Fatal(err)
	}
	service, err := fixture.NewService(p.Store, fixture.Credentials(fixture.ProjectID), &fixture.Stripe{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []http.Handler{service.Webhook(), simpleWebhook{p.Pool}} {
		for range 2 { // a duplicate changes nothing
			d := &deliveries{objects: 3}
			if err := d.prepare(t.Context(), 6); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if err := d.deliver(h); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, query := range []string{
		`SELECT count(*) FROM paymount_subscriptions AS a JOIN simple_subscriptions AS b USING (id, user_id, customer_id, status,
price_id, quantity, current_period_start, current_period_end, created_at)`,
		"SELECT count(*) / 2 FROM simple_events", "SELECT count(*) / 2 FROM paymount_events",
	} {
		var same int
		if err := p.DB.QueryRowContext(t.Context(), query).Scan(&same); err != nil || same != 3 {
			t.Errorf("%s: %d, %v; want 3", query, same, err)
		}
	}
}

func TestABurstTakesAtMostTwoFetches(t *testing.T) {
	t.Parallel()
	p := openPostgres(t)
	if err := p.Exec(t.Context(), simpleTables); err != nil {
		t.Fatal(err)
	}
	slow := &fixture.Stripe{Latency: time.Second} // all events have come before the first fetch has ended
	service, simple, err := bursts(p, slow)
	if err != nil {
		t.Fatal(err)
	}
	if err := burst(t.Context(), service, "ours"); err != nil {
		t.Fatal(err)
	}
	if fetches := slow.Calls.Swap(0); fetches > 2 {
		t.Errorf("%d fetches", fetches)
	}
	slow.Latency = 0
	if err := burst(t.Context(), simple, "theirs"); err != nil {
		t.Fatal(err)
	}
	if fetches := slow.Calls.Load(); fetches != 8 {
		t.Errorf("one refetch per event makes %d", fetches)
	}
}

func TestBothGatesLetTheSameUsersPass(t *testing.T) {
	t.Parallel()
	p := openPostgres(t)
	if err := p.Fill(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	welcome := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for user, want := range map[string]int{"user_1": http.StatusOK, "user_2": http.StatusPaymentRequired} {
		for name, h := range map[string]http.Handler{"paymount": newGate(p.Store)(welcome), "a read": simpleGate(p.Pool, welcome)} {
			r, err := signedIn(t.Context(), user)
			if err != nil {
				t.Fatal(err)
			}
			if status, _ := answer(h, r); status != want {
				t.Errorf("%s: %s answers %d, want %d", user, name, status, want)
			}
		}
	}
}

func TestBothReadsAnswerAlike(t *testing.T) {
	t.Parallel()
	p := openPostgres(t)
	if err := p.Fill(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	service, err := fixture.NewService(p.Store, fixture.Credentials(fixture.ProjectID), &fixture.Stripe{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"user_1", "user_2", "user_none"} {
		var answers [2]any
		for i, h := range []http.Handler{service.MySubscription(), simpleRead{p.Pool}} {
			r, err := mySubscription(t.Context(), user)
			if err != nil {
				t.Fatal(err)
			}
			_, body := answer(h, r)
			if err := json.NewDecoder(bytes.NewBufferString(body)).Decode(&answers[i]); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(answers[0], answers[1]) {
			t.Errorf("%s: %v and %v", user, answers[0], answers[1])
		}
	}
}

func TestEveryTenantIsServed(t *testing.T) {
	t.Parallel()
	many, err := newTenant(3)
	if err != nil {
		t.Fatal(err)
	}
	if err := many.deliveries(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if err := errors.Join(many.deliver(), many.ask(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryPathOfTheStoreFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	p := openPostgres(t)
	if err := p.Fill(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	for _, path := range storePaths() {
		if err := path.ask(t.Context(), p, ownerOf(7), 7); err != nil {
			t.Errorf("%s: %v", path.name, err)
		}
	}
}
