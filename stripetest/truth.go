package stripetest

import "encoding/json"

// Customer returns a copy of a customer, deleted ones included, and whether it exists.
func (a *Account) Customer(id string) (Customer, bool) { return read(a, id, (*Customer).clone) }

// Customers returns all customers, deleted ones included, oldest first.
func (a *Account) Customers() []Customer { return snapshot(a, &a.customers, (*Customer).clone) }

// Product returns a copy of a product and whether it exists.
func (a *Account) Product(id string) (Product, bool) { return read(a, id, (*Product).clone) }

// Price returns a copy of a price and whether it exists.
func (a *Account) Price(id string) (Price, bool) { return read(a, id, (*Price).clone) }

// Session returns a copy of a checkout session and whether it exists.
func (a *Account) Session(id string) (Session, bool) { return read(a, id, (*Session).clone) }

// Sessions returns all checkout sessions, oldest first.
func (a *Account) Sessions() []Session { return snapshot(a, &a.sessions, (*Session).clone) }

// Subscription returns a copy of a subscription, ended ones included, and whether it exists.
func (a *Account) Subscription(id string) (Subscription, bool) {
	return read(a, id, (*Subscription).clone)
}

// Subscriptions returns all subscriptions, ended ones included, oldest first.
func (a *Account) Subscriptions() []Subscription {
	return snapshot(a, &a.subscriptions, (*Subscription).clone)
}

// Invoice returns a copy of an invoice and whether it exists.
func (a *Account) Invoice(id string) (Invoice, bool) { return read(a, id, (*Invoice).clone) }

// Invoices returns all invoices, oldest first.
func (a *Account) Invoices() []Invoice { return snapshot(a, &a.invoices, (*Invoice).clone) }

// PaymentIntent returns a copy of a payment intent and whether it exists.
func (a *Account) PaymentIntent(id string) (PaymentIntent, bool) {
	return read(a, id, (*PaymentIntent).clone)
}

// PaymentIntents returns all payment intents, oldest first.
func (a *Account) PaymentIntents() []PaymentIntent {
	return snapshot(a, &a.intents, (*PaymentIntent).clone)
}

// Charge returns a copy of a charge and whether it exists.
func (a *Account) Charge(id string) (Charge, bool) { return read(a, id, (*Charge).clone) }

// Refunds returns all refunds, oldest first.
func (a *Account) Refunds() []Refund { return snapshot(a, &a.refunds, (*Refund).clone) }

// InvoiceItems returns all invoice items, pending ones and those on invoices, oldest first.
func (a *Account) InvoiceItems() []InvoiceItem {
	return snapshot(a, &a.invoiceItems, (*InvoiceItem).clone)
}

// Disputes returns all disputes, oldest first.
func (a *Account) Disputes() []Dispute { return snapshot(a, &a.disputes, (*Dispute).clone) }

// JSON returns any object as the API would show it, by its id, and whether it exists.
func (a *Account) JSON(id string) (json.RawMessage, bool) {
	defer a.lock()()
	o, ok := a.objects[id]
	if !ok {
		return nil, false
	}
	return encode(o.render(a, apiVersion)), true
}
