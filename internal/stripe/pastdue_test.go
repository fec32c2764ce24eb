package stripe_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// TestPastDueCountsFromTheBestThatIsKnown has a Stripe with one past_due subscription and what the test says beside it.
func TestPastDueCountsFromTheBestThatIsKnown(t *testing.T) {
	t.Parallel()
	const oldest = `"id":"in_1","created":100,"payment_intent":"pi_1","status_transitions":{"finalized_at":200}`
	for name, test := range map[string]struct {
		invoices, charges string
		want              int64 // in seconds
	}{
		"the first charge that failed": {
			`{"id":"in_2","created":500,"payment_intent":"pi_2"},{` + oldest + `}`,
			`{"id":"ch_3","status":"failed","created":400},{"id":"ch_2","status":"failed","created":300},` +
				`{"id":"ch_1","status":"pending","created":250}`,
			300,
		},
		"without one, the finalization":                {`{` + oldest + `}`, ``, 200},
		"of a bill, the day it was due":                {`{` + oldest + `,"due_date":900}`, ``, 900},
		"without any of these, the day of the invoice": {`{"id":"in_1","created":100}`, ``, 100},
		"no invoice that is unpaid":                    {``, ``, 0},
	} {
		mux := http.NewServeMux()
		answer := func(path, body string) {
			mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) })
		}
		answer("/v1/subscriptions/sub_1", `{"id":"sub_1","status":"past_due"}`)
		answer("/v1/invoices", `{"data":[`+test.invoices+`]}`)
		answer("/v1/invoice_payments", `{"data":[]}`)
		answer("/v1/charges", `{"data":[`+test.charges+`]}`)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		s, err := stripe.New(server.URL, nil).Subscription(t.Context(), project.Credentials{SecretKey: "sk_test_1"}, "sub_1")
		if err != nil {
			t.Fatal(name, err)
		}
		if at := max(0, s.PastDueSince.Unix()); at != test.want {
			t.Errorf("%s: %s, want second %d", name, s.PastDueSince.Format(time.RFC3339), test.want)
		}
	}
}

func TestAFailureToLearnSinceWhenFailsTheFetch(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"/v1/invoices", "/v1/charges", "/v1/invoice_payments"} {
		mux := http.NewServeMux()
		for path, body := range map[string]string{
			"/v1/subscriptions/sub_1": `{"id":"sub_1","status":"past_due"}`,
			"/v1/invoices":            `{"data":[{"id":"in_1","created":1}]}`,
			"/v1/invoice_payments":    `{"data":[{"id":"inpay_1","payment":{"payment_intent":"pi_1"}}]}`,
			"/v1/charges":             `{"data":[]}`,
		} {
			mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
				if path == broken {
					w.WriteHeader(http.StatusForbidden)
				}
				_, _ = fmt.Fprint(w, body)
			})
		}
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		_, err := stripe.New(server.URL, nil).Subscription(t.Context(), project.Credentials{SecretKey: "sk_test_1"}, "sub_1")
		if err == nil {
			t.Errorf("without %s the subscription was returned all the same", broken)
		}
	}
}
