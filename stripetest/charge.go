package stripetest

import "strings"

// newIntent files a payment intent and tells about it.
func (a *Account) newIntent(intent *PaymentIntent) *PaymentIntent {
	intent.ID, intent.Status, intent.Created = newID("pi_"), "requires_payment_method", a.srv.now()
	insert(a, &a.intents, intent)
	a.emit("payment_intent.created", intent)
	return intent
}

// newPaymentMethod files what the buyer pays with.
func (a *Account) newPaymentMethod(s *Session, card string, result outcome) *PaymentMethod {
	method := a.newCard(a.sessionEmail(s), card)
	switch result {
	case delayed:
		method.Type, method.Brand, method.Last4 = "sepa_debit", "", "3000"
	case unverified:
		method.Type, method.Brand, method.Last4 = "us_bank_account", "", "6789"
	default:
	}
	return method
}

// newCard files a card by its number, the one that always pays when that is empty.
func (a *Account) newCard(email, number string) *PaymentMethod {
	method := &PaymentMethod{
		ID: newID("pm_"), Email: email, Type: "card", Brand: cardBrand(number), Last4: "4242", Created: a.srv.now(),
	}
	method.result, method.declineCode = bankRule(number)
	if len(number) >= 4 {
		method.Last4 = number[len(number)-4:]
	}
	return insert(a, &a.paymentMethods, method)
}

// attach gives a payment method to a customer.
func (a *Account) attach(method *PaymentMethod, customer *Customer) {
	if method.Customer == "" {
		method.Customer = customer.ID
		a.emit("payment_method.attached", method)
	}
}

func cardBrand(number string) string {
	switch {
	case strings.HasPrefix(number, "5"):
		return "mastercard"
	case strings.HasPrefix(number, "3"):
		return "amex"
	default:
		return "visa"
	}
}

// charge tries to take the money for an intent.
func (a *Account) charge(intent *PaymentIntent, method *PaymentMethod, result outcome, declineCode string) {
	answered := intent.Status == "requires_action" && intent.PaymentMethod == method.ID && result != challenged
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok && !answered {
		invoice.AttemptCount++
	}
	intent.DeclineCode, intent.ErrorCode = "", ""
	switch result {
	case challenged:
		a.challenge(intent, method)
		return
	case unverified:
		intent.Status, intent.PaymentMethod = "requires_action", method.ID
		a.emit("payment_intent.requires_action", intent)
		return
	default:
	}
	charge := a.newCharge(intent, method)
	switch result {
	case declined:
		a.rejectPayment(intent, declineCode)
	case delayed:
		intent.Status, intent.PaymentMethod = "processing", method.ID
		a.emit("charge.pending", charge)
		a.emit("payment_intent.processing", intent)
	default: // paid
		intent.PaymentMethod = method.ID
		a.acceptPayment(intent)
	}
}

func (a *Account) newCharge(intent *PaymentIntent, method *PaymentMethod) *Charge {
	charge := insert(a, &a.charges, &Charge{
		ID: newID("ch_"), PaymentIntent: intent.ID, Invoice: intent.Invoice, Customer: intent.Customer,
		PaymentMethod: method.ID, Currency: intent.Currency, Amount: intent.Amount, Status: "pending",
		Email: method.Email, Metadata: metadataDoc(intent.Metadata), Created: a.srv.now(),
	})
	intent.LatestCharge = charge.ID
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok {
		invoice.Charge = charge.ID
	}
	return charge
}

// onItsWay reports whether a payment has been made that may still arrive.
func (a *Account) onItsWay(intent *PaymentIntent) bool {
	return intent.Status == "processing" || intent.Status == "requires_action" && a.unverified(intent)
}

// unverified reports whether an intent is to be paid from a bank account that micro-deposits verify.
func (a *Account) unverified(intent *PaymentIntent) bool {
	method, ok := find[*PaymentMethod](a, intent.PaymentMethod)
	return ok && method.Type == "us_bank_account"
}

// acceptPayment is the bank's yes to the latest charge of an intent.
func (a *Account) acceptPayment(intent *PaymentIntent) {
	if charge, ok := find[*Charge](a, intent.LatestCharge); ok {
		charge.Status = "succeeded"
		a.emit("charge.succeeded", charge)
	}
	intent.Status, intent.AmountReceived, intent.DeclineCode, intent.paidAt = "succeeded", intent.Amount, "", a.srv.now()
	a.emit("payment_intent.succeeded", intent)
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok {
		a.markPaid(invoice)
	}
}

// rejectPayment is the bank's no.
func (a *Account) rejectPayment(intent *PaymentIntent, declineCode string) {
	if charge, ok := find[*Charge](a, intent.LatestCharge); ok {
		charge.Status, charge.DeclineCode = "failed", declineCode
		a.emit("charge.failed", charge)
	}
	intent.Status, intent.PaymentMethod, intent.DeclineCode = "requires_payment_method", "", declineCode
	a.emit("payment_intent.payment_failed", intent)
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok {
		a.emit("invoice.payment_failed", invoice)
	}
}
