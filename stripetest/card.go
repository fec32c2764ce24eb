package stripetest

import (
	"fmt"
	"net/http"
)

// bankRule is what the bank says to a charge of one of Stripe's test cards; any other number pays. Both of the cards for
// 3-D Secure ask for it at every payment. See https://docs.stripe.com/testing.
func bankRule(number string) (result outcome, declineCode string) {
	switch number {
	case "4000000000000002", "4000000000000341": // the second one is accepted where nothing is charged yet
		return declined, "generic_decline"
	case "4000000000009995":
		return declined, "insufficient_funds"
	case "4000002500003155", "4000002760003184":
		return challenged, ""
	default:
		return paid, ""
	}
}

// outcome is what the bank will say to a charge.
func (m *PaymentMethod) outcome() outcome {
	if m.result == "" {
		return paid
	}
	return m.result
}

// cardFor is the payment method that an invoice is charged to: the subscription's or the customer's, nil when there is
// none.
func (a *Account) cardFor(i *Invoice) *PaymentMethod {
	if s, ok := find[*Subscription](a, i.Subscription); ok {
		return a.cardOf(s)
	}
	return nil
}

// cardOf leaves out a card that was detached: it "can no longer be used for a payment"
// (https://docs.stripe.com/api/payment_methods/detach).
func (a *Account) cardOf(s *Subscription) *PaymentMethod {
	ids := []string{s.DefaultPaymentMethod}
	if c, ok := a.customer(s.Customer); ok {
		ids = append(ids, c.DefaultPaymentMethod)
	}
	for _, id := range ids {
		if method, ok := find[*PaymentMethod](a, id); ok && !method.detached {
			return method
		}
	}
	return nil
}

// refusal is the error for a payment that would not go through: 402 card_error, or 400 without any card.
func (m *PaymentMethod) refusal() *apiError {
	if m == nil {
		return refuse("", "resource_missing", "This customer has no attached payment source or default payment method. "+
			"Please consider adding a default payment method.")
	}
	if m.outcome() == challenged {
		return &apiError{
			status: http.StatusPaymentRequired, kind: "card_error", code: "subscription_payment_intent_requires_action",
			message: "Payment for this subscription requires additional user action before it can be completed successfully.",
		}
	}
	return &apiError{
		status: http.StatusPaymentRequired, kind: "card_error", code: "card_declined", declineCode: m.declineCode,
		message: "Your card was declined.",
	}
}

// SetCardFails lets the bank decline every charge of the customer's cards from now on, or accept them again; a card that
// asks for authentication stops asking. It fails with [ErrNotFound], or [ErrState] when the customer has no card yet.
func (a *Account) SetCardFails(customerID string, fails bool) error {
	defer a.lock()()
	if _, ok := a.customer(customerID); !ok {
		return notFound("customer", customerID)
	}
	found := false
	for _, m := range a.paymentMethods {
		if m.Customer == customerID {
			found, m.result, m.declineCode = true, paid, ""
			if fails {
				m.result, m.declineCode = declined, "generic_decline"
			}
		}
	}
	if !found {
		return fmt.Errorf("%w: customer %s has no card", ErrState, customerID)
	}
	return nil
}

// CardFails reports whether the bank declines the card that a subscription is charged to. It fails with [ErrNotFound], or
// [ErrState] when there is no card.
func (a *Account) CardFails(subscriptionID string) (bool, error) {
	defer a.lock()()
	s, ok := find[*Subscription](a, subscriptionID)
	if !ok {
		return false, notFound("subscription", subscriptionID)
	}
	card := a.cardOf(s)
	if card == nil {
		return false, fmt.Errorf("%w: subscription %s has no card", ErrState, subscriptionID)
	}
	return card.outcome() == declined, nil
}

// PayInvoice tries to collect an open invoice now, as the dashboard's button does. It fails with [ErrNotFound], and with
// [ErrState] when the invoice is not open or the payment does not go through.
func (a *Account) PayInvoice(id string) error {
	defer a.lock()()
	i, ok := find[*Invoice](a, id)
	if !ok {
		return notFound("invoice", id)
	}
	if err := a.pay(i, a.cardFor(i)); err != nil {
		return fmt.Errorf("%w: invoice %s: %w", ErrState, id, err)
	}
	return nil
}

// PayOutOfBand marks an open or uncollectible invoice as paid without Stripe, as the dashboard can. It fails with
// [ErrNotFound], and with [ErrState] for another invoice and while a payment of it is in progress.
func (a *Account) PayOutOfBand(id string) error {
	defer a.lock()()
	i, ok := find[*Invoice](a, id)
	if !ok {
		return notFound("invoice", id)
	}
	if err := a.payOutOfBand(i); err != nil {
		return fmt.Errorf("%w: invoice %s: %w", ErrState, id, err)
	}
	return nil
}

// pay tries to collect an invoice that is open, or a draft, which it opens.
func (a *Account) pay(i *Invoice, method *PaymentMethod) *apiError {
	if i.Status == "draft" {
		a.open(i)
	}
	if i.Status != "open" {
		return refuse("", "", "Invoice is already %s", i.Status)
	}
	if i.amountDue() == 0 {
		a.markPaid(i)
		return nil
	}
	if a.awaits(i) {
		return refuse("", "payment_intent_unexpected_state", "A payment of this invoice is in progress.")
	}
	if method != nil {
		a.try(i, method)
	}
	if i.Status == "open" && !a.awaits(i) {
		return method.refusal()
	}
	return nil
}

// awaits reports whether a payment of an invoice is on its way: no other one can begin meanwhile
// (https://docs.stripe.com/error-codes#payment-intent-unexpected-state).
func (a *Account) awaits(i *Invoice) bool {
	intent, ok := find[*PaymentIntent](a, i.PaymentIntent)
	return ok && a.onItsWay(intent)
}

func payInvoice(a *Account, r *request) (any, error) {
	i, ok := find[*Invoice](a, r.id())
	if !ok {
		return nil, missing("invoice", r.id(), "invoice")
	}
	if r.params.truth("paid_out_of_band") {
		if err := a.payOutOfBand(i); err != nil {
			return nil, err
		}
		return i.render(a, apiVersion), nil
	}
	method := a.cardFor(i)
	if id := r.params.str("payment_method"); id != "" {
		if method, ok = find[*PaymentMethod](a, id); !ok || method.Customer != i.Customer {
			return nil, missingParam("PaymentMethod", id, "payment_method")
		}
	}
	if err := a.pay(i, method); err != nil {
		return nil, err
	}
	return i.render(a, apiVersion), nil
}
