package stripetest

import (
	"fmt"
	"slices"
)

// Dispute is https://docs.stripe.com/api/disputes/object: the buyer's bank takes a payment back.
type Dispute struct {
	ID, Charge, PaymentIntent, Currency string
	Reason                              string // "fraudulent"
	Status                              string // "needs_response", "won", "lost"
	Amount                              int64  // in the currency's smallest unit
	Created                             int64  // seconds
}

func (d *Dispute) ident() string    { return d.ID }
func (d *Dispute) createdAt() int64 { return d.Created }

func (d *Dispute) clone() Dispute { return *d }

func (d *Dispute) render(a *Account, v Version) doc {
	evidence := doc{}
	for _, name := range []string{
		"access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
		"cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
		"customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
		"duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
		"refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
		"shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
	} {
		evidence[name] = nil
	}
	details := doc{
		"due_by": d.Created + 7*day, "has_evidence": false, "past_due": false, "submission_count": 0,
	}
	out := doc{
		"id": d.ID, "object": "dispute", "amount": d.Amount, "balance_transactions": []doc{}, "charge": d.Charge,
		"created": d.Created, "currency": d.Currency, "evidence": evidence, "evidence_details": details,
		"is_charge_refundable": false, "livemode": a.Livemode, "metadata": metadataDoc(nil), "payment_intent": orNull(d.PaymentIntent),
		"reason": d.Reason, "status": d.Status,
	}
	if v.since(VersionBasil) {
		evidence["enhanced_evidence"], details["enhanced_eligibility"] = doc{}, doc{}
		out["enhanced_eligibility_types"] = []string{}
	}
	return out
}

func disputeOperations() []operation {
	return []operation{
		{
			"GET", "/v1/disputes", listParams().with(fields{"charge": text, "payment_intent": text, "created": timeRange}),
			func(a *Account, r *request) (any, error) {
				return listed(a, r, a.disputes, func(d *Dispute) bool {
					return r.params.wanted("charge", d.Charge) && r.params.wanted("payment_intent", d.PaymentIntent)
				})
			},
		},
		{"GET", "/v1/disputes/{id}", fields{}, retrieve[*Dispute]("dispute", "dispute")},
	}
}

// Dispute lets the buyer's bank take a payment back, named by its payment intent or its charge. It fails with
// [ErrNotFound], and with [ErrState] when the payment has not succeeded or is disputed already.
func (a *Account) Dispute(paymentIntentOrCharge string) (Dispute, error) {
	defer a.lock()()
	charge, ok := a.chargeOf(paymentIntentOrCharge)
	if !ok {
		return Dispute{}, notFound("payment", paymentIntentOrCharge)
	}
	if charge.Status != "succeeded" || charge.Disputed {
		return Dispute{}, fmt.Errorf("%w: charge %s cannot be disputed", ErrState, charge.ID)
	}
	charge.Disputed = true
	d := insert(a, &a.disputes, &Dispute{
		ID: newID("dp_"), Charge: charge.ID, PaymentIntent: charge.PaymentIntent, Currency: charge.Currency,
		Reason: "fraudulent", Status: "needs_response", Amount: charge.Amount - charge.AmountRefunded, Created: a.srv.now(),
	})
	a.emit("charge.dispute.created", d)
	a.emit("charge.dispute.funds_withdrawn", d)
	return d.clone(), nil
}

// CloseDispute ends a dispute: won brings the money back. The charge stays marked as disputed either way, as at Stripe. It
// fails with [ErrNotFound], and with [ErrState] when the dispute is closed already.
func (a *Account) CloseDispute(id string, won bool) error {
	defer a.lock()()
	d, ok := find[*Dispute](a, id)
	if !ok {
		return notFound("dispute", id)
	}
	if d.Status != "needs_response" {
		return fmt.Errorf("%w: dispute %s is %s", ErrState, id, d.Status)
	}
	status := "lost"
	if won {
		status = "won"
	}
	a.change("charge.dispute.closed", d, func() { d.Status = status })
	if won {
		a.emit("charge.dispute.funds_reinstated", d)
	}
	return nil
}

// lostToDispute reports whether the bank has a charge's money back, or may keep it.
func (a *Account) lostToDispute(charge *Charge) bool {
	return slices.ContainsFunc(a.disputes, func(d *Dispute) bool { return d.Charge == charge.ID && d.Status != "won" })
}

// chargeOf finds the latest charge of a payment intent, or a charge by its own id.
func (a *Account) chargeOf(id string) (*Charge, bool) {
	if intent, ok := find[*PaymentIntent](a, id); ok {
		id = intent.LatestCharge
	}
	return find[*Charge](a, id)
}
