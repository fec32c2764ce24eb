package stripetest

import (
	"maps"
)

// PaymentIntent is https://docs.stripe.com/api/payment_intents/object, as far as the fake keeps it.
type PaymentIntent struct {
	ID, Customer, Currency                            string
	Amount, AmountReceived                            int64  // in the currency's smallest unit
	Status                                            string // "requires_payment_method", "processing", "succeeded", …
	LatestCharge, Invoice, PaymentMethod, Description string
	DeclineCode                                       string // of the last try, when it was declined
	ErrorCode                                         string // of the last try, when it was not authenticated
	Metadata                                          map[string]string
	Created                                           int64 // seconds

	canceledAt int64 // with its invoice
	paidAt     int64
	settlesAt  int64 // when the bank tells about a debit, see Options.DebitTime
	collected  bool  // such a debit was begun by nobody but the retry schedule
}

func (p *PaymentIntent) ident() string    { return p.ID }
func (p *PaymentIntent) createdAt() int64 { return p.Created }

func (p *PaymentIntent) clone() PaymentIntent {
	out := *p
	out.Metadata = maps.Clone(p.Metadata)
	return out
}

func (p *PaymentIntent) render(a *Account, v Version) doc {
	out := doc{
		"id": p.ID, "object": "payment_intent", "amount": p.Amount, "amount_capturable": 0,
		"amount_details": doc{"tip": doc{}}, "amount_received": p.AmountReceived, "application": nil,
		"application_fee_amount": nil, "automatic_payment_methods": nil, "canceled_at": timeOrNull(p.canceledAt),
		"cancellation_reason": nil, "capture_method": "automatic", "client_secret": p.ID + "_secret_fake",
		"confirmation_method": "automatic", "created": p.Created, "currency": p.Currency,
		"customer": orNull(p.Customer), "description": orNull(p.Description), "last_payment_error": nil,
		"latest_charge": orNull(p.LatestCharge), "livemode": a.Livemode, "metadata": metadataDoc(p.Metadata),
		"next_action": p.nextAction(a), "on_behalf_of": nil, "payment_method": orNull(p.PaymentMethod),
		"payment_method_configuration_details": nil, "payment_method_options": doc{},
		"payment_method_types": []string{"card"}, "processing": nil, "receipt_email": nil, "review": nil,
		"setup_future_usage": nil, "shipping": nil, "statement_descriptor": nil,
		"statement_descriptor_suffix": nil, "status": p.Status, "transfer_data": nil, "transfer_group": nil,
	}
	if p.canceledAt != 0 {
		out["cancellation_reason"] = "void_invoice"
	}
	if p.DeclineCode != "" {
		out["last_payment_error"] = doc{
			"type": "card_error", "code": "card_declined", "decline_code": p.DeclineCode, "charge": p.LatestCharge,
			"message": "Your card was declined.",
		}
	}
	if p.ErrorCode != "" {
		out["last_payment_error"] = doc{
			"type": "invalid_request_error", "code": p.ErrorCode,
			"message": "The provided PaymentMethod has failed authentication.",
		}
	}
	if v.since(Version20240410) {
		out["capture_method"] = "automatic_async"
	}
	if !v.since(VersionBasil) {
		out["invoice"] = a.namedInvoice(p.Invoice)
	}
	return out
}

// namedInvoice is how a payment intent or a charge shows its invoice in the versions that do.
func (a *Account) namedInvoice(id string) any {
	if a.srv.opts.NullPaymentIntents {
		return nil
	}
	return orNull(id)
}

// Charge is https://docs.stripe.com/api/charges/object, as far as the fake keeps it.
type Charge struct {
	ID, PaymentIntent, Invoice, Customer, PaymentMethod, Currency string
	Amount, AmountRefunded                                        int64  // in the currency's smallest unit
	Status                                                        string // "succeeded", "pending", "failed"
	DeclineCode                                                   string
	Disputed                                                      bool
	Email                                                         string
	Metadata                                                      map[string]string
	Created                                                       int64 // seconds
}

func (c *Charge) ident() string    { return c.ID }
func (c *Charge) createdAt() int64 { return c.Created }

func (c *Charge) clone() Charge {
	out := *c
	out.Metadata = maps.Clone(c.Metadata)
	return out
}

