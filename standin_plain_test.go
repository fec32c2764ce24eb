package paymount_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

// plainStripe makes Stripe's answers as plain as those of a simple stand-in: nothing is expanded, what can be left out is,
// errors have no code, and newer endpoints are not there.
type plainStripe struct {
	t *testing.T
	// without are the fields to leave out, by type of object.
	without map[string][]string
}

func (p plainStripe) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(r.TransferEncoding) > 0 || r.Body != nil && r.Body != http.NoBody && r.ContentLength <= 0 {
		p.t.Errorf("%s %s: the body has no length", r.Method, r.URL.Path)
	}
	if strings.HasPrefix(r.URL.Path, "/v1/invoice_payments") {
		return respond(p.t, http.StatusNotFound, map[string]any{"error": map[string]any{
			"type": "invalid_request_error", "message": "Unrecognized request URL (GET: " + r.URL.Path + ").",
		}}), nil
	}
	r = r.Clone(r.Context())
	query := r.URL.Query()
	for name := range query {
		if strings.HasPrefix(name, "expand") {
			query.Del(name)
		}
	}
	r.URL.RawQuery = query.Encode()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, err
	}
	if failure, ok := body["error"].(map[string]any); ok {
		delete(failure, "code")
		delete(failure, "param")
	}
	p.strip(body)
	return respond(p.t, response.StatusCode, body), nil
}

// strip leaves out what is to be left out, at any depth.
func (p plainStripe) strip(value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			p.strip(element)
		}
	case map[string]any:
		kind, _ := value["object"].(string)
		for _, field := range p.without[kind] {
			delete(value, field)
		}
		for _, element := range value {
			p.strip(element)
		}
	}
}

// respond is an answer of Stripe's.
func respond(t *testing.T, status int, body any) *http.Response {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(data)),
	}
}

// plainly sets up a bundle whose Stripe is plain.
func plainly(t *testing.T, without map[string][]string) *bundle {
	t.Helper()
	return setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.HTTPClient = &http.Client{Transport: plainStripe{t, without}}
	})
}

func TestAPlainStandInForStripeWillDo(t *testing.T) {
	t.Parallel()
	b := plainly(t, map[string][]string{"price": {"type", "active"}, "checkout.session": {"metadata"}})
	want(t, "unknown price", b.checkout(map[string]any{"price_id": "price_none"}).status, http.StatusUnprocessableEntity)
	unknown := b.as(user, http.MethodGet, "/billing/checkout-session/cs_test_none", nil)
	want(t, "unknown session", unknown.code(), "not_found")

	session := b.mustCheckout()
	sub := func() string {
		if err := b.stripe.Complete(session); err != nil {
			t.Fatal(err)
		}
		b.settle()
		s, _ := b.stripe.Session(session)
		return s.Subscription
	}()
	path := "/billing/checkout-session/" + session
	want(t, "session", b.as(user, http.MethodGet, path, nil).text("status"), "complete")
	want(t, "session of another user", b.as("mallory", http.MethodGet, path, nil).status, http.StatusNotFound)
	want(t, "gate", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusNoContent)
	want(t, "plan", b.as(user, http.MethodGet, "/billing/my-subscription", nil).text("plan_name"), "Pro")

	once, _ := b.stripe.Session(b.mustCheckout(map[string]any{
		"price_id": b.once.ID, "mode": "payment", "allow_existing_subscription": true,
	}))
	if err := b.stripe.Complete(once.ID); err != nil {
		t.Fatal(err)
	}
	once, _ = b.stripe.Session(once.ID)
	for _, payment := range b.stripe.PaymentIntents() {
		if _, err := b.stripe.Refund(payment.ID, payment.Amount-100); err != nil {
			t.Fatal(err)
		}
	}
	b.settle()
	payments, _ := b.as(user, http.MethodGet, "/billing/my-payments", nil).body["payments"].([]any)
	want(t, "payments", len(payments), 2)
	for _, payment := range payments {
		payment, _ := payment.(map[string]any)
		want(t, "status", payment["status"], any("partially_refunded"))
		want(t, "payment intent", payment["payment_intent_id"] != "", true)
	}

	if err := b.stripe.CancelSubscription(sub); err != nil {
		t.Fatal(err)
	}
	b.stripe.Hold()
	if err := b.stripe.DeleteCustomer(once.Customer); err != nil {
		t.Fatal(err)
	}
	b.mustCheckout()
}

func TestACompletedSessionThatNamesNoSubscriptionSellsOnce(t *testing.T) {
	t.Parallel()
	b := plainly(t, map[string][]string{"checkout.session": {"subscription"}})
	session := b.mustCheckout()
	b.stripe.Hold()
	if err := b.stripe.Complete(session); err != nil {
		t.Fatal(err)
	}
	bought, _ := b.stripe.Session(session)
	payload := `{"id":"evt_plain","type":"checkout.session.completed","livemode":false,"data":{"object":{"id":"` + session +
		`","mode":"subscription","subscription":null,"customer":"` + bought.Customer + `"}}}`
	want(t, "webhook", b.hook(projectID+"/test", payload, sign(payload, secret, time.Now())).status, http.StatusOK)
	want(t, "checkout", b.checkout().code(), "subscription_exists")
	want(t, "my-subscription", b.status(user), "active")
}

func TestRacingCheckoutsOfOneUserMakeEachThingWithOneCall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { want(t, "status", b.checkout().status, http.StatusOK) })
	}
	wg.Wait()
	want(t, "customers made", len(b.stripe.Calls(http.MethodPost, "/v1/customers")), 1)
	want(t, "sessions made", len(b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions")), 1)
}

func TestAWaitThatNothingEndsLastsAsLongAsAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session, began := b.mustCheckout(), time.Now()
	a := b.as(user, http.MethodGet, "/billing/checkout-session/"+session+"?wait=1", nil)
	want(t, "status", a.text("status"), "open")
	if took := time.Since(began); took < time.Second {
		t.Errorf("the answer came after %s", took)
	}
}
