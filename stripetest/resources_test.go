package stripetest_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func TestProductsAreUpdatedAndListed(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	first := c.post("/v1/products", "name", "A", "id", "prod_a", "default_price_data[currency]", "usd",
		"default_price_data[unit_amount]", "100", "expand[]", "default_price").ok()
	first.equal(map[string]any{"id": "prod_a", "default_price.unit_amount": 100.0, "default_price.product": "prod_a"})
	c.post("/v1/products", "name", "B", "id", "prod_a").refused(400, "resource_already_exists", "id")
	second := c.post("/v1/products", "name", "B", "active", "false").ok()

	c.post("/v1/products/prod_a", "name", "AA", "description", "d", "metadata[k]", "v").ok().
		equal(map[string]any{"name": "AA", "description": "d", "metadata.k": "v"})
	c.post("/v1/products/prod_a", "description", "", "metadata", "").ok().
		equal(map[string]any{"description": nil, "metadata.k": nil, "name": "AA"})
	c.post("/v1/products/prod_a", "default_price", "price_x").refused(400, "resource_missing", "default_price")
	if got := c.get("/v1/products", "active", "false").ok().ids(); !slices.Equal(got, []string{second.id()}) {
		t.Errorf("archived products = %v", got)
	}
	if got := c.get("/v1/products", "ids[]", "prod_a").ok().ids(); !slices.Equal(got, []string{"prod_a"}) {
		t.Errorf("products by id = %v", got)
	}
	if product, ok := srv.Product("prod_a"); !ok || product.Name != "AA" {
		t.Errorf("Product = %+v, %v", product, ok)
	}
}

func TestALookupKeyBelongsToOnePrice(t *testing.T) {
	t.Parallel()
	c := newClient(t, stripetest.New(t))
	form := []string{"product_data[name]", "P", "currency", "usd", "unit_amount", "1", "lookup_key", "k"}
	first := c.post("/v1/prices", form...).ok()
	c.post("/v1/prices", form...).refused(400, "resource_already_exists", "lookup_key")
	second := c.post("/v1/prices", append(form, "transfer_lookup_key", "true")...).ok()
	c.get("/v1/prices/" + first.id()).ok().equal(map[string]any{"lookup_key": nil})
	c.get("/v1/prices/" + second.id()).ok().equal(map[string]any{"lookup_key": "k"})
}

func TestPaymentObjectsAreListedByFilter(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	one, two := subscribe(t, srv, monthly(srv)), subscribe(t, srv, monthly(srv))
	invoice, _ := srv.Invoice(two.LatestInvoice)
	refund := c.post("/v1/refunds", "charge", invoice.Charge, "reason", "duplicate", "metadata[k]", "v").ok()
	for _, test := range []struct {
		path  string
		pairs []string
		want  []string
	}{
		{"/v1/invoices", nil, []string{two.LatestInvoice, one.LatestInvoice}},
		{"/v1/invoices", []string{"subscription", one.ID}, []string{one.LatestInvoice}},
		{"/v1/invoices", []string{"customer", two.Customer, "status", "paid"}, []string{two.LatestInvoice}},
		{"/v1/invoices", []string{"status", "open"}, []string{}},
		{"/v1/payment_intents", []string{"customer", two.Customer}, []string{invoice.PaymentIntent}},
		{"/v1/charges", []string{"payment_intent", invoice.PaymentIntent}, []string{invoice.Charge}},
		{"/v1/refunds", []string{"charge", invoice.Charge}, []string{refund.id()}},
		{"/v1/refunds", []string{"payment_intent", "pi_x"}, []string{}},
	} {
		if got := c.get(test.path, test.pairs...).ok().ids(); !slices.Equal(got, test.want) {
			t.Errorf("%s %v: %v, want %v", test.path, test.pairs, got, test.want)
		}
	}
	c.get("/v1/refunds/"+refund.id(), "expand[]", "charge.customer").ok().
		equal(map[string]any{"charge.refunded": true, "charge.customer.id": two.Customer, "reason": "duplicate"})
	c.get("/v1/customers/"+two.Customer, "expand[]", "subscriptions").ok().
		equal(map[string]any{"subscriptions.data.0.id": two.ID})
	c.post("/v1/refunds").refused(400, "parameter_missing", "charge")
	c.post("/v1/refunds", "payment_intent", "pi_x").refused(404, "resource_missing", "payment_intent")
}

