package conformance_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest/conformance"
)

// startMock runs Stripe's own mock server, strict, until the test ends.
func startMock(t *testing.T) string {
	t.Helper()
	binary := os.Getenv("PAYMOUNT_TEST_STRIPE_MOCK")
	if binary == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("PAYMOUNT_TEST_STRIPE_MOCK does not name stripe-mock")
		}
		t.Skip("PAYMOUNT_TEST_STRIPE_MOCK does not name stripe-mock")
	}
	address, tls := freeAddress(t), freeAddress(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	command := exec.CommandContext(ctx, binary, "-strict-version-check", "-http-addr", address, "-https-addr", tls)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed, so it ends with an error
	})
	var dialer net.Dialer
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			tick.Stop()
			_ = conn.Close()
			return "http://" + address
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("stripe-mock did not start")
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// What the fake accepts must be accepted by Stripe's own description: else a scenario would not come to its question there.
func TestEveryCallThatTheFakeAcceptsIsOneThatStripeDescribes(t *testing.T) {
	t.Parallel()
	mock := startMock(t)
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
			again.Header.Set("Authorization", "Bearer sk_test_123")
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
