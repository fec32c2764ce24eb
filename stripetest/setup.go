package stripetest

import (
	"fmt"
	"maps"
	"strings"
)

// PriceSpec describes a product with one price, for [Account.AddPrice].
type PriceSpec struct {
	Product  string // the product's name
	Amount   int64  // in the currency's smallest unit
	Currency string // default: usd
	Interval string // "day", "week", "month", "year"; empty for a one-off price
	Count    int64  // billing every Count intervals; default: 1
	Metered  bool   // billed by use, of which the fake counts none
}

// AddPrice makes a product with a price, as the dashboard would. Nothing is checked, so that a test can have odd prices.
func (a *Account) AddPrice(spec PriceSpec) Price {
	defer a.lock()()
	if spec.Currency == "" {
		spec.Currency = "usd"
	}
	product := a.newProduct(spec.Product, "")
	a.emit("product.created", product)
	price := insert(a, &a.prices, &Price{
		ID: newID("price_"), Product: product.ID, Currency: strings.ToLower(spec.Currency), UnitAmount: spec.Amount,
		Interval: spec.Interval, Metered: spec.Metered, Active: true, TaxBehavior: "unspecified", Created: a.srv.now(),
	})
	if price.Recurring() {
		price.IntervalCount = max(1, spec.Count)
	}
	a.emit("price.created", price)
	return price.clone()
}

// AddCustomer makes a customer, as the dashboard would.
func (a *Account) AddCustomer(email string) Customer {
	defer a.lock()()
	c := a.newCustomer()
	c.Email = email
	a.emit("customer.created", c)
	return c.clone()
}

// AddSubscription makes an active, paid subscription with one price, as the dashboard would. It fails with
// [ErrNotFound], or [ErrInvalid] when the price is not recurring.
func (a *Account) AddSubscription(customerID, priceID string, metadata map[string]string) (Subscription, error) {
	defer a.lock()()
	customer, ok := a.customer(customerID)
	if !ok {
		return Subscription{}, notFound("customer", customerID)
	}
	price, ok := find[*Price](a, priceID)
	if !ok {
		return Subscription{}, notFound("price", priceID)
	}
	if !price.Recurring() {
		return Subscription{}, fmt.Errorf("%w: price %s is not recurring", ErrInvalid, priceID)
	}
	s := &Session{
		Customer: customerID, Currency: price.Currency, AmountTotal: price.UnitAmount * price.units(1), SubscriptionMetadata: metadata,
		LineItems: []LineItem{{Price: priceID, Quantity: price.units(1)}},
	}
	method := a.newPaymentMethod(s, "", paid)
	a.attach(method, customer)
	sub := a.newSubscription(s, customer, method.ID)
	if invoice, ok := find[*Invoice](a, sub.LatestInvoice); ok {
		if invoice.amountDue() == 0 {
			a.markPaid(invoice)
			return sub.clone(), nil
		}
		a.charge(a.intentOf(invoice), method, paid, "")
	}
	return sub.clone(), nil
}

// AddPayment charges a customer's card for something that the host sells by itself: a payment intent without a checkout
// session or an invoice, which has succeeded. It fails with [ErrNotFound], and with [ErrInvalid] for an amount below 1.
func (a *Account) AddPayment(customerID string, amount int64, metadata map[string]string) (PaymentIntent, error) {
	defer a.lock()()
	customer, ok := a.customer(customerID)
	if !ok {
		return PaymentIntent{}, notFound("customer", customerID)
	}
	if amount < 1 {
		return PaymentIntent{}, fmt.Errorf("%w: the amount %d", ErrInvalid, amount)
	}
	method := a.newCard(customer.Email, "")
	a.attach(method, customer)
	intent := a.newIntent(&PaymentIntent{
		Customer: customerID, Currency: "usd", Amount: amount, Metadata: maps.Clone(metadata),
	})
	a.charge(intent, method, paid, "")
	return intent.clone(), nil
}

// SetPriceActive archives a price or takes it back, as the dashboard would. It fails with [ErrNotFound].
func (a *Account) SetPriceActive(id string, active bool) error {
	defer a.lock()()
	price, ok := find[*Price](a, id)
	if !ok {
		return notFound("price", id)
	}
	a.change("price.updated", price, func() { price.Active = active })
	return nil
}

// DeleteCustomer deletes a customer as the dashboard would: its subscriptions end at once. It fails with [ErrNotFound].
func (a *Account) DeleteCustomer(id string) error {
	defer a.lock()()
	c, ok := a.customer(id)
	if !ok {
		return notFound("customer", id)
	}
	a.deleteCustomer(c)
	return nil
}

// DeleteTestData deletes everything but events, as the dashboard does for test data: no event tells of it. Stripe also deletes
// single test subscriptions by itself, 30 days after their end
// (https://support.stripe.com/questions/test-mode-subscription-data-retention). It fails with [ErrState] in live mode, where
// nothing is ever deleted.
func (a *Account) DeleteTestData() error {
	if a.Livemode {
		return fmt.Errorf("%w: live data can't be deleted", ErrState)
	}
	defer a.lock()()
	a.objects = map[string]object{}
	for _, e := range a.events {
		a.objects[e.ident()] = e
	}
	a.products, a.prices, a.customers, a.sessions, a.subscriptions = nil, nil, nil, nil, nil
	a.invoices, a.invoiceItems, a.intents, a.charges, a.refunds = nil, nil, nil, nil, nil
	a.disputes, a.paymentMethods, a.portals = nil, nil, nil
	return nil
}
