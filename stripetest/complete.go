package stripetest

import (
	"fmt"
)

// Buyer is what a person enters on the checkout page. Empty fields take the session's or the customer's values.
type Buyer struct {
	Email, Name string
	Card        string // the number; default 4242424242424242
}

// outcome is what the bank says to a try.
type outcome string

const (
	paid     outcome = "paid"
	delayed  outcome = "delayed" // will be known later, as with a bank debit
	declined outcome = "declined"

	unverified outcome = "unverified" // will be known once the buyer has told the amounts of two micro-deposits

	challenged outcome = "challenged" // wants the buyer to authenticate the payment first
)

// accepts reports whether the buyer is done.
func (o outcome) accepts() bool { return o == paid || o.later() }

// later reports whether the payment is on its way.
func (o outcome) later() bool { return o == delayed || o == unverified }

// Complete pays an open session as a person on the checkout page would, with at most one Buyer. A session with nothing
// to pay, such as a trial, completes without a payment. It fails with [ErrNotFound] when there is no such session and
// with [ErrState] when it is not open or its customer is deleted.
func (a *Account) Complete(sessionID string, buyer ...Buyer) error {
	return a.submit(sessionID, paid, buyer)
}

// CompleteDelayed completes an open session with a payment method that takes days, such as a bank debit: the session
// is complete and unpaid until [Account.SucceedDelayed] or [Account.FailDelayed]. A subscription is active meanwhile, or
// incomplete with [Options.DelayedIncomplete]. Errors as in [Account.Complete].
func (a *Account) CompleteDelayed(sessionID string, buyer ...Buyer) error {
	return a.submit(sessionID, delayed, buyer)
}

// CompleteUnverified is [Account.CompleteDelayed] with a bank account that is verified by micro-deposits first: the payment
// intent requires the action verify_with_microdeposits, and a subscription is incomplete. See
// https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment.
func (a *Account) CompleteUnverified(sessionID string, buyer ...Buyer) error {
	return a.submit(sessionID, unverified, buyer)
}

// Decline tries to pay an open session with a card that the bank declines. The session stays open; in subscription
// mode the try leaves an incomplete subscription, which a later try on the same session completes. Errors as in
// [Account.Complete], and [ErrState] when there is nothing to pay.
func (a *Account) Decline(sessionID string, buyer ...Buyer) error {
	return a.submit(sessionID, declined, buyer)
}

func (a *Account) submit(sessionID string, result outcome, buyers []Buyer) error {
	defer a.lock()()
	s, ok := find[*Session](a, sessionID)
	if !ok {
		return notFound("session", sessionID)
	}
	var buyer Buyer
	if len(buyers) > 0 {
		buyer = buyers[0]
	}
	return a.checkout(s, buyer, result, "generic_decline")
}

// Expire expires an open session as POST /v1/checkout/sessions/ID/expire does. Errors as in [Account.Complete].
func (a *Account) Expire(sessionID string) error {
	defer a.lock()()
	s, ok := find[*Session](a, sessionID)
	if !ok {
		return notFound("session", sessionID)
	}
	if s.Status != "open" {
		return fmt.Errorf("%w: session %s is %s", ErrState, s.ID, s.Status)
	}
	a.expireSession(s)
	return nil
}

// SucceedDelayed lets the payment of [Account.CompleteDelayed] arrive. It fails with [ErrNotFound] when there is no
// such session and with [ErrState] when it is not waiting for a payment.
func (a *Account) SucceedDelayed(sessionID string) error { return a.settleDelayed(sessionID, paid) }

// FailDelayed lets the payment of [Account.CompleteDelayed] fail; a subscription that is active becomes past_due. Errors as
// in [Account.SucceedDelayed].
func (a *Account) FailDelayed(sessionID string) error { return a.settleDelayed(sessionID, declined) }

func (a *Account) settleDelayed(sessionID string, result outcome) error {
	defer a.lock()()
	s, ok := find[*Session](a, sessionID)
	if !ok {
		return notFound("session", sessionID)
	}
	if s.Status != "complete" || s.PaymentStatus != "unpaid" {
		return fmt.Errorf("%w: session %s is %s and %s", ErrState, s.ID, s.Status, s.PaymentStatus)
	}
	intent, err := a.sessionIntent(s)
	if err != nil {
		return err
	}
	if method, ok := find[*PaymentMethod](a, intent.PaymentMethod); ok && intent.LatestCharge == "" {
		a.newCharge(intent, method) // the account has been verified only now
	}
	if result == declined {
		a.rejectPayment(intent, "debit_not_authorized")
		if sub, ok := find[*Subscription](a, s.Subscription); ok && !sub.ended() && sub.Status != "incomplete" {
			a.change("customer.subscription.updated", sub, func() { sub.Status = "past_due" })
		}
		a.emit("checkout.session.async_payment_failed", s)
		return nil
	}
	a.acceptPayment(intent)
	s.PaymentStatus = "paid"
	a.emit("checkout.session.async_payment_succeeded", s)
	return nil
}

