package paymount_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

// newerStripe answers in the shapes of newer API versions, whatever version it is asked for: upcoming invoices have given
// way to previews, an invoice lists its payments, and a payment intent does not name its invoice.
type newerStripe struct{ t *testing.T }

func (n newerStripe) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Path {
	case "/v1/invoices/upcoming", "/v1/invoice_payments":
		return respond(n.t, http.StatusNotFound, map[string]any{"error": map[string]any{"type": "invalid_request_error"}}), nil
	case "/v1/invoices/create_preview":
		form, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		query, err := url.ParseQuery(string(form))
		if err != nil {
			return nil, err
		}
		for name, values := range query {
			if rest, ok := strings.CutPrefix(name, "subscription_details["); ok {
				query.Del(name)
				query["subscription_"+strings.Replace(rest, "]", "", 1)] = values
			}
		}
		r = r.Clone(r.Context())
		r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
		r.URL.Path, r.URL.RawQuery = "/v1/invoices/upcoming", query.Encode()
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, err
	}
	n.renew(body)
	return respond(n.t, response.StatusCode, body), nil
}

func (n newerStripe) renew(value any) {
	object, _ := value.(map[string]any)
	switch object["object"] {
	case "invoice":
		intent := object["payment_intent"]
		if expanded, ok := intent.(map[string]any); ok {
			intent = expanded["id"]
		}
		object["payments"] = map[string]any{"data": []any{
			map[string]any{"payment": map[string]any{"type": "payment_intent", "payment_intent": intent}},
		}}
		delete(object, "payment_intent")
	case "payment_intent":
		delete(object, "invoice")
	}
	for _, element := range object {
		n.renew(element)
	}
}

func newer(t *testing.T, options ...option) *bundle {
	t.Helper()
	return setup(t, append(options, func(c *paymount.Config, _ *stripetest.Options) {
		c.HTTPClient = &http.Client{Transport: newerStripe{t}}
	})...)
}

func TestNewerShapesShowARefundedInvoiceOnce(t *testing.T) {
	t.Parallel()
	b := newer(t)
	b.buy()
	intent := b.stripe.Invoices()[0].PaymentIntent
	want(t, "payment_intent_id", b.onlyPayment()["payment_intent_id"], any(intent))
	for _, refund := range []struct {
		amount int64
		status string
	}{{500, "partially_refunded"}, {700, "refunded"}} {
		if _, err := b.stripe.Refund(intent, refund.amount); err != nil {
			t.Fatal(err)
		}
		b.settle()
		want(t, "after a refund", b.onlyPayment()["status"], any(refund.status))
	}
}

func TestNewerShapesHavePreviewsAndQuotes(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b, other := newer(t, clock.share), setup(t, clock.share)
	var previews []answer
	for _, b := range []*bundle{b, other} {
		b.buy()
		b.advance(clock, 0)
		previews = append(previews, b.post("update-subscription/preview", map[string]any{
			"new_price_id": b.yearly.ID, "proration_behavior": "always_invoice", "quantity": 2,
		}))
	}
	want(t, "status", previews[0].status, http.StatusOK)
	want(t, "amount", previews[0].body["amount_due_cents"], previews[1].body["amount_due_cents"])
	update := b.post("update-subscription", map[string]any{
		"new_price_id": b.yearly.ID, "proration_behavior": "always_invoice", "quantity": 2, "quote": previews[0].text("quote"),
	})
	want(t, "update", update.status, http.StatusOK)
}

func TestAFailedRenewalShowsWithoutItsError(t *testing.T) {
	t.Parallel()
	for name, without := range map[string][]string{
		"no error": {"last_payment_error"}, "no charge either": {"last_payment_error", "latest_charge"},
	} {
		clock := newClock()
		b := setup(t, clock.share, func(c *paymount.Config, _ *stripetest.Options) {
			c.HTTPClient = &http.Client{Transport: plainStripe{t, map[string][]string{"payment_intent": without}}}
		})
		b.buy()
		b.must(b.stripe.SetCardFails(b.customer(), true))
		b.advance(clock, 32*24*time.Hour)
		want(t, name+": subscription", b.status(user), "past_due")
		payments, _ := b.as(user, "GET", "/billing/my-payments", nil).body["payments"].([]any)
		latest, _ := payments[0].(map[string]any)
		want(t, name+": payment", latest["status"], any("failed"))
	}
}
