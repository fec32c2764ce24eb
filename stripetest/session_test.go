package stripetest_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func TestSessionCreationIsRefusedAsStripeDoes(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	plan, book := monthly(srv), oneOff(srv)
	yearly := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 9900, Interval: "year"})
	euro := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1, Currency: "eur", Interval: "month"})
	old := monthly(srv)
	must(t, srv.SetPriceActive(old.ID, false))
	gone := srv.AddCustomer("gone@example.com")
	must(t, srv.DeleteCustomer(gone.ID))
	in := func(d time.Duration) string { return strconv.FormatInt(now.now().Add(d).Unix(), 10) }

	const quantity, trialDays = "line_items[0][quantity]", "subscription_data[trial_period_days]"
	for _, test := range []struct {
		name        string
		change      map[string]string // empty removes
		code, param string
	}{
		{"no mode", map[string]string{"mode": ""}, "parameter_missing", "mode"},
		{"no success_url", map[string]string{"success_url": ""}, "parameter_missing", "success_url"},
		{"relative success_url", map[string]string{"success_url": "/ok"}, "url_invalid", "success_url"},
		{"unknown customer", map[string]string{"customer": "cus_x"}, "resource_missing", "customer"},
		{"deleted customer", map[string]string{"customer": gone.ID}, "resource_missing", "customer"},
		{"unknown price", map[string]string{"line_items[0][price]": "price_x"}, "resource_missing", "line_items[0][price]"},
		{"inactive price", map[string]string{"line_items[0][price]": old.ID}, "", "line_items[0][price]"},
		{"one-off price for a subscription", map[string]string{"line_items[0][price]": book.ID}, "", "line_items"},
		{"recurring price for a payment", map[string]string{"mode": "payment"}, "", "line_items[0][price]"},
		{"no quantity", map[string]string{quantity: ""}, "parameter_missing", quantity},
		{"zero quantity", map[string]string{quantity: "0"}, "parameter_invalid_integer", quantity},
		{"two intervals", map[string]string{"line_items[1][price]": yearly.ID, "line_items[1][quantity]": "1"}, "", "line_items"},
		{"two currencies", map[string]string{"line_items[1][price]": euro.ID, "line_items[1][quantity]": "1"}, "", "line_items"},
		{"expires too soon", map[string]string{"expires_at": in(29*time.Minute + 59*time.Second)}, "", "expires_at"},
		{"expires too late", map[string]string{"expires_at": in(24*time.Hour + time.Second)}, "", "expires_at"},
		{"payment data in a subscription", map[string]string{"payment_intent_data[metadata][a]": "b"}, "", "payment_intent_data"},
		{"two customers", map[string]string{"customer": gone.ID, "customer_email": "a@example.com"}, "", "customer_email"},
		{"setup mode", map[string]string{"mode": "setup"}, "", "mode"},
		{"no trial days", map[string]string{trialDays: "0"}, "", trialDays},
		{"unknown item field", map[string]string{"line_items[0][nope]": "1"}, "parameter_unknown", "line_items[0][nope]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := map[string]string{
				"mode": "subscription", "success_url": "https://shop.example/ok", "line_items[0][price]": plan.ID,
				"line_items[0][quantity]": "1",
			}
			for name, value := range test.change {
				if form[name] = value; value == "" {
					delete(form, name)
				}
			}
			var pairs []string
			for name, value := range form {
				pairs = append(pairs, name, value)
			}
			newClient(t, srv).post("/v1/checkout/sessions", pairs...).refused(http.StatusBadRequest, test.code, test.param)
		})
	}
	t.Cleanup(func() {
		if n := len(srv.Sessions()); n != 0 {
			t.Errorf("%d sessions were made by refused calls", n)
		}
	})
}

