package stripetest

import "fmt"

// challenge lets a payment wait until the buyer has proved to the bank who it is (3-D Secure). See
// https://docs.stripe.com/payments/3d-secure.
func (a *Account) challenge(intent *PaymentIntent, method *PaymentMethod) {
	intent.Status, intent.PaymentMethod = "requires_action", method.ID
	a.emit("payment_intent.requires_action", intent)
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok {
		a.emit("invoice.payment_action_required", invoice)
	}
}

// Authenticate ends the authentication that a payment intent waits for, as the buyer would on the bank's page: with success
// the payment goes through, without it fails. It fails with [ErrNotFound], and with [ErrState] when the payment intent is
// not waiting.
func (a *Account) Authenticate(paymentIntentID string, success bool) error {
	defer a.lock()()
	intent, ok := find[*PaymentIntent](a, paymentIntentID)
	if !ok {
		return notFound("payment intent", paymentIntentID)
	}
	if intent.Status != "requires_action" {
		return fmt.Errorf("%w: payment intent %s is %s", ErrState, intent.ID, intent.Status)
	}
	for _, s := range a.sessions {
		if s.challenged != "" && s.challenged == intent.PaymentMethod {
			return a.answerChallenge(s, success)
		}
	}
	return a.authenticate(intent, success)
}

// authenticate is the end of a challenge outside of a checkout session.
func (a *Account) authenticate(intent *PaymentIntent, success bool) error {
	method, ok := find[*PaymentMethod](a, intent.PaymentMethod)
	if !ok {
		return notFound("payment method", intent.PaymentMethod)
	}
	if success {
		a.charge(intent, method, paid, "")
	} else {
		a.failAuthentication(intent)
	}
	return nil
}

func (a *Account) failAuthentication(intent *PaymentIntent) {
	intent.Status, intent.PaymentMethod = "requires_payment_method", ""
	intent.ErrorCode = "payment_intent_authentication_failure"
	a.emit("payment_intent.payment_failed", intent)
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok {
		a.emit("invoice.payment_failed", invoice)
	}
}

// answerChallenge is the end of a challenge during a checkout session. A session with nothing to pay has one too, for the
// payments to come.
func (a *Account) answerChallenge(s *Session, success bool) error {
	method, ok := find[*PaymentMethod](a, s.challenged)
	if !ok || s.Status != "open" {
		return fmt.Errorf("%w: session %s is %s and waits for no authentication", ErrState, s.ID, s.Status)
	}
	s.challenged = ""
	if success {
		return a.payWith(s, method, paid, "")
	}
	if intent := a.openIntent(s); intent != nil {
		a.failAuthentication(intent)
	}
	return nil
}

// openIntent is the payment intent of a session that has not been paid, nil when there is none.
func (a *Account) openIntent(s *Session) *PaymentIntent {
	id := s.PaymentIntent
	if sub, ok := find[*Subscription](a, s.attempted); ok {
		if invoice, ok := find[*Invoice](a, sub.LatestInvoice); ok {
			id = invoice.PaymentIntent
		}
	}
	if intent, ok := find[*PaymentIntent](a, id); ok {
		return intent
	}
	return nil
}

// nextAction says where a waiting payment is authenticated.
func (p *PaymentIntent) nextAction(a *Account) any {
	if p.Status != "requires_action" {
		return nil
	}
	if a.unverified(p) {
		return doc{"type": "verify_with_microdeposits", "verify_with_microdeposits": doc{
			"arrival_date": p.Created + 2*day, "hosted_verification_url": a.srv.URL + "/verify/" + p.ID,
			"microdeposit_type": "amounts",
		}}
	}
	page := a.srv.URL
	if invoice, ok := find[*Invoice](a, p.Invoice); ok {
		page += invoice.path + "/authenticate"
	}
	for _, s := range a.sessions {
		if s.challenged != "" && s.challenged == p.PaymentMethod {
			page = a.srv.checkoutURL(s) + "/authenticate"
		}
	}
	return doc{"type": "use_stripe_sdk", "use_stripe_sdk": doc{"type": "three_d_secure_redirect", "stripe_js": page}}
}
