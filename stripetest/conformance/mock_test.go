package conformance_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/stripemock"
	"github.com/paymount/paymount/stripetest/conformance"
)

// What the fake accepts must be accepted by Stripe's own description: else a scenario would not come to its question there.
func TestEveryCallThatTheFakeAcceptsIsOneThatStripeDescribes(t *testing.T) {
	t.Parallel()
	mock := stripemock.Start(t)
	var compared atomic.Int64
	cfg, _ := against(t, func(fake http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(strings.NewReader(string(raw)))
			again, err := http.NewRequestWithContext(r.Context(), r.Method, mock+r.URL.RequestURI(), strings.NewReader(string(raw)))
			if err != nil {
				t.Error(err)
				return
			}
			again.Header = r.Header.Clone()
			again.Header.Set("Authorization", "Bearer "+stripemock.Key)
			recorder := httptest.NewRecorder()
			fake.ServeHTTP(recorder, r)
			if recorder.Code == http.StatusOK && r.Header.Get("Stripe-Version") == "2023-10-16" {
				compared.Add(1)
				mocked(t, again)
			}
			maps.Copy(w.Header(), recorder.Header())
			w.WriteHeader(recorder.Code)
			_, _ = w.Write(recorder.Body.Bytes())
		})
	})
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil || compared.Load() < 500 {
		t.Errorf("%v after %d calls: %s", err, compared.Load(), report)
	}
	t.Logf("%d calls were accepted by both", compared.Load())
}

func mocked(t *testing.T, r *http.Request) {
	t.Helper()
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body) // what can be read of it is shown
		t.Errorf("%s %s: stripe-mock answers %d %s", r.Method, r.URL.Path, resp.StatusCode, body)
	}
}
