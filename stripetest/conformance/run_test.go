package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/stripetest/conformance"
)

func TestOnlyAKeyOfTestModeIsTaken(t *testing.T) {
	t.Parallel()
	for _, cfg := range []conformance.Config{
		{},
		{Key: "sk_live_1234567890"},
		{Key: "pk_test_1234567890"},
		{Key: "rk_live_1234567890"},
		{Key: " sk_test_1"},
		{Key: "sk_test_1", BaseURL: "http://stripe.example"},
		{Key: "sk_test_1", BaseURL: "nowhere"},
		{Key: "sk_test_1", Only: []string{"no/such-belief"}},
	} {
		cfg.HTTPClient = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s was asked", r.URL)
			return nil, errors.New("no")
		})}
		_, err := conformance.Run(t.Context(), cfg)
		if !errors.Is(err, conformance.ErrConfig) {
			t.Errorf("key %q at %q: %v, want ErrConfig", cfg.Key, cfg.BaseURL, err)
		}
		if cfg.Key != "" && strings.Contains(err.Error(), cfg.Key) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAKeyThatStripeDoesNotKnowEndsTheRun(t *testing.T) {
	t.Parallel()
	cfg, _ := against(t, nil)
	cfg.Key = "sk_test_nobody0000000"
	if _, err := conformance.Run(t.Context(), cfg); !errors.Is(err, conformance.ErrKey) {
		t.Errorf("%v, want ErrKey", err)
	}
}

func TestAReportShowsWhatWasSeenButNoKeyAndNoSecret(t *testing.T) {
	t.Parallel()
	chatty := broken{tell: func(call string, _ url.Values, a *told) {
		if call == "POST products" {
			a.become(http.StatusTeapot, map[string]any{"error": map[string]any{
				"message": "Bad key " + stripetest.TestKey + " or sk_test_****9999 of pi_1_secret_abc", "code": "odd",
			}})
		}
	}}
	cfg, _ := against(t, chatty.spoil)
	cfg.Only = []string{"api/missing-parameter", "sessions/open-can-expire"}
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	text := report.String()
	for _, want := range []string{"refuted: api/missing-parameter", "untried: sessions/open-can-expire", "418", "odd", "req_"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{stripetest.TestKey, "9999", "_abc"} {
		if strings.Contains(text+string(raw), secret) {
			t.Errorf("the report shows %q:\n%s", secret, text)
		}
	}
}

func TestAnInterruptedRunCleansUpAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	cfg, srv := against(t, nil)
	cfg.Only = []string{"creation", "customers"}
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Progress = func(report conformance.Report) {
		if len(report.Results) == 4 {
			cancel()
		}
	}
	first, err := conformance.Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || len(first.Results) != 4 || len(first.Left) != 0 {
		t.Fatalf("%v with %d results and %v left; want a run that was canceled after 4 and left nothing", err, len(first.Results),
			first.Left)
	}
	first.Left = []string{"DELETE /v1/customers/" + srv.AddCustomer("left@example.com").ID}
	srv.ResetCalls()
	cfg.Progress, cfg.Earlier = nil, first
	second, err := conformance.Run(t.Context(), cfg)
	if err != nil || second.RunID != first.RunID || second.Count(conformance.Held) != len(second.Results) {
		t.Fatalf("%v: %s", err, second)
	}
	for i, result := range first.Results {
		if second.Results[i].ID != result.ID || !slices.Equal(second.Results[i].Requests, result.Requests) {
			t.Errorf("%s was tried again", result.ID)
		}
	}
	for _, customer := range srv.Customers() {
		if !customer.Deleted {
			t.Errorf("customer %s is still there", customer.ID)
		}
	}
}

func TestTheRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	cfg, _ := against(t, func(fake http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1)%3 != 0 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = w.Write([]byte(`{"error": {"code": "rate_limit"}}`))
				return
			}
			fake.ServeHTTP(w, r)
		})
	})
	cfg.Only = []string{"creation/active"}
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil || report.Count(conformance.Held) != 1 {
		t.Errorf("%v: %s", err, report)
	}
}

// testClocks puts Stripe's test clocks before a fake whose clock can be moved.
func testClocks(t *testing.T, srv *stripetest.Server) http.Handler {
	t.Helper()
	ready := func(w http.ResponseWriter, at int64) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id": "clock_1", "status": "ready", "frozen_time": %d}`, at)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/test_helpers/test_clocks/{id}", func(w http.ResponseWriter, _ *http.Request) { ready(w, srv.Now().Unix()) })
	mux.HandleFunc("POST /v1/test_helpers/test_clocks", func(w http.ResponseWriter, _ *http.Request) { ready(w, srv.Now().Unix()) })
	mux.HandleFunc("POST /v1/test_helpers/test_clocks/{id}/advance", func(w http.ResponseWriter, r *http.Request) {
		to, err := strconv.ParseInt(r.FormValue("frozen_time"), 10, 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		srv.Advance(time.Unix(to, 0).Sub(srv.Now()))
		ready(w, to)
	})
	mux.Handle("/", broken{ask: func(call string, _ *http.Request, form url.Values) {
		if call == "POST customers" && form.Get("test_clock") != "clock_1" {
			t.Error("the customer has no test clock")
		}
		form.Del("test_clock")
	}}.spoil(srv))
	return mux
}

func TestTimePassesByTestClocks(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{DraftTime: time.Hour})
	front := httptest.NewServer(testClocks(t, srv))
	t.Cleanup(front.Close)
	report, err := conformance.Run(t.Context(), conformance.Config{
		BaseURL: front.URL, Key: stripetest.TestKey, Pace: -1,
		Only: []string{"clock/renewal", "clock/draft-for-an-hour", "incomplete/expires"},
	})
	if err != nil || report.Count(conformance.Held) != 3 || len(report.Left) != 0 {
		t.Errorf("%v: %s", err, report)
	}
}

func TestWhatAStripeCannotDoIsSkipped(t *testing.T) {
	t.Parallel()
	cfg, _ := against(t, nil)
	cfg.Pay, cfg.Only = nil, []string{"page", "schedules"}
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil || report.Count(conformance.Skipped) != len(report.Results) || len(report.Results) == 0 {
		t.Errorf("%v: %s", err, report)
	}
	for _, result := range report.Results {
		if !strings.HasPrefix(result.Seen, "needs ") {
			t.Errorf("%s is skipped and does not say why", result.ID)
		}
	}
}