func (c *Charge) render(a *Account, v Version) doc {
	paid := c.Status == "succeeded"
	captured := int64(0)
	if paid {
		captured = c.Amount
	}
	out := doc{
		"id": c.ID, "object": "charge", "amount": c.Amount, "amount_captured": captured,
		"amount_refunded": c.AmountRefunded, "application": nil, "application_fee": nil,
		"application_fee_amount": nil, "balance_transaction": nil, "billing_details": doc{
			"address": doc{
				"city": nil, "country": nil, "line1": nil, "line2": nil, "postal_code": nil, "state": nil,
			},
			"email": orNull(c.Email), "name": nil, "phone": nil,
		},
		"calculated_statement_descriptor": nil, "captured": paid, "created": c.Created, "currency": c.Currency,
		"customer": orNull(c.Customer), "description": nil, "disputed": c.Disputed, "failure_balance_transaction": nil,
		"failure_code": nil, "failure_message": nil, "fraud_details": doc{}, "livemode": a.Livemode,
		"metadata": metadataDoc(c.Metadata), "on_behalf_of": nil, "outcome": doc{
			"network_status": "approved_by_network", "reason": nil, "risk_level": "normal",
			"seller_message": "Payment complete.", "type": "authorized",
		},
		"paid": paid, "payment_intent": orNull(c.PaymentIntent), "payment_method": orNull(c.PaymentMethod),
		"payment_method_details": nil, "receipt_email": nil, "receipt_number": nil, "receipt_url": nil,
		"refunded": paid && c.AmountRefunded == c.Amount, "review": nil, "shipping": nil, "source_transfer": nil,
		"statement_descriptor": nil, "statement_descriptor_suffix": nil, "status": c.Status, "transfer_data": nil,
		"transfer_group": nil,
	}
	if c.DeclineCode != "" {
		out["failure_code"], out["failure_message"] = "card_declined", "Your card was declined."
		out["outcome"] = doc{
			"network_status": "declined_by_network", "reason": c.DeclineCode, "risk_level": "normal",
			"seller_message": "The bank declined the payment.", "type": "issuer_declined",
		}
	}
	if pm, ok := find[*PaymentMethod](a, c.PaymentMethod); ok {
		out["payment_method_details"] = pm.details()
	}
	if !v.since(VersionBasil) {
		out["invoice"] = a.namedInvoice(c.Invoice)
	}
	return out
}

func (a *Account) refundsDoc(c *Charge) doc {
	var rows []doc
	for _, refund := range a.refunds {
		if refund.Charge == c.ID {
			rows = append([]doc{refund.render(a, apiVersion)}, rows...)
		}
	}
	return listDoc("/v1/charges/"+c.ID+"/refunds", rows, false)
}

// PaymentMethod is https://docs.stripe.com/api/payment_methods/object: a card, or a bank debit for delayed payments.
type PaymentMethod struct {
	ID, Customer, Email string
	Type                string // "card", "sepa_debit" or "us_bank_account"
	Brand, Last4        string
	Created             int64 // seconds

	result      outcome // of a charge
	declineCode string
	detached    bool // for good
}

func (m *PaymentMethod) ident() string    { return m.ID }
func (m *PaymentMethod) createdAt() int64 { return m.Created }

func (m *PaymentMethod) render(a *Account, _ Version) doc {
	out := doc{
		"id": m.ID, "object": "payment_method", "billing_details": doc{
			"address": nil, "email": orNull(m.Email), "name": nil, "phone": nil,
		},
		"created": m.Created, "customer": orNull(m.Customer), "livemode": a.Livemode, "metadata": metadataDoc(nil),
		"type": m.Type,
	}
	if m.Type != "card" {
		out[m.Type] = m.debit()
		return out
	}
	out["card"] = doc{
		"brand": m.Brand, "checks": nil, "country": "US", "display_brand": m.Brand, "exp_month": 12, "exp_year": 2040,
		"fingerprint": nil, "funding": "credit", "generated_from": nil, "last4": m.Last4, "networks": nil,
		"three_d_secure_usage": nil, "wallet": nil,
	}
	return out
}

// details is how a charge shows the payment method.
func (m *PaymentMethod) details() doc {
	if m.Type != "card" {
		return doc{"type": m.Type, m.Type: m.debit()}
	}
	return doc{"type": "card", "card": doc{
		"amount_authorized": nil, "brand": m.Brand, "checks": nil, "country": "US", "exp_month": 12, "exp_year": 2040,
		"fingerprint": nil, "funding": "credit", "installments": nil, "last4": m.Last4, "mandate": nil,
		"network": m.Brand, "network_token": nil, "three_d_secure": nil, "wallet": nil,
	}}
}

func (m *PaymentMethod) debit() doc {
	if m.Type == "us_bank_account" {
		return doc{
			"account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
			"fingerprint": nil, "last4": m.Last4, "routing_number": "110000000",
		}
	}
	return doc{"bank_code": nil, "branch_code": nil, "country": "DE", "fingerprint": nil, "last4": m.Last4}
}

func paymentOperations() []operation {
	return []operation{
		{
			"GET", "/v1/payment_intents", listParams().with(fields{"customer": text, "created": timeRange}),
			func(a *Account, r *request) (any, error) {
				return listed(a, r, a.intents, func(p *PaymentIntent) bool { return r.params.wanted("customer", p.Customer) })
			},
		},
		{"GET", "/v1/payment_intents/{id}", fields{"client_secret": text}, retrieve[*PaymentIntent](
			"payment_intent", "intent")},
		{"GET", "/v1/charges", listParams().with(fields{
			"customer": text, "payment_intent": text, "created": timeRange, "transfer_group": unsupported,
		}), func(a *Account, r *request) (any, error) {
			return listed(a, r, a.charges, func(c *Charge) bool {
				return r.params.wanted("customer", c.Customer) && r.params.wanted("payment_intent", c.PaymentIntent)
			})
		}},
		{"GET", "/v1/charges/{id}", fields{}, retrieve[*Charge]("charge", "charge")},
		{"GET", "/v1/payment_methods/{id}", fields{}, retrieve[*PaymentMethod]("PaymentMethod", "payment_method")},
	}
}
