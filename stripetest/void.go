package stripetest

// voidByCall is https://docs.stripe.com/api/invoices/void. It leaves the subscription as it is: "Voided invoices don't affect
// subscription status" (https://docs.stripe.com/billing/subscriptions/overview).
func voidByCall(a *Account, r *request) (any, error) {
	i, ok := find[*Invoice](a, r.id())
	if !ok {
		return nil, missing("invoice", r.id(), "invoice")
	}
	if err := a.refuseVoid(i); err != nil {
		return nil, err
	}
	a.voidInvoice(i)
	return i.render(a, apiVersion), nil
}

// refuseVoid refuses to void an invoice that is not open or uncollectible, and one whose payment is being processed
// (https://github.com/frappe/press/pull/2421).
func (a *Account) refuseVoid(i *Invoice) error {
	if i.Status != "open" && i.Status != "uncollectible" {
		return refuse("", "", "You can only void invoices that are open or uncollectible. This one is %s.", i.Status)
	}
	if a.awaits(i) {
		return refuse("", "", "This invoice can't be voided while a payment of it is in progress.")
	}
	return nil
}

// voidInvoice gives up an invoice and its payment; the credit that it used is the customer's again.
func (a *Account) voidInvoice(i *Invoice) {
	i.Status, i.VoidedAt, i.NextPaymentAttempt = "void", a.srv.now(), 0
	if intent, ok := find[*PaymentIntent](a, i.PaymentIntent); ok && intent.Status != "succeeded" {
		a.giveUp(intent)
	}
	a.emit("invoice.voided", i)
	a.setBalance(i.Customer, a.balance(i.Customer)+i.StartingBalance-i.EndingBalance)
}

// giveUp cancels a payment that has not come in.
func (a *Account) giveUp(intent *PaymentIntent) {
	intent.Status, intent.canceledAt = "canceled", a.srv.now()
	a.emit("payment_intent.canceled", intent)
}
