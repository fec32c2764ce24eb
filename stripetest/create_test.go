package stripetest_test

import (
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// cardholder is a customer who has paid once, and so has a card.
func cardholder(t *testing.T, srv *stripetest.Server, price stripetest.Price) (customerID, cardID string) {
	t.Helper()
	customer := srv.AddCustomer("a@example.com")
	sub, err := srv.AddSubscription(customer.ID, price.ID, nil)
	must(t, err)
	return customer.ID, sub.DefaultPaymentMethod
}

func TestASubscriptionIsCreatedThroughTheAPI(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	price := monthly(srv)
	customer, card := cardholder(t, srv, price)
	for name, test := range map[string]struct {
		more   []string
		status string
		paid   bool
	}{
		"charged at once":         {[]string{"default_payment_method", card}, "active", true},
		"waiting for the client":  {[]string{"payment_behavior", "default_incomplete"}, "incomplete", false},
		"in a trial of days":      {[]string{"trial_period_days", "7"}, "trialing", true},
		"with no trial after all": {[]string{"trial_end", "now", "default_payment_method", card}, "active", true},
	} {
		body := c.post("/v1/subscriptions", append([]string{
			"customer", customer, "items[0][price]", price.ID, "items[0][quantity]", "3", "metadata[a]", "b",
			"expand[]", "latest_invoice",
		}, test.more...)...).ok()
		body.equal(map[string]any{
			"status": test.status, "metadata.a": "b", "items.data.0.quantity": 3.0, "customer": customer,
			"latest_invoice.paid": test.paid, "latest_invoice.billing_reason": "subscription_create",
		})
		if events := srv.Events(); len(events) == 0 {
			t.Errorf("%s: no event", name)
		}
	}
}

func TestASubscriptionThatCannotBePaidIsRefusedOrIncomplete(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	price := monthly(srv)
	customer, card := cardholder(t, srv, price)
	once := srv.AddPrice(stripetest.PriceSpec{Product: "Book", Amount: 100})
	create := func(more ...string) answer {
		return c.post("/v1/subscriptions", append([]string{"customer", customer}, more...)...)
	}
	create("items[0][price]", price.ID).refused(400, "resource_missing", "") // no card to charge
	create("items[0][price]", once.ID).refused(400, "", "items[0][price]")
	create("items[0][price]", "price_none").refused(400, "resource_missing", "items[0][price]")
	create("items[0][price]", price.ID, "items[1][price]", price.ID).refused(400, "", "items[1][price]")
	create("items[0][price]", price.ID, "default_payment_method", "pm_none").
		refused(400, "resource_missing", "default_payment_method")
	create("items[0][price]", price.ID, "trial_end", "1").refused(400, "", "trial_end")
	create("items[0][price]", price.ID, "trial_end", "now", "trial_period_days", "3").refused(400, "", "trial_period_days")
	create().refused(400, "parameter_missing", "items")
	c.post("/v1/subscriptions", "customer", "cus_none", "items[0][price]", price.ID).
		refused(400, "resource_missing", "customer")

	must(t, srv.SetCardFails(customer, true))
	before := len(srv.Subscriptions())
	create("items[0][price]", price.ID, "default_payment_method", card, "payment_behavior", "error_if_incomplete").
		refused(402, "card_declined", "")
	if got := len(srv.Subscriptions()); got != before {
		t.Errorf("%d subscriptions after a refusal; want %d", got, before)
	}
	create("items[0][price]", price.ID, "default_payment_method", card).ok().equal(map[string]any{"status": "incomplete"})
}

func TestAnEmbeddedCheckoutHasAClientSecretAndNoPage(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	price := monthly(srv)
	line := []string{
		"mode", "subscription", "ui_mode", "embedded", "line_items[0][price]", price.ID, "line_items[0][quantity]", "1",
	}
	create := func(more ...string) answer { return c.post("/v1/checkout/sessions", append(line, more...)...) }
	create().refused(400, "parameter_missing", "return_url")
	create("return_url", "https://shop.example/", "success_url", "https://shop.example/").refused(400, "", "success_url")
	create("return_url", "https://shop.example/", "redirect_on_completion", "never").refused(400, "", "return_url")
	create("redirect_on_completion", "never").ok().equal(map[string]any{"redirect_on_completion": "never", "url": nil})

	session := create("return_url", "https://shop.example/{CHECKOUT_SESSION_ID}").ok()
	session.equal(map[string]any{"ui_mode": "embedded", "url": nil, "redirect_on_completion": "always"})
	secret, _ := session.at("client_secret").(string)
	if !strings.HasPrefix(secret, session.id()+"_secret_") {
		t.Errorf("the client secret is %q", secret)
	}
	if status, _, _ := browse(t, "GET", srv.URL+"/c/pay/"+session.id(), nil); status != 404 {
		t.Errorf("its page answers %d", status)
	}
	must(t, srv.Complete(session.id()))
	c.get("/v1/checkout/sessions/" + session.id()).ok().
		equal(map[string]any{"status": "complete", "payment_status": "paid", "client_secret": nil})
}
