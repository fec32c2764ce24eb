package stripetest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

func TestPricesAreCreatedRetrievedListedAndArchived(t *testing.T) {
	t.Parallel()
	c := newClient(t, stripetest.New(t))
	product := c.post("/v1/products", "name", "Pro", "metadata[tier]", "gold").ok()
	product.equal(map[string]any{"object": "product", "name": "Pro", "active": true, "metadata.tier": "gold"})
	price := c.post("/v1/prices", "product", product.id(), "currency", "USD", "unit_amount", "1900",
		"recurring[interval]", "month", "lookup_key", "pro").ok()
	price.equal(map[string]any{
		"object": "price", "type": "recurring", "unit_amount": 1900.0, "unit_amount_decimal": "1900",
		"currency": "usd", "recurring.interval": "month", "recurring.interval_count": 1.0, "product": product.id(),
	})
	once := c.post("/v1/prices", "product_data[name]", "Book", "currency", "eur", "unit_amount", "500").ok()
	once.equal(map[string]any{"type": "one_time", "recurring": nil})

	if got := c.get("/v1/prices", "type", "recurring").ok().ids(); !slices.Equal(got, []string{price.id()}) {
		t.Errorf("recurring prices = %v", got)
	}
	if got := c.get("/v1/prices", "lookup_keys[]", "pro").ok().ids(); !slices.Equal(got, []string{price.id()}) {
		t.Errorf("prices by lookup key = %v", got)
	}
	c.post("/v1/prices/"+price.id(), "active", "false").ok().equal(map[string]any{"active": false})
	if got := c.get("/v1/prices", "active", "true").ok().ids(); !slices.Equal(got, []string{once.id()}) {
		t.Errorf("active prices = %v", got)
	}
	c.get("/v1/prices/price_nope").refused(404, "resource_missing", "price")
	c.get("/v1/products/" + product.id()).ok().equal(map[string]any{"id": product.id(), "name": "Pro"})
}

func TestADeletedCustomerIsATombstone(t *testing.T) {
	t.Parallel()
	c := newClient(t, stripetest.New(t))
	first := c.post("/v1/customers", "email", "a@example.com", "metadata[user]", "1", "metadata[x]", "y").ok()
	second := c.post("/v1/customers", "email", "b@example.com").ok()
	c.post("/v1/customers/"+first.id(), "name", "Ada", "metadata[x]", "", "metadata[z]", "3").ok().
		equal(map[string]any{"name": "Ada", "email": "a@example.com", "metadata.user": "1", "metadata.x": nil, "metadata.z": "3"})

	c.do("DELETE", "/v1/customers/"+first.id()).ok().
		equal(map[string]any{"id": first.id(), "object": "customer", "deleted": true})
	c.get("/v1/customers/" + first.id()).ok().equal(map[string]any{"deleted": true, "email": nil})
	c.post("/v1/customers/"+first.id(), "name", "Bob").refused(404, "resource_missing", "id")
	c.do("DELETE", "/v1/customers/"+first.id()).refused(404, "resource_missing", "id")
	if got := c.get("/v1/customers").ok().ids(); !slices.Equal(got, []string{second.id()}) {
		t.Errorf("customers = %v, want only %s", got, second.id())
	}
}

func TestBadParametersAreRefusedAsStripeDoes(t *testing.T) {
	t.Parallel()
	c := newClient(t, stripetest.New(t))
	// price is a good price but for one parameter.
	price := func(name, value string) []string {
		form := map[string]string{"currency": "usd", "unit_amount": "1", "product_data[name]": "x", name: value}
		if name == "product" {
			delete(form, "product_data[name]")
		}
		var pairs []string
		for name, value := range form {
			pairs = append(pairs, name, value)
		}
		return pairs
	}
	for _, test := range []struct {
		name, path  string
		pairs       []string
		code, param string
	}{
		{"unknown", "/v1/customers", []string{"nope", "1"}, "parameter_unknown", "nope"},
		{"unknown nested", "/v1/prices", price("recurring[nope]", "1"), "parameter_unknown", "recurring[nope]"},
		{"missing", "/v1/products", nil, "parameter_missing", "name"},
		{"missing nested", "/v1/prices", price("recurring[interval_count]", "1"), "parameter_missing", "recurring[interval]"},
		{"bad enum", "/v1/prices", price("recurring[interval]", "hour"), "", "recurring[interval]"},
		{"bad integer", "/v1/prices", price("unit_amount", "1.5"), "parameter_invalid_integer", "unit_amount"},
		{"negative amount", "/v1/prices", price("unit_amount", "-1"), "parameter_invalid_integer", "unit_amount"},
		{"bad boolean", "/v1/products", []string{"name", "x", "active", "yes"}, "", "active"},
		{"empty", "/v1/products", []string{"name", "x", "url", ""}, "parameter_invalid_empty", "url"},
		{"nested metadata", "/v1/customers", []string{"metadata[a][b]", "1"}, "", "metadata[a]"},
		{"long metadata", "/v1/customers", []string{"metadata[a]", strings.Repeat("x", 501)}, "", "metadata[a]"},
		{"bad currency", "/v1/prices", price("currency", "dollars"), "", "currency"},
		{"unknown product", "/v1/prices", price("product", "prod_x"), "resource_missing", "product"},
		{"not implemented", "/v1/customers", []string{"coupon", "x"}, "", "coupon"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := (&client{t, c.base, c.key, c.header}).post(test.path, test.pairs...)
			got.refused(http.StatusBadRequest, test.code, test.param)
			got.equal(map[string]any{"error.type": "invalid_request_error"})
		})
	}
	c.get("/v1/nothing").refused(404, "", "")
	c.with("Stripe-Version", "2025-03-31.basil").get("/v1/customers").refused(400, "", "")
}

