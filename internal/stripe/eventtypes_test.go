package stripe_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/stripemock"
)

// TestStripeKnowsEveryEventType asks the official stripe-mock, which knows the types of 2023-10-16, to send each of them.
func TestStripeKnowsEveryEventType(t *testing.T) {
	t.Parallel()
	mock := stripemock.Start(t)
	client := &http.Client{Timeout: 10 * time.Second}
	newer := map[string]bool{
		"refund.failed":        true, // 2024-10-28.acacia: https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update
		"invoice_payment.paid": true, // https://docs.stripe.com/changelog/basil/2025-05-28/partial-payments
	}
	for _, name := range append(event.EventTypes(), "invoice.*", "invoice.pay") {
		form := url.Values{"url": {"https://a.example/"}, "enabled_events[0]": {name}}
		r, err := http.NewRequestWithContext(
			t.Context(), http.MethodPost, mock+"/v1/webhook_endpoints", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("sk_test_123", "")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		known := response.StatusCode == http.StatusOK
		if known == (newer[name] || name == "invoice.*" || name == "invoice.pay") || err != nil {
			t.Errorf("%s: %d %s %v", name, response.StatusCode, body, err)
		}
	}
}
