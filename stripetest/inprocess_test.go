package stripetest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAServerInTheProcessAnswersAndDeliversWithoutANetwork(t *testing.T) {
	t.Parallel()
	var delivered string
	srv := stripetest.New(t, stripetest.Options{
		InProcess: true, Hold: true,
		HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			delivered = r.URL.String()
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		})},
	})
	if _, err := srv.AddWebhook(stripetest.Webhook{URL: "http://app.test/hook", Secrets: []string{"whsec_1"}}); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v1/customers", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+stripetest.TestKey)
	out := httptest.NewRecorder()
	srv.ServeHTTP(out, r)
	if out.Code != http.StatusOK || len(srv.Customers()) != 1 || len(srv.Pending()) != 1 {
		t.Fatalf("%d %s, %d customers, %d events", out.Code, out.Body, len(srv.Customers()), len(srv.Pending()))
	}
	status, err := srv.Deliver(t.Context(), srv.Pending()[0])
	if err != nil || status != http.StatusOK || delivered != "http://app.test/hook" {
		t.Errorf("delivered to %q: %d, %v", delivered, status, err)
	}
}
