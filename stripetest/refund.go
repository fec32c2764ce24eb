package stripetest

import (
	"fmt"
	"maps"
)

// Refund is https://docs.stripe.com/api/refunds/object, as far as the fake keeps it.
type Refund struct {
	ID, Charge, PaymentIntent, Currency, Reason string
	Amount                                      int64  // in the currency's smallest unit
	Status                                      string // "succeeded", "failed"
	Metadata                                    map[string]string
	Created                                     int64 // seconds
}

func (f *Refund) ident() string    { return f.ID }
func (f *Refund) createdAt() int64 { return f.Created }

func (f *Refund) clone() Refund {
	out := *f
	out.Metadata = maps.Clone(f.Metadata)
	return out
}

func (f *Refund) render(*Account, Version) doc {
	return doc{
		"id": f.ID, "object": "refund", "amount": f.Amount, "balance_transaction": nil, "charge": orNull(f.Charge),
		"created": f.Created, "currency": f.Currency, "destination_details": doc{"type": "card", "card": doc{
			"type": "refund",
		}},
		"metadata": metadataDoc(f.Metadata), "payment_intent": orNull(f.PaymentIntent), "reason": orNull(f.Reason),
		"receipt_number": nil, "source_transfer_reversal": nil, "status": f.Status, "transfer_reversal": nil,
	}
}

func refundOperations() []operation {
	return []operation{
		{"POST", "/v1/refunds", fields{
			"charge": text, "payment_intent": text, "amount": integer, "metadata": metadata,
			"reason":   oneOf("duplicate", "fraudulent", "requested_by_customer"),
			"currency": text, "customer": unsupported, "instructions_email": unsupported, "origin": unsupported,
			"refund_application_fee": unsupported, "reverse_transfer": unsupported,
		}, createRefund},
		{
			"GET", "/v1/refunds", listParams().with(fields{"charge": text, "payment_intent": text, "created": timeRange}),
			func(a *Account, r *request) (any, error) {
				return listed(a, r, a.refunds, func(f *Refund) bool {
					return r.params.wanted("charge", f.Charge) && r.params.wanted("payment_intent", f.PaymentIntent)
				})
			},
		},
		{"GET", "/v1/refunds/{id}", fields{}, retrieve[*Refund]("refund", "refund")},
	}
}

func createRefund(a *Account, r *request) (any, error) {
	p := r.params
	if p.has("charge") == p.has("payment_intent") {
		return nil, refuse("charge", "parameter_missing", "One of the following params should be provided for this "+
			"request: payment_intent or charge.")
	}
	chargeID := p.str("charge")
	if p.has("payment_intent") {
		intent, ok := find[*PaymentIntent](a, p.str("payment_intent"))
		if !ok {
			return nil, missing("payment_intent", p.str("payment_intent"), "payment_intent")
		}
		chargeID = intent.LatestCharge
	}
	charge, ok := find[*Charge](a, chargeID)
	if !ok {
		return nil, missing("charge", chargeID, "charge")
	}
	amount := charge.Amount - charge.AmountRefunded
	if p.has("amount") {
		amount = p.num("amount")
	}
	if err := a.checkRefund(charge, amount); err != nil {
		return nil, err
	}
	refund := a.refund(charge, amount, p.str("reason"), p.mergeMetadata(nil, "metadata"))
	return refund.render(a, apiVersion), nil
}

func (a *Account) checkRefund(charge *Charge, amount int64) *apiError {
	switch left := charge.Amount - charge.AmountRefunded; {
	case charge.Status != "succeeded":
		return refuse("charge", "", "This charge has not succeeded, so it cannot be refunded.")
	case a.lostToDispute(charge):
		return refuse("charge", "charge_disputed", "Charge %s has been charged back; cannot issue a refund.", charge.ID)
	case left == 0:
		return refuse("charge", "charge_already_refunded", "Charge %s has already been refunded.", charge.ID)
	case amount <= 0:
		return refuse("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	case amount > left:
		return refuse("amount", "", "Refund amount (%d) is greater than unrefunded amount on charge (%d).", amount, left)
	}
	return nil
}

func (a *Account) refund(charge *Charge, amount int64, reason string, metadata map[string]string) *Refund {
	refund := insert(a, &a.refunds, &Refund{
		ID: newID("re_"), Charge: charge.ID, PaymentIntent: charge.PaymentIntent, Currency: charge.Currency,
		Amount: amount, Status: "succeeded", Reason: reason, Metadata: metadata, Created: a.srv.now(),
	})
	a.change("charge.refunded", charge, func() { charge.AmountRefunded += amount })
	a.emit("refund.created", refund)
	return refund
}

// Refund refunds a payment, named by its payment intent or its charge, as the dashboard would. An amount of 0 means
// what is left. It fails with [ErrNotFound] or, for what Stripe would refuse, [ErrInvalid].
func (a *Account) Refund(paymentIntentOrCharge string, amount int64) (Refund, error) {
	defer a.lock()()
	charge, ok := a.chargeOf(paymentIntentOrCharge)
	if !ok {
		return Refund{}, notFound("payment", paymentIntentOrCharge)
	}
	if amount == 0 {
		amount = charge.Amount - charge.AmountRefunded
	}
	if err := a.checkRefund(charge, amount); err != nil {
		return Refund{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return a.refund(charge, amount, "", nil).clone(), nil
}

// FailRefund lets a refund fail after all, as when the buyer's account is closed: the money is the merchant's again. It
// fails with [ErrNotFound], and with [ErrState] when it has failed already. See
// https://docs.stripe.com/refunds#failed-refunds.
func (a *Account) FailRefund(id string) error {
	defer a.lock()()
	refund, ok := find[*Refund](a, id)
	if !ok {
		return notFound("refund", id)
	}
	if refund.Status != "succeeded" {
		return fmt.Errorf("%w: refund %s is %s", ErrState, id, refund.Status)
	}
	if charge, ok := find[*Charge](a, refund.Charge); ok {
		a.change("charge.updated", charge, func() { charge.AmountRefunded -= refund.Amount })
	}
	a.change("refund.updated", refund, func() { refund.Status = "failed" })
	a.emit("refund.failed", refund)
	a.emit("charge.refund.updated", refund)
	return nil
}
