package stripetest

import "slices"

// testCards are the payment methods that every account has in test mode, with the card numbers that they stand for
// (https://docs.stripe.com/testing). Attaching one makes a payment method of the customer's own.
func testCards() map[string]string {
	return map[string]string{
		"pm_card_visa": "4242424242424242", "pm_card_mastercard": "5555555555554444",
		"pm_card_chargeCustomerFail":     "4000000000000341",
		"pm_card_authenticationRequired": "4000002760003184",
	}
}

func paymentMethodOperations() []operation {
	return []operation{
		{"GET", "/v1/payment_methods", listParams().with(fields{
			"customer": text, "type": oneOf("card", "sepa_debit", "us_bank_account"),
		}), func(a *Account, r *request) (any, error) {
			return listed(a, r, a.paymentMethods, func(m *PaymentMethod) bool {
				return m.Customer != "" && r.params.wanted("customer", m.Customer) && r.params.wanted("type", m.Type)
			})
		}},
		{"POST", "/v1/payment_methods/{id}/attach", fields{"customer": text.must()}, attachMethod},
		{"POST", "/v1/payment_methods/{id}/detach", fields{}, detachMethod},
	}
}

// attachMethod is https://docs.stripe.com/api/payment_methods/attach. What a bank says to it is not modelled: the cards that
// it would refuse here are not among the test cards.
func attachMethod(a *Account, r *request) (any, error) {
	customer, ok := a.customer(r.params.str("customer"))
	if !ok {
		return nil, missingParam("customer", r.params.str("customer"), "customer")
	}
	method, ok := find[*PaymentMethod](a, r.id())
	if number, known := testCards()[r.id()]; known && !a.Livemode {
		method, ok = a.newCard("", number), true
	}
	switch {
	case !ok:
		return nil, missing("PaymentMethod", r.id(), "payment_method")
	case method.detached, method.Customer != "" && method.Customer != customer.ID:
		return nil, refuse("", "", "This PaymentMethod was used before, or is attached to a Customer already, and cannot be attached.")
	}
	a.attach(method, customer)
	return method.render(a, apiVersion), nil
}

// detachMethod is https://docs.stripe.com/api/payment_methods/detach: "it can no longer be used for a payment or re-attached to
// a Customer" afterwards.
func detachMethod(a *Account, r *request) (any, error) {
	method, ok := find[*PaymentMethod](a, r.id())
	if !ok {
		return nil, missing("PaymentMethod", r.id(), "payment_method")
	}
	if method.Customer == "" {
		return nil, refuse("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	if c, ok := a.customer(method.Customer); ok && c.DefaultPaymentMethod == method.ID {
		a.change("customer.updated", c, func() { c.DefaultPaymentMethod = "" })
	}
	method.Customer, method.detached = "", true
	a.emit("payment_method.detached", method)
	return method.render(a, apiVersion), nil
}

// checkDefaultMethod refuses a default payment method of invoices that is not the customer's
// (https://docs.stripe.com/api/customers/update#update_customer-invoice_settings-default_payment_method).
func (a *Account) checkDefaultMethod(c *Customer, p *params) error {
	id := p.str("invoice_settings", "default_payment_method")
	if id == "" || slices.ContainsFunc(a.paymentMethods, func(m *PaymentMethod) bool { return m.ID == id && m.Customer == c.ID }) {
		return nil
	}
	return missingParam("PaymentMethod", id, "invoice_settings[default_payment_method]")
}