// sessionIntent finds the payment intent of a complete session, which in subscription mode is its invoice's.
func (a *Account) sessionIntent(s *Session) (*PaymentIntent, error) {
	id := s.PaymentIntent
	if invoice, ok := find[*Invoice](a, s.Invoice); ok {
		id = invoice.PaymentIntent
	}
	intent, ok := find[*PaymentIntent](a, id)
	if !ok {
		return nil, notFound("payment of session", s.ID)
	}
	return intent, nil
}

// checkout is one press of the Pay button. Called with the lock held.
func (a *Account) checkout(s *Session, buyer Buyer, result outcome, declineCode string) error {
	if s.Status != "open" {
		return fmt.Errorf("%w: session %s is %s", ErrState, s.ID, s.Status)
	}
	customer, known := find[*Customer](a, s.Customer)
	if known && customer.Deleted {
		return fmt.Errorf("%w: the customer of session %s is deleted", ErrState, s.ID)
	}
	if result == declined && s.AmountTotal == 0 {
		return fmt.Errorf("%w: session %s has nothing to pay", ErrState, s.ID)
	}
	s.buyer = Buyer{Email: buyer.Email, Name: buyer.Name}
	if !known && !s.guest {
		customer = a.newCustomer()
		customer.Email, customer.Name = a.sessionEmail(s), buyer.Name
		a.emit("customer.created", customer)
		s.Customer = customer.ID
	}
	method := a.newPaymentMethod(s, buyer.Card, result)
	return a.payWith(s, method, result, declineCode)
}

// payWith goes on with the buyer's payment method. The session's customer exists by now, unless the buyer is a guest.
func (a *Account) payWith(s *Session, method *PaymentMethod, result outcome, declineCode string) error {
	customer, known := find[*Customer](a, s.Customer)
	if known && result.accepts() {
		a.attach(method, customer)
	}
	s.challenged = ""
	if result == challenged {
		s.challenged = method.ID
		if s.AmountTotal == 0 { // nothing is charged, and nothing begins before the answer
			return nil
		}
	}
	if s.Mode == "subscription" {
		return a.checkoutSubscription(s, customer, method, result, declineCode)
	}
	return a.checkoutPayment(s, method, result, declineCode)
}

func (a *Account) checkoutPayment(s *Session, method *PaymentMethod, result outcome, declineCode string) error {
	if s.AmountTotal == 0 {
		a.completeSession(s, "no_payment_required")
		return nil
	}
	intent, ok := find[*PaymentIntent](a, s.PaymentIntent)
	if !ok {
		intent = a.newIntent(&PaymentIntent{
			Customer: s.Customer, Currency: s.Currency, Amount: s.AmountTotal, Description: s.description,
			Metadata: metadataDoc(s.PaymentIntentMetadata),
		})
		s.PaymentIntent = intent.ID
	}
	a.charge(intent, method, result, declineCode)
	a.finishSession(s, result)
	return nil
}

func (a *Account) checkoutSubscription(
	s *Session, customer *Customer, method *PaymentMethod, result outcome, declineCode string,
) error {
	accepted := ""
	if result.accepts() {
		accepted = method.ID
	}
	sub, ok := find[*Subscription](a, s.attempted)
	if !ok || sub.Status != "incomplete" {
		sub = a.newSubscription(s, customer, accepted)
		s.attempted = sub.ID
	}
	invoice, ok := find[*Invoice](a, sub.LatestInvoice)
	if !ok {
		return notFound("invoice", sub.LatestInvoice)
	}
	if result.accepts() {
		s.Subscription, s.Invoice = sub.ID, invoice.ID
		a.change("customer.subscription.updated", sub, func() { sub.DefaultPaymentMethod = accepted })
	}
	if invoice.amountDue() == 0 {
		a.markPaid(invoice)
		a.completeSession(s, "no_payment_required")
		return nil
	}
	a.charge(a.intentOf(invoice), method, result, declineCode)
	if result == delayed && !a.srv.opts.DelayedIncomplete && sub.Status == "incomplete" {
		a.change("customer.subscription.updated", sub, func() { sub.Status = sub.startStatus(a.srv.now()) })
	}
	a.finishSession(s, result)
	return nil
}

// finishSession completes a session after a payment; one that was declined or that waits for the buyer stays open.
func (a *Account) finishSession(s *Session, result outcome) {
	switch result {
	case paid:
		a.completeSession(s, "paid")
	case delayed, unverified:
		a.completeSession(s, "unpaid")
	default:
	}
}

func (a *Account) completeSession(s *Session, paymentStatus string) {
	s.Status, s.PaymentStatus, s.challenged = "complete", paymentStatus, ""
	a.emit("checkout.session.completed", s)
}
