package stripe_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// withNUL is Stripe's answer, by path. Every text that a person can set at Stripe holds a NUL.
func withNUL() map[string]string {
	const metadata = `{"no\u0000te": "a\u0000b"}`
	const product = `{"id": "prod_1", "name": "Pr\u0000o"}`
	return map[string]string{
		"/v1/subscriptions/sub_1": `{"id": "sub_1", "metadata": ` + metadata + `, "items": {"data": [
			{"id": "si_1", "price": {"id": "price_1", "product": ` + product + `}},
			{"id": "si_2", "price": {"id": "price_2", "nickname": "Ba\u0000se", "product": "prod_2"}}]}}`,
		"/v1/invoices/in_1": `{"id": "in_1", "subscription_details": {"metadata": ` + metadata + `},
			"lines": {"data": [{"amount": 1, "price": {"product": ` + product + `}}]}}`,
		"/v1/payment_intents/pi_1":   `{"id": "pi_1", "description": "On\u0000ce", "metadata": ` + metadata + `}`,
		"/v1/checkout/sessions/cs_1": `{"id": "cs_1", "mode": "payment", "metadata": ` + metadata + `}`,
	}
}

func TestNoTextFromStripeHoldsANUL(t *testing.T) {
	t.Parallel()
	answers := withNUL()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := io.WriteString(w, answers[r.URL.Path]); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	gateway, credentials := stripe.New(server.URL, nil), project.Credentials{SecretKey: "sk_test_123"}

	for name, call := range map[string]func() (any, error){
		"subscription": func() (any, error) { return gateway.Subscription(t.Context(), credentials, "sub_1") },
		"invoice":      func() (any, error) { return gateway.Invoice(t.Context(), credentials, "in_1") },
		"payment":      func() (any, error) { return gateway.PaymentIntent(t.Context(), credentials, "pi_1") },
		"session":      func() (any, error) { return gateway.OneTimeSession(t.Context(), credentials, "cs_1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object, err := call()
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%+v", object)
			if strings.Contains(got, "\x00") {
				t.Errorf("there is a NUL in %q", got)
			}
			if !strings.Contains(got, "no\uFFFDte:a\uFFFDb") {
				t.Errorf("the metadata is not in %q", got)
			}
		})
	}
}