func TestListsFilterByCreation(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	c := newClient(t, srv)
	at := make([]string, 3)
	id := make([]string, 3)
	for i := range 3 {
		at[i], id[i] = strconv.FormatInt(now.now().Unix(), 10), srv.AddCustomer("a@example.com").ID
		now.advance(time.Minute)
	}
	for _, test := range []struct{ pairs, want []string }{
		{[]string{"created", at[1]}, []string{id[1]}},
		{[]string{"created[gt]", at[1]}, []string{id[2]}},
		{[]string{"created[gte]", at[1]}, []string{id[2], id[1]}},
		{[]string{"created[lt]", at[1]}, []string{id[0]}},
		{[]string{"created[lte]", at[1]}, []string{id[1], id[0]}},
	} {
		if got := c.get("/v1/customers", test.pairs...).ok().ids(); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.pairs, got, test.want)
		}
	}
	c.get("/v1/customers", "created[before]", "1").refused(400, "parameter_unknown", "created[before]")
}

func TestAOneOffPriceInASubscriptionIsASetupFee(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	old, basil := newInbox(t), newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: old.URL})
	addWebhook(t, srv.Account, stripetest.Webhook{URL: basil.URL, Version: stripetest.VersionBasil})
	fee := oneOff(srv)
	id := openSession(t, newClient(t, srv), monthly(srv), "line_items[1][price]", fee.ID, "line_items[1][quantity]", "1",
		"subscription_data[trial_period_days]", "7")
	must(t, srv.Complete(id))
	settle(t, srv)
	session, _ := srv.Session(id)
	if sub, _ := srv.Subscription(session.Subscription); len(sub.Items) != 1 || sub.Status != "trialing" {
		t.Errorf("subscription = %+v", sub)
	}
	if session.AmountTotal != 2500 || session.PaymentStatus != "paid" {
		t.Errorf("session = %+v", session)
	}
	lines := func(box *inbox) map[string]any {
		rows, _ := box.last(t, "invoice.paid").at("data.object.lines.data").([]any)
		if len(rows) != 2 {
			t.Fatalf("%d lines, want 2", len(rows))
		}
		line, _ := rows[1].(map[string]any)
		return line
	}
	if got := at(lines(old), "type"); got != "invoiceitem" {
		t.Errorf("type = %v", got)
	}
	if got := at(lines(basil), "parent.type"); got != "invoice_item_details" {
		t.Errorf("parent.type = %v", got)
	}
}

func TestPeriodsEndOnACalendarDay(t *testing.T) {
	t.Parallel()
	now := newClock() // 31 January 2026, noon
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	for _, test := range []struct {
		spec stripetest.PriceSpec
		end  time.Time
	}{
		{stripetest.PriceSpec{Interval: "day", Count: 3}, time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)},
		{stripetest.PriceSpec{Interval: "week"}, time.Date(2026, 2, 7, 12, 0, 0, 0, time.UTC)},
		{stripetest.PriceSpec{Interval: "month"}, time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)},
		{stripetest.PriceSpec{Interval: "month", Count: 2}, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)},
		{stripetest.PriceSpec{Interval: "year"}, time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)},
	} {
		sub := subscribe(t, srv, srv.AddPrice(test.spec))
		if got := time.Unix(sub.CurrentPeriodEnd, 0).UTC(); !got.Equal(test.end) {
			t.Errorf("%+v: %v, want %v", test.spec, got, test.end)
		}
	}
}

func TestAnotherIntervalStartsANewPeriod(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	sub := subscribe(t, srv, monthly(srv))
	yearly := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 9900, Interval: "year"})
	now.advance(24 * time.Hour)
	newClient(t, srv).post("/v1/subscriptions/"+sub.ID, "items[0][id]", sub.Items[0].ID, "items[0][price]", yearly.ID).
		ok().equal(map[string]any{
		"current_period_start": float64(now.now().Unix()),
		"current_period_end":   float64(now.now().AddDate(1, 0, 0).Unix()),
	})
}
