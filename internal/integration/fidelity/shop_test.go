package fidelity_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// shop is a seller's day: calls to the fake, and what buyers, banks and the dashboard do in between.
type shop struct {
	*recorder

	srv                            *stripetest.Server
	d                              *description      // nil when nothing has to be looked at
	seen                           map[string]string // what an object was when it was looked at last, by its id
	monthly, yearly, extra, oneOff string            // prices
}

const (
	successURL  = "https://shop.example/thanks?s={CHECKOUT_SESSION_ID}"
	returnURL   = "https://shop.example/account"
	cautious    = "4000002500003155" // asks for authentication
	dayOfMonths = 24 * time.Hour * 32
)

// openShop starts a fake with a catalogue made through the API.
func openShop(t *testing.T, d *description, options stripetest.Options) *shop {
	t.Helper()
	srv := stripetest.New(t, options)
	s := &shop{recorder: newRecorder(t, srv.URL), srv: srv, d: d, seen: map[string]string{}}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.catalogue()
	return s
}

// catalogue creates, shows, lists and changes products and prices.
func (s *shop) catalogue() {
	s.t.Helper()
	product := text(s.post("/v1/products", "name", "Pro", "description", "All of it", "metadata[tier]", "2", "unit_label", "seat",
		"url", "https://shop.example/pro", "images[0]", "https://shop.example/pro.png")["id"])
	s.monthly = s.price(product, "1900", "month")
	s.yearly = s.price(product, "19000", "year")
	s.extra = s.price(text(s.post("/v1/products", "name", "Support")["id"]), "500", "month")
	s.oneOff = s.price(product, "4900", "")
	s.post("/v1/products", "name", "Bundle", "default_price_data[currency]", "usd", "default_price_data[unit_amount]", "700",
		"expand[]", "default_price")
	s.post("/v1/products/"+product, "name", "Pro 2", "default_price", s.monthly, "description", "", "metadata[tier]", "")
	s.post("/v1/prices", "currency", "eur", "unit_amount_decimal", "100", "product_data[name]", "Inline", "lookup_key", "inline",
		"nickname", "nick", "tax_behavior", "exclusive", "expand[]", "product")
	s.post("/v1/prices/"+s.extra, "nickname", "support", "metadata[a]", "b", "lookup_key", "support")
	s.get("/v1/products", "active", "true", "ids[]", product, "expand[]", "data.default_price")
	s.get("/v1/prices", "product", product, "type", "recurring", "recurring[interval]", "month", "limit", "1")
	s.get("/v1/prices", "lookup_keys[]", "inline", "expand[]", "data.product")
	s.get("/v1/account")
}

func (s *shop) price(product, amount, interval string) string {
	s.t.Helper()
	pairs := []string{"product", product, "currency", "usd", "unit_amount", amount, "metadata[k]", "v"}
	if interval != "" {
		pairs = append(pairs, "recurring[interval]", interval)
	}
	return text(s.post("/v1/prices", pairs...)["id"])
}

func (s *shop) customer(email string) string {
	s.t.Helper()
	return text(s.post("/v1/customers", "email", email, "name", "Ada", "metadata[user_id]", "u1")["id"])
}

// session opens a checkout of one price and returns its id.
func (s *shop) session(mode, price string, more ...string) string {
	s.t.Helper()
	pairs := append([]string{
		"mode", mode, "success_url", successURL, "cancel_url", returnURL,
		"line_items[0][price]", price, "line_items[0][quantity]", "2", "metadata[user_id]", "u1",
	}, more...)
	return text(s.post("/v1/checkout/sessions", pairs...)["id"])
}

// subscribed buys a subscription for a new customer and returns it with its only item.
func (s *shop) subscribed(card string, more ...string) (customer, subscription, item string) {
	s.t.Helper()
	customer = s.customer("buyer@example.com")
	id := s.session("subscription", s.monthly, append([]string{"customer", customer}, more...)...)
	s.do(s.srv.Complete(id, stripetest.Buyer{Card: card}))
	subscription = text(s.get("/v1/checkout/sessions/" + id)["subscription"])
	items := object(s.get("/v1/subscriptions/" + subscription)["items"])
	return customer, subscription, text(object(list(items["data"])[0])["id"])
}

// press posts a form on a hosted page, as a buyer's browser does.
func (s *shop) press(page string, pairs ...string) {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if e := s.send(exchange{method: http.MethodPost, path: page, form: form}); e.status >= http.StatusInternalServerError {
		s.t.Fatalf("%s: status %d", e, e.status)
	}
}

// do fails the test when what a buyer, a bank or the dashboard does is refused.
func (s *shop) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) seconds(d time.Duration) string {
	return strconv.FormatInt(s.srv.Now().Add(d).Unix(), 10)
}
