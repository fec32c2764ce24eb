package paymount_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// hostSession is a checkout session in payment mode that the host has made for our customer by itself, paid by now.
func (b *bundle) hostSession(metadata url.Values) {
	b.t.Helper()
	price := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Mug", Amount: 900})
	form := url.Values{
		"mode": {"payment"}, "customer": {b.customer()}, "line_items[0][price]": {price.ID}, "line_items[0][quantity]": {"1"},
		"success_url": {"https://shop.example/"},
	}
	for key, values := range metadata {
		form["payment_intent_data[metadata]["+key+"]"], form["metadata["+key+"]"] = values, values
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.stripe.URL+"/v1/checkout/sessions",
		strings.NewReader(form.Encode()))
	b.must(err)
	req.Header.Set("Authorization", "Bearer "+stripetest.TestKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.server.Client().Do(req)
	b.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	b.must(err)
	id := regexp.MustCompile(`cs_[a-zA-Z0-9_]+`).Find(body)
	b.must(b.stripe.Complete(string(id)))
}

func TestAReconciliationTakesNoPaymentThatTheHostMadeItself(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.mustCheckout()
	b.hostSession(url.Values{"user_id": {user}})
	b.hostSession(url.Values{"user_id": {user}, "project_id": {"another"}})
	b.drop()
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "rows", len(b.payments()), 0)
}
