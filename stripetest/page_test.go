package stripetest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// browse does what a browser does on a page, without following redirects.
func browse(t *testing.T, method, target string, form url.Values) (status int, page, location string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header.Get("Location")
}

func contains(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
}

func TestACheckoutPageTakesThePayment(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	id := openSession(t, newClient(t, srv), monthly(srv), "customer_email", "a@example.com")
	target := srv.URL + "/c/pay/" + id

	status, page, _ := browse(t, "GET", target, nil)
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	contains(t, page, "Pro", "19.00 USD / month", "× 2", "38.00 USD", `value="a@example.com"`, "4242 4242 4242 4242",
		`<label for="card">`, `href="https://shop.example/back"`)
	if strings.Contains(page, "<script") || strings.Contains(page, "<link") || strings.Contains(page, "@import") {
		t.Error("the page loads something")
	}

	card := url.Values{"email": {"a@example.com"}, "card": {"4242 4242 4242 4242"}}
	status, _, location := browse(t, "POST", target, card)
	if status != 303 || location != "https://shop.example/ok?s="+id {
		t.Errorf("paying answered %d to %q", status, location)
	}
	if session, _ := srv.Session(id); session.PaymentStatus != "paid" {
		t.Errorf("payment status = %s", session.PaymentStatus)
	}

	status, page, location = browse(t, "POST", target, card) // the second of a double click
	if status != 200 || location != "" || len(srv.PaymentIntents()) != 1 {
		t.Errorf("paying twice answered %d to %q and left %d payments", status, location, len(srv.PaymentIntents()))
	}
	contains(t, page, "Already complete", "https://shop.example/ok?s="+id)
}

func TestADeclinedCardCanBeReplaced(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	id := openSession(t, newClient(t, srv), oneOff(srv))
	target := srv.URL + "/c/pay/" + id
	for card, message := range map[string]string{
		"4000 0000 0000 0002": "Your card was declined.", "4000 0000 0000 9995": "insufficient funds",
		"4242 4242 4242 4241": "number is invalid", "abc": "number is invalid",
	} {
		status, page, _ := browse(t, "POST", target, url.Values{"email": {"a@example.com"}, "card": {card}})
		if status != 402 {
			t.Errorf("card %s: status %d", card, status)
		}
		contains(t, page, message, `role="alert"`, `value="`+card+`"`, `value="a@example.com"`)
	}
	if session, _ := srv.Session(id); session.Status != "open" {
		t.Fatalf("status = %s", session.Status)
	}
	status, _, _ := browse(t, "POST", target, url.Values{"email": {"a@example.com"}, "card": {"5555 5555 5555 4444"}})
	if status != 303 {
		t.Errorf("another card answered %d", status)
	}
	newClient(t, srv).get("/v1/payment_intents", "expand[]", "data.latest_charge").ok().equal(map[string]any{
		"data.0.status": "succeeded", "data.0.latest_charge.payment_method_details.card.brand": "mastercard",
	})
}

func TestAClosedPageSaysSo(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	id := openSession(t, newClient(t, srv), oneOff(srv))
	must(t, srv.Expire(id))
	status, page, _ := browse(t, "GET", srv.URL+"/c/pay/"+id, nil)
	if status != 410 {
		t.Errorf("status %d", status)
	}
	contains(t, page, "This page has expired", "https://shop.example/back")
	status, _, _ = browse(t, "POST", srv.URL+"/c/pay/"+id, url.Values{"card": {"4242424242424242"}})
	if status != 410 {
		t.Errorf("paying an expired session answered %d", status)
	}
	if status, _, _ := browse(t, "GET", srv.URL+"/c/pay/cs_test_x", nil); status != 404 {
		t.Errorf("an unknown page answered %d", status)
	}
}

func TestATrialPageChargesNothing(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	id := openSession(t, newClient(t, srv), monthly(srv), "subscription_data[trial_period_days]", "14")
	_, page, _ := browse(t, "GET", srv.URL+"/c/pay/"+id, nil)
	contains(t, page, "0.00 USD", "14 days", "Start trial")
}

func TestPagesEscapeWhatTheyShow(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	price := srv.AddPrice(stripetest.PriceSpec{Product: "<script>alert(1)</script>", Amount: 100})
	id := openSession(t, newClient(t, srv), price)
	_, page, _ := browse(t, "GET", srv.URL+"/c/pay/"+id, nil)
	if strings.Contains(page, "<script") {
		t.Error("the page contains a script")
	}
}

func TestThePortalPageListsTheSubscriptions(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	sub := subscribe(t, srv, monthly(srv))
	portal := c.post("/v1/billing_portal/sessions", "customer", sub.Customer, "return_url", "https://shop.example/me").ok()
	target, _ := portal.at("url").(string)
	status, page, _ := browse(t, "GET", target, nil)
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	contains(t, page, "Pro", "<span>Active</span>", "https://shop.example/me")
	c.post("/v1/billing_portal/sessions", "customer", "cus_x").refused(400, "resource_missing", "customer")
	if status, _, _ := browse(t, "GET", srv.URL+"/p/session/x", nil); status != 404 {
		t.Errorf("an unknown portal page answered %d", status)
	}
}

func TestAPortalPageForOneThingAllowsNothingElse(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	sub, other := subscribe(t, srv, monthly(srv)), subscribe(t, srv, monthly(srv))
	open := func(flow ...string) string {
		portal := c.post("/v1/billing_portal/sessions", append([]string{"customer", sub.Customer}, flow...)...).ok()
		target, _ := portal.at("url").(string)
		return target
	}
	cancel := []string{
		"flow_data[type]", "subscription_cancel", "flow_data[subscription_cancel][subscription]", sub.ID,
		"flow_data[after_completion][type]", "redirect", "flow_data[after_completion][redirect][return_url]", "https://shop.example/me",
	}
	target := open(cancel...)
	_, page, _ := browse(t, "GET", target, nil)
	contains(t, page, "Cancel Pro")
	if strings.Contains(page, "Card") || strings.Contains(page, "Invoices") {
		t.Error("a page for a cancellation shows the card or the invoices")
	}
	if status, _, _ := browse(t, "POST", target, url.Values{"action": {"card"}, "card": {"4242424242424242"}}); status != 422 {
		t.Errorf("the card is replaced there: %d", status)
	}
	status, _, at := browse(t, "POST", target, url.Values{"action": {"cancel"}, "subscription": {sub.ID}})
	if truth, _ := srv.Subscription(sub.ID); !truth.CancelAtPeriodEnd || status != 303 || at != "https://shop.example/me" {
		t.Errorf("cancelled: %v, and then %d to %s", truth.CancelAtPeriodEnd, status, at)
	}
	_, page, _ = browse(t, "GET", open("flow_data[type]", "payment_method_update"), nil)
	contains(t, page, "Save card")
	if strings.Contains(page, "Subscriptions\"") {
		t.Error("a page for the card shows the subscriptions")
	}
	for _, theirs := range []string{other.ID, "sub_x"} {
		cancel[3] = theirs
		c.post("/v1/billing_portal/sessions", append([]string{"customer", sub.Customer}, cancel...)...).
			refused(400, "resource_missing", "flow_data[subscription_cancel][subscription]")
	}
	c.post("/v1/billing_portal/sessions", "customer", sub.Customer, "flow_data[type]", "subscription_update").
		refused(400, "parameter_missing", "flow_data[subscription_update][subscription]")
}
