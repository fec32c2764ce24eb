package stripetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Price is https://docs.stripe.com/api/prices/object with a fixed amount per unit.
type Price struct {
	ID, Product, Currency string
	UnitAmount            int64  // in the currency's smallest unit
	Interval              string // "day", "week", "month", "year"; empty for a one-off price
	IntervalCount         int64
	Metered               bool // billed by use (recurring.usage_type), so that it has no quantity
	Active                bool
	Nickname, LookupKey   string
	TaxBehavior           string
	Metadata              map[string]string
	Created               int64 // seconds
}

// Recurring reports whether the price is for a subscription.
func (p *Price) Recurring() bool { return p.Interval != "" }

// units is how many of the price a line or an item has that asks for n: a metered one has none, since its use is billed.
func (p *Price) units(n int64) int64 {
	if p.Metered {
		return 0
	}
	return n
}

// quantity is a line's as it is shown, which a metered one does not have.
func (p *Price) quantity(n int64) any {
	if p.Metered {
		return nil
	}
	return n
}

func (p *Price) usageType() string {
	return map[bool]string{true: "metered", false: "licensed"}[p.Metered]
}

func (p *Price) sameInterval(other *Price) bool {
	return p.Interval == other.Interval && p.IntervalCount == other.IntervalCount
}

func (p *Price) ident() string    { return p.ID }
func (p *Price) createdAt() int64 { return p.Created }

func (p *Price) clone() Price {
	out := *p
	out.Metadata = maps.Clone(p.Metadata)
	return out
}

func (p *Price) render(a *Account, v Version) doc {
	out := doc{
		"id": p.ID, "object": "price", "active": p.Active, "billing_scheme": "per_unit", "created": p.Created,
		"currency": p.Currency, "custom_unit_amount": nil, "livemode": a.Livemode, "lookup_key": orNull(p.LookupKey),
		"metadata": metadataDoc(p.Metadata), "nickname": orNull(p.Nickname), "product": p.Product, "recurring": nil,
		"tax_behavior": p.TaxBehavior, "tiers_mode": nil, "transform_quantity": nil, "type": "one_time",
		"unit_amount": p.UnitAmount, "unit_amount_decimal": strconv.FormatInt(p.UnitAmount, 10),
	}
	if p.Recurring() {
		recurring := doc{"interval": p.Interval, "interval_count": p.IntervalCount, "usage_type": p.usageType()}
		if v.since(VersionBasil) {
			recurring["meter"] = nil
		} else {
			recurring["aggregate_usage"] = p.aggregateUsage()
		}
		out["type"], out["recurring"] = "recurring", recurring
	}
	return out
}

// aggregateUsage is how the use of a metered price adds up.
func (p *Price) aggregateUsage() any {
	if p.Metered {
		return "sum"
	}
	return nil
}

// after is the end of one billing period that starts at a time in seconds.
func (p *Price) after(start int64) int64 { return p.periodEnd(start, start) }

// periodEnd is the first end of a billing period later than a time, counted from the anchor. A month that is too short
// ends the period on its last day, and the next one goes back to the anchor's day, as
// https://docs.stripe.com/billing/subscriptions/billing-cycle says: 31 January, 28 February, 31 March.
func (p *Price) periodEnd(anchor, later int64) int64 {
	n := max(1, p.IntervalCount)
	switch p.Interval {
	case "day":
		return nextStep(anchor, later, n*day)
	case "week":
		return nextStep(anchor, later, n*7*day)
	case "year":
		n *= 12
	}
	from, to := time.Unix(anchor, 0).UTC(), time.Unix(later, 0).UTC()
	months := int64(to.Year()-from.Year())*12 + int64(to.Month()-from.Month())
	for k := max(1, months/n); ; k++ {
		if end := addMonths(from, int(k*n)).Unix(); end > later {
			return end
		}
	}
}

const day = 24 * 60 * 60 // seconds