func TestAnOpenSessionShowsWhatWasAsked(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	c := newClient(t, srv)
	customer := srv.AddCustomer("a@example.com")
	id := openSession(t, c, oneOff(srv), "customer", customer.ID, "client_reference_id", "user-1", "metadata[k]", "v")
	c.get("/v1/checkout/sessions/" + id).ok().equal(map[string]any{
		"object": "checkout.session", "status": "open", "payment_status": "unpaid", "mode": "payment",
		"amount_total": 5000.0, "currency": "usd", "payment_intent": nil, "subscription": nil, "customer": customer.ID,
		"client_reference_id": "user-1", "metadata.k": "v", "url": srv.URL + "/c/pay/" + id,
		"success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
		"expires_at":  float64(now.now().Add(24 * time.Hour).Unix()), "line_items": nil,
	})
	c.get("/v1/checkout/sessions/" + id + "/line_items").ok().
		equal(map[string]any{"data.0.quantity": 2.0, "data.0.amount_total": 5000.0, "data.0.description": "Book"})
	c.get("/v1/checkout/sessions/cs_test_x").refused(404, "resource_missing", "session")
}

func TestPriceDataMakesAnArchivedPrice(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	id := c.post("/v1/checkout/sessions", "mode", "payment", "success_url", "https://shop.example/ok",
		"line_items[0][quantity]", "3", "line_items[0][price_data][currency]", "jpy",
		"line_items[0][price_data][unit_amount]", "700", "line_items[0][price_data][product_data][name]", "Tea").ok().id()
	c.get("/v1/checkout/sessions/"+id, "expand[]", "line_items.data.price.product").ok().equal(map[string]any{
		"amount_total": 2100.0, "currency": "jpy", "line_items.data.0.price.active": false,
		"line_items.data.0.price.product.name": "Tea",
	})
}

func TestAnExpiredSessionIsOver(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	id := openSession(t, c, monthly(srv))
	c.post("/v1/checkout/sessions/" + id + "/expire").ok().equal(map[string]any{"status": "expired", "url": nil})
	c.post("/v1/checkout/sessions/"+id+"/expire").refused(400, "", "")
	if err := srv.Complete(id); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("Complete = %v, want ErrState", err)
	}
	if err := srv.Complete("cs_test_x"); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("Complete = %v, want ErrNotFound", err)
	}
	if n := len(srv.Subscriptions()); n != 0 {
		t.Errorf("%d subscriptions, want none", n)
	}
	paid := openSession(t, c, oneOff(srv))
	must(t, srv.Complete(paid))
	if err := srv.Expire(paid); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("Expire of a complete session = %v, want ErrState", err)
	}
	c.post("/v1/checkout/sessions/"+paid+"/expire").refused(400, "", "")
}

func TestSessionsExpireByTheClock(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	soon := strconv.FormatInt(now.now().Add(30*time.Minute).Unix(), 10)
	short, long := openSession(t, c, monthly(srv), "expires_at", soon), openSession(t, c, monthly(srv))

	now.advance(30*time.Minute - time.Second)
	if got := c.get("/v1/checkout/sessions", "status", "open").ok().ids(); len(got) != 2 {
		t.Errorf("open sessions = %v, want both", got)
	}
	now.advance(time.Second)
	c.get("/v1/checkout/sessions/" + short).ok().equal(map[string]any{"status": "expired"})
	settle(t, srv)
	box.last(t, "checkout.session.expired").equal(map[string]any{"data.object.id": short, "data.object.status": "expired"})
	now.advance(24 * time.Hour)
	srv.Tick()
	settle(t, srv)
	box.last(t, "checkout.session.expired").equal(map[string]any{"data.object.id": long})
}

func TestSessionsAreListedByFilter(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	customer := srv.AddCustomer("a@example.com").ID
	open := openSession(t, c, monthly(srv), "customer", customer)
	done := openSession(t, c, monthly(srv), "customer", customer)
	other := openSession(t, c, oneOff(srv))
	must(t, srv.Complete(done))
	must(t, srv.Complete(other))
	doneSession, _ := srv.Session(done)
	otherSession, _ := srv.Session(other)
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{other, done, open}},
		{[]string{"customer", customer}, []string{done, open}},
		{[]string{"customer", customer, "status", "open"}, []string{open}},
		{[]string{"status", "complete"}, []string{other, done}},
		{[]string{"subscription", doneSession.Subscription}, []string{done}},
		{[]string{"payment_intent", otherSession.PaymentIntent}, []string{other}},
	} {
		if got := c.get("/v1/checkout/sessions", test.pairs...).ok().ids(); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.pairs, got, test.want)
		}
	}
	c.get("/v1/checkout/sessions", "status", "closed").refused(400, "", "status")
}
