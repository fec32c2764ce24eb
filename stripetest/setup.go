package stripetest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PriceSpec describes a product with one price, for [Account.AddPrice].
type PriceSpec struct {
	Product  string // the product's name
	Amount   int64  // in the currency's smallest unit
	Currency string // default: usd
	Interval string // "day", "week", "month", "year"; empty for a one-off price
	Count    int64  // billing every Count intervals; default: 1
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
		Interval: spec.Interval, Active: true, TaxBehavior: "unspecified", Created: a.srv.now(),
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
		Customer: customerID, Currency: price.Currency, AmountTotal: price.UnitAmount, SubscriptionMetadata: metadata,
		LineItems: []LineItem{{Price: priceID, Quantity: 1}},
	}
	method := a.newPaymentMethod(s, customer, "", paid)
	sub := a.newSubscription(s, customer, method.ID)
	if invoice, ok := find[*Invoice](a, sub.LatestInvoice); ok {
		if invoice.amountDue() == 0 {
			a.markPaid(invoice)
			return sub.clone(), nil
		}
		intent := a.newIntent(&PaymentIntent{
			Customer: customerID, Currency: invoice.Currency, Amount: invoice.amountDue(), Invoice: invoice.ID,
			Description: "Subscription creation",
		})
		invoice.PaymentIntent = intent.ID
		a.charge(intent, method, paid, "")
	}
	return sub.clone(), nil
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

// CancelSubscription ends a subscription at once, as the dashboard would. It fails with [ErrNotFound], or [ErrState]
// when it is over already.
func (a *Account) CancelSubscription(id string) error {
	return a.withSubscription(id, func(s *Subscription) error {
		s.CancellationReason = "cancellation_requested"
		a.endSubscription(s, a.srv.now())
		return nil
	})
}

// ScheduleCancel sets cancel_at_period_end, or takes it back. Errors as in [Account.CancelSubscription].
func (a *Account) ScheduleCancel(id string, on bool) error {
	return a.withSubscription(id, func(s *Subscription) error {
		a.change("customer.subscription.updated", s, func() { a.scheduleAtPeriodEnd(s, on) })
		return nil
	})
}

// ScheduleCancelAt sets cancel_at and leaves cancel_at_period_end false, as the customer portal does for subscriptions
// in flexible billing mode; the zero time takes it back. Errors as in [Account.CancelSubscription].
func (a *Account) ScheduleCancelAt(id string, at time.Time) error {
	return a.withSubscription(id, func(s *Subscription) error {
		var seconds int64
		if !at.IsZero() {
			seconds = at.Unix()
		}
		a.change("customer.subscription.updated", s, func() { a.scheduleAt(s, seconds) })
		return nil
	})
}

// SetStatus puts a subscription into a status, "past_due", "unpaid", "paused" and so on, without a payment. It fails
// as [Account.CancelSubscription] does, and with [ErrInvalid] for what is no status of a subscription that goes on.
func (a *Account) SetStatus(id, status string) error {
	if !slices.Contains([]string{"active", "trialing", "past_due", "unpaid", "paused", "incomplete"}, status) {
		return fmt.Errorf("%w: status %q", ErrInvalid, status)
	}
	return a.withSubscription(id, func(s *Subscription) error {
		was := s.Status
		a.change("customer.subscription.updated", s, func() { s.Status = status })
		switch {
		case status == "paused" && was != "paused":
			a.emit("customer.subscription.paused", s)
		case status != "paused" && was == "paused":
			a.emit("customer.subscription.resumed", s)
		}
		return nil
	})
}

func (a *Account) withSubscription(id string, f func(*Subscription) error) error {
	defer a.lock()()
	s, ok := find[*Subscription](a, id)
	if !ok {
		return notFound("subscription", id)
	}
	if s.ended() {
		return fmt.Errorf("%w: subscription %s is %s", ErrState, id, s.Status)
	}
	return f(s)
}