func nextStep(anchor, later, step int64) int64 { return anchor + ((later-anchor)/step+1)*step }

func addMonths(t time.Time, n int) time.Time {
	end := t.AddDate(0, n, 0)
	if end.Day() != t.Day() { // AddDate ran over into the next month
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// priceData is what default_price_data and, with a product, price_data of a line item hold.
func priceData() fields {
	return fields{
		"currency": text.must(), "unit_amount": integer, "unit_amount_decimal": text, "tax_behavior": taxBehavior(),
		"currency_options": unsupported, "recurring": hash(fields{
			"interval": oneOf("day", "week", "month", "year").must(), "interval_count": integer,
			"usage_type": oneOf("licensed", "metered"), "aggregate_usage": unsupported,
		}),
	}
}

func linePriceData() fields {
	return priceData().with(fields{"product": text, "product_data": hash(fields{
		"name": text.must(), "description": text, "images": texts, "metadata": metadata, "tax_code": text,
	})})
}

func taxBehavior() field { return oneOf("exclusive", "inclusive", "unspecified") }

func priceOperations() []operation {
	return []operation{
		{"POST", "/v1/prices", priceData().with(fields{
			"active": boolean, "product": text, "product_data": hash(fields{
				"id": text, "name": text.must(), "active": boolean, "metadata": metadata, "statement_descriptor": text,
				"tax_code": text, "unit_label": text,
			}),
			"nickname": text, "lookup_key": text, "transfer_lookup_key": boolean, "metadata": metadata,
			"billing_scheme": oneOf("per_unit"), "custom_unit_amount": unsupported, "tiers": unsupported,
			"tiers_mode": unsupported, "transform_quantity": unsupported,
		}), createPrice},
		{"GET", "/v1/prices", listParams().with(fields{
			"active": boolean, "created": timeRange, "currency": text, "product": text, "lookup_keys": texts,
			"type": oneOf("one_time", "recurring"), "recurring": hash(fields{
				"interval": oneOf("day", "week", "month", "year"), "usage_type": oneOf("licensed", "metered"),
			}),
		}), listPrices},
		{"GET", "/v1/prices/{id}", fields{}, retrieve[*Price]("price", "price")},
		{"POST", "/v1/prices/{id}", fields{
			"active": boolean, "metadata": metadata, "nickname": text.orEmpty(), "lookup_key": text.orEmpty(),
			"transfer_lookup_key": boolean, "tax_behavior": taxBehavior(), "currency_options": unsupported,
		}, updatePrice},
	}
}

func createPrice(a *Account, r *request) (any, error) {
	p := r.params
	if p.has("product") == p.has("product_data") {
		return nil, refuse("product", "parameter_missing", "You must specify exactly one of product and product_data.")
	}
	if err := a.lookupKeyFree(p); err != nil {
		return nil, err
	}
	product, ok := find[*Product](a, p.str("product"))
	if p.has("product") && !ok {
		return nil, missingParam("product", p.str("product"), "product")
	}
	if err := checkPriceData(p, ""); err != nil {
		return nil, err
	}
	if p.has("product_data") {
		product = a.newProduct(p.str("product_data", "name"), p.str("product_data", "id"))
		product.Metadata = p.mergeMetadata(nil, "product_data", "metadata")
		a.emit("product.created", product)
	}
	price, err := a.priceFrom(p, "", product)
	if err != nil {
		return nil, err
	}
	price.Nickname, price.LookupKey = p.str("nickname"), p.str("lookup_key")
	price.Metadata = p.mergeMetadata(nil, "metadata")
	if p.has("active") {
		price.Active = p.truth("active")
	}
	a.emit("price.created", price)
	return price.render(a, apiVersion), nil
}

// checkPriceData checks what the schema cannot: the currency, the amount, the interval's count.
func checkPriceData(p *params, prefix string) *apiError {
	if err := checkCurrency(p.str("currency"), join2(prefix, "currency")); err != nil {
		return err
	}
	if !p.has("unit_amount") && !p.has("unit_amount_decimal") {
		return refuse(join2(prefix, "unit_amount"), "parameter_missing", "Missing required param: %s.",
			join2(prefix, "unit_amount"))
	}
	amount := p.str("unit_amount") + p.str("unit_amount_decimal")
	if n, err := strconv.ParseInt(amount, 10, 64); err != nil || n < 0 {
		return refuse(join2(prefix, "unit_amount"), "parameter_invalid_integer",
			"Invalid non-negative integer; stripetest knows no fractions of the smallest unit")
	}
	if p.has("recurring", "interval_count") && p.num("recurring", "interval_count") < 1 {
		return refuse(join2(prefix, "recurring[interval_count]"), "parameter_invalid_integer",
			"This value must be greater than or equal to 1.")
	}
	return nil
}

// join2 puts a prefix before a name that may be nested itself: a, b[c] → a[b][c].
func join2(prefix, name string) string {
	head, rest, nested := strings.Cut(name, "[")
	if nested {
		return join(prefix, head) + "[" + rest
	}
	return join(prefix, head)
}

// priceFrom files a price with the given parameters, without telling anyone yet.
func (a *Account) priceFrom(p *params, prefix string, product *Product) (*Price, error) {
	if err := checkPriceData(p, prefix); err != nil {
		return nil, err
	}
	amount, err := strconv.ParseInt(p.str("unit_amount")+p.str("unit_amount_decimal"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("stripetest: checked amount: %w", err)
	}
	price := &Price{
		ID: newID("price_"), Product: product.ID, Currency: strings.ToLower(p.str("currency")), UnitAmount: amount,
		Active: true, TaxBehavior: "unspecified", Created: a.srv.now(), Interval: p.str("recurring", "interval"),
		IntervalCount: p.num("recurring", "interval_count"), Metered: p.str("recurring", "usage_type") == "metered",
	}
	p.set("tax_behavior", &price.TaxBehavior)
	if price.Recurring() && price.IntervalCount == 0 {
		price.IntervalCount = 1
	}
	return insert(a, &a.prices, price), nil
}

func (a *Account) lookupKeyFree(p *params) *apiError {
	key := p.str("lookup_key")
	for _, other := range a.prices {
		if key == "" || other.LookupKey != key {
			continue
		}
		if !p.truth("transfer_lookup_key") {
			return refuse("lookup_key", "resource_already_exists", "A price already uses that lookup key.")
		}
		a.change("price.updated", other, func() { other.LookupKey = "" })
	}
	return nil
}

func listPrices(a *Account, r *request) (any, error) {
	p := r.params
	keys := p.strings("lookup_keys")
	return listed(a, r, a.prices, func(price *Price) bool {
		kind := map[bool]string{true: "recurring", false: "one_time"}[price.Recurring()]
		return (!p.has("active") || p.truth("active") == price.Active) && p.wanted("currency", price.Currency) &&
			p.wanted("product", price.Product) && p.wanted("type", kind) &&
			(len(keys) == 0 || slices.Contains(keys, price.LookupKey)) &&
			(!p.has("recurring") || price.Recurring()) && p.get("recurring").wanted("interval", price.Interval) &&
			p.get("recurring").wanted("usage_type", price.usageType())
	})
}

func updatePrice(a *Account, r *request) (any, error) {
	price, ok := find[*Price](a, r.id())
	if !ok {
		return nil, missing("price", r.id(), "price")
	}
	p := r.params
	if err := a.lookupKeyFree(p); err != nil {
		return nil, err
	}
	a.change("price.updated", price, func() {
		p.set("nickname", &price.Nickname)
		p.set("lookup_key", &price.LookupKey)
		p.set("tax_behavior", &price.TaxBehavior)
		if p.has("active") {
			price.Active = p.truth("active")
		}
		price.Metadata = p.mergeMetadata(price.Metadata, "metadata")
	})
	return price.render(a, apiVersion), nil
}
