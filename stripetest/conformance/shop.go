package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The payment methods that Stripe has in test mode (https://docs.stripe.com/testing).
const (
	goodCard      = "pm_card_visa"
	failingCard   = "pm_card_chargeCustomerFail"     // can be attached, and then every charge is declined
	challengeCard = "pm_card_authenticationRequired" // can be attached, and then every payment wants to be authenticated
)

// Stripe's test card numbers for the page.
const (
	goodNumber     = "4242424242424242"
	declinedNumber = "4000000000000002"
)

const (
	hour  = int64(60 * 60) // seconds
	day   = 24 * hour
	month = 31 * day // at most
)

// priceSpec is a price of the shop.
type priceSpec struct {
	amount             int64
	currency, interval string // an empty interval is a one-off price
	metered            bool
	number             int // to have several alike
}

// The usual prices.
func basic() priceSpec   { return priceSpec{amount: 1000, currency: "usd", interval: "month"} }
func pro() priceSpec     { return priceSpec{amount: 3000, currency: "usd", interval: "month"} }
func yearly() priceSpec  { return priceSpec{amount: 9000, currency: "usd", interval: "year"} }
func free() priceSpec    { return priceSpec{amount: 0, currency: "usd", interval: "month"} }
func foreign() priceSpec { return priceSpec{amount: 1100, currency: "eur", interval: "month"} }
func once() priceSpec    { return priceSpec{amount: 500, currency: "usd"} }
func abroad() priceSpec  { return priceSpec{amount: 550, currency: "eur"} }
func metered() priceSpec {
	return priceSpec{amount: 10, currency: "usd", interval: "month", metered: true}
}

// shop keeps what the scenarios of a run share: a product, and prices that none of them changes.
type shop struct {
	run     *run
	product string
	prices  map[priceSpec]string
	calls   []string // that remove them
}

func (s *shop) owns(call string) bool { return slices.Contains(s.calls, call) }

// close lets the run remove what the shop has.
func (s *shop) close() { s.product, s.prices, s.calls = "", map[priceSpec]string{}, nil }

// mark are the parameters by which a run's objects are found.
func (p *probe) mark() []string { return []string{"metadata[conformance_run]", p.run.cfg.RunID} }

// price is the id of a price of the shop, made when it is first asked for.
func (p *probe) price(spec priceSpec) string {
	s := p.run.shop
	if id := s.prices[spec]; id != "" || p.over() {
		return id
	}
	before := len(p.run.report.Left)
	if s.product == "" {
		s.product = p.make("/v1/products", append(p.mark(), "name", "Conformance "+p.run.cfg.RunID)...).id()
	}
	id := p.newPrice(spec).id()
	if !p.over() {
		s.prices[spec] = id
	}
	s.calls = append(s.calls, p.run.report.Left[before:]...)
	return id
}

// newPrice makes a price that is the scenario's own.
func (p *probe) newPrice(spec priceSpec, more ...string) answer {
	product := p.run.shop.product
	if product == "" {
		p.price(basic())
		product = p.run.shop.product
	}
	pairs := append(p.mark(), "product", product, "currency", spec.currency, "unit_amount", strconv.FormatInt(spec.amount, 10))
	if spec.interval != "" {
		pairs = append(pairs, "recurring[interval]", spec.interval)
	}
	if spec.metered {
		pairs = append(pairs, "recurring[usage_type]", "metered")
	}
	return p.make("/v1/prices", append(pairs, more...)...)
}

// customer makes a customer. card is attached and becomes the default for invoices; empty for none.
func (p *probe) customer(card string, pairs ...string) string {
	id := p.make("/v1/customers", append(p.mark(), pairs...)...).id()
	if card != "" {
		p.giveCard(id, card)
	}
	return id
}

// giveCard attaches a card to a customer and makes it the default for invoices.
func (p *probe) giveCard(customer, card string) {
	method := p.make("/v1/payment_methods/"+card+"/attach", "customer", customer).id()
	p.make("/v1/customers/"+customer, "invoice_settings[default_payment_method]", method)
}

// traveller makes a customer for whom time can pass.
func (p *probe) traveller(card string, pairs ...string) string {
	if p.run.cfg.AdvanceTo == nil {
		p.clock = p.make("/v1/test_helpers/test_clocks", "frozen_time", strconv.FormatInt(time.Now().Unix(), 10),
			"name", "Conformance "+p.run.cfg.RunID).id()
		pairs = append(pairs, "test_clock", p.clock)
	}
	return p.customer(card, pairs...)
}

// travel lets time pass until a time in seconds, and everything happen that is due by then.
func (p *probe) travel(to int64) {
	if p.over() {
		return
	}
	if advance := p.run.cfg.AdvanceTo; advance != nil {
		if err := advance(p.ctx, time.Unix(to, 0)); err != nil {
			p.failf("time did not pass: %v", err)
		}
		return
	}
	path := "/v1/test_helpers/test_clocks/" + p.clock
	p.make(path+"/advance", "frozen_time", strconv.FormatInt(to, 10))
	for !p.over() {
		switch status := p.read(path).text("status"); status {
		case "ready":
			return
		case "advancing":
			if err := sleep(p.ctx, 2*time.Second); err != nil {
				p.failf("the test clock was still advancing: %v", err)
			}
		default:
			p.failf("the test clock is %s", status)
		}
	}
}

// subscription are the parameters of a subscription to one price.
func (p *probe) subscription(customer string, spec priceSpec, more ...string) []string {
	return append(append(p.mark(), "customer", customer, "items[0][price]", p.price(spec)), more...)
}

// subscribe makes a subscription to one price.
func (p *probe) subscribe(customer string, spec priceSpec, more ...string) answer {
	return p.make("/v1/subscriptions", p.subscription(customer, spec, more...)...)
}

// subscribed makes a customer with a good card and an active subscription.
func (p *probe) subscribed(spec priceSpec, more ...string) (customer string, subscription answer) {
	customer = p.customer(goodCard)
	return customer, p.subscribe(customer, spec, more...)
}

// session are the parameters of a checkout session for one price.
func (p *probe) session(mode string, spec priceSpec, more ...string) []string {
	return append(append(p.mark(), "mode", mode, "success_url", "https://example.com/thanks", "line_items[0][price]", p.price(spec),
		"line_items[0][quantity]", "1"), more...)
}

// checkout makes a checkout session for a subscription.
func (p *probe) checkout(more ...string) answer {
	return p.make("/v1/checkout/sessions", p.session("subscription", basic(), more...)...)
}

// pay pays on a session's page.
func (p *probe) pay(session answer, card string) {
	if p.over() {
		return
	}
	page := Page{SessionID: session.id(), URL: session.text("url"), Card: card}
	if err := p.run.cfg.Pay(p.ctx, page); err != nil {
		p.failf("the page of %s could not be paid on: %v", page.SessionID, err)
	}
}

// without sends a form without some of its parameters.
func without(pairs []string, names ...string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if !slices.Contains(names, pairs[i]) {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return out
}

// header is one header of a call.
func header(name, value string) http.Header { return http.Header{name: {value}} }

// at is a parameter's value for a time.
func at(seconds int64) string { return strconv.FormatInt(seconds, 10) }

// repeat makes parameters by a pattern, one for each number up to n.
func repeat(n int, name, value string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(name, i), value)
	}
	return out
}