func TestAKeyNamesAnAccountAndAMode(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	must(t, srv.AddAccount("sk_test_other", "rk_live_other"))
	c := newClient(t, srv)
	id := c.post("/v1/customers", "email", "a@example.com").ok().id()

	c.withKey("rk_test_stripetest").get("/v1/customers/" + id).ok().equal(map[string]any{"livemode": false})
	c.withKey(stripetest.LiveKey).get("/v1/customers/"+id).refused(404, "resource_missing", "id")
	c.withKey("sk_test_other").get("/v1/customers/"+id).refused(404, "resource_missing", "id")
	c.withKey("sk_test_nobody").get("/v1/customers/"+id).refused(401, "", "")

	test, live := c.get("/v1/account").ok(), c.withKey(stripetest.LiveKey).get("/v1/account").ok()
	if test.id() != live.id() || test.id() == c.withKey("rk_live_other").get("/v1/account").ok().id() {
		t.Error("an account's modes must share its id, and accounts must not")
	}
	c.withKey("rk_live_other").post("/v1/customers").ok().equal(map[string]any{"livemode": true})

	srv.RevokeKey(stripetest.TestKey)
	c.get("/v1/customers/"+id).refused(401, "", "")
	for _, bad := range []string{"pk_test_x", "sk_prod_x", "sk_test_", "sk_test_other"} {
		if srv.AddAccount(bad) == nil {
			t.Errorf("AddAccount(%q) succeeded", bad)
		}
	}
}

func TestListsPageInBothDirections(t *testing.T) {
	t.Parallel()
	c := newClient(t, stripetest.New(t))
	var all []string // newest first
	for range 5 {
		all = append([]string{c.post("/v1/customers").ok().id()}, all...)
	}
	page := func(pairs ...string) ([]string, bool) {
		got := c.get("/v1/customers", pairs...).ok()
		more, _ := got.at("has_more").(bool)
		return got.ids(), more
	}
	for _, test := range []struct {
		pairs []string
		want  []string
		more  bool
	}{
		{[]string{"limit", "2"}, all[:2], true},
		{[]string{"limit", "2", "starting_after", all[1]}, all[2:4], true},
		{[]string{"limit", "2", "starting_after", all[3]}, all[4:], false},
		{[]string{"limit", "2", "ending_before", all[4]}, all[2:4], true},
		{[]string{"limit", "3", "ending_before", all[2]}, all[:2], false},
		{nil, all, false},
	} {
		if got, more := page(test.pairs...); !slices.Equal(got, test.want) || more != test.more {
			t.Errorf("%v: %v, more %v; want %v, %v", test.pairs, got, more, test.want, test.more)
		}
	}
	c.get("/v1/customers", "starting_after", "cus_nope").refused(400, "resource_missing", "starting_after")
	c.get("/v1/customers", "limit", "101").refused(400, "parameter_invalid_integer", "limit")
	c.get("/v1/customers/").refused(404, "", "") // an empty id
}

func TestExpandGoesFourLevelsDeep(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	price := monthly(srv)
	session := openSession(t, c, price)
	must(t, srv.Complete(session, stripetest.Buyer{Email: "a@example.com"}))

	c.get("/v1/checkout/sessions/"+session, "expand[]", "subscription.latest_invoice.payment_intent.latest_charge",
		"expand[]", "line_items", "expand[]", "customer").ok().equal(map[string]any{
		"subscription.object": "subscription", "subscription.latest_invoice.object": "invoice",
		"subscription.latest_invoice.payment_intent.latest_charge.object": "charge",
		"line_items.data.0.price.id":                                      price.ID, "line_items.data.0.quantity": 2.0,
		"customer.email": "a@example.com",
	})
	sub, _ := c.get("/v1/checkout/sessions/" + session).ok().at("subscription").(string)
	c.get("/v1/subscriptions/"+sub, "expand[0]", "items.data.price.product").ok().
		equal(map[string]any{"items.data.0.price.product.name": "Pro", "latest_invoice.id": nil})
	c.get("/v1/subscriptions", "expand[]", "data.items.data.price.product").refused(400, "", "expand")
	c.get("/v1/subscriptions", "expand[]", "data.latest_invoice").ok().
		equal(map[string]any{"data.0.latest_invoice.status": "paid"})
	for _, path := range []string{"nope", "id", "status", "items.data.subscription"} {
		c.get("/v1/subscriptions/"+sub, "expand[]", path).refused(400, "", "expand")
	}
	c.get("/v1/subscriptions/"+sub, "expand[]", "default_source").ok() // null, but expandable
}
