package stripetest

import (
	"maps"
	"slices"
)

// Invoice is https://docs.stripe.com/api/invoices/object, as far as the fake keeps it. Amounts are in the currency's
// smallest unit, times in seconds.
type Invoice struct {
	ID, Number, Customer, Subscription string
	Status                             string // "draft", "open", "paid", "void", "uncollectible"
	BillingReason                      string // "subscription_create", "subscription_cycle", …
	Currency                           string
	Total, AmountPaid                  int64
	StartingBalance, EndingBalance     int64 // of the customer, before and after; negative is a credit
	Lines                              []InvoiceLine
	PaymentIntent, Charge              string
	PeriodStart, PeriodEnd             int64
	AttemptCount                       int64
	NextPaymentAttempt                 int64             // 0 when the payment is not tried again by itself
	SubscriptionMetadata               map[string]string // as it was when the invoice was made
	Metadata                           map[string]string
	Created, FinalizedAt, PaidAt       int64
	VoidedAt, MarkedUncollectibleAt    int64
	PaidOutOfBand                      bool

	path       string   // of its hosted page, once it is finalized
	finalizeAt int64    // of a draft, 0 when it stays one
	advanceAt  int64    // when it would have gone on, while its auto_advance is off
	tries      int      // to collect it without anybody's doing
	attached   []string // pi_… of payments beside the one of PaymentIntent
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	ID, Price, SubscriptionItem, Description string
	InvoiceItem                              string // ii_… of a proration
	Quantity, Amount                         int64
	PeriodStart, PeriodEnd                   int64
	Proration                                bool
	Metadata                                 map[string]string
}

func (i *Invoice) ident() string    { return i.ID }
func (i *Invoice) createdAt() int64 { return i.Created }

func (i *Invoice) clone() Invoice {
	out := *i
	out.Lines = slices.Clone(i.Lines)
	out.SubscriptionMetadata, out.Metadata = maps.Clone(i.SubscriptionMetadata), maps.Clone(i.Metadata)
	out.attached = slices.Clone(i.attached)
	return out
}

// amountDue is what is left to pay after the customer's credit.
func (i *Invoice) amountDue() int64 { return max(0, i.Total+i.StartingBalance) }

// amountRemaining is what is left to pay after all payments.
func (i *Invoice) amountRemaining() int64 { return i.amountDue() - i.AmountPaid }

// paidElsewhere is what has been paid out of band: "the amount_paid field on the Invoice object now reflects out of band
// payments" since basil, and did not before
// (https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices).
func (i *Invoice) paidElsewhere() int64 {
	if !i.PaidOutOfBand {
		return 0
	}
	return i.amountRemaining()
}

func (i *Invoice) render(a *Account, v Version) doc {
	out := doc{
		"id": i.ID, "object": "invoice", "account_country": "US", "account_name": nil, "account_tax_ids": nil,
		"amount_due": i.amountDue(), "amount_paid": i.AmountPaid, "amount_remaining": i.amountRemaining(),
		"amount_shipping": 0, "application": nil, "attempt_count": i.AttemptCount, "attempted": i.AttemptCount > 0,
		"auto_advance": i.advances(), "billing_reason": i.BillingReason,
		"automatic_tax":     doc{"enabled": false, "liability": nil, "status": nil},
		"collection_method": "charge_automatically", "created": i.Created, "currency": i.Currency,
		"custom_fields": nil, "customer": i.Customer, "customer_address": nil, "customer_email": nil,
		"customer_name": nil, "customer_phone": nil, "customer_shipping": nil, "customer_tax_exempt": "none",
		"customer_tax_ids": []doc{}, "default_payment_method": nil, "default_source": nil, "default_tax_rates": []doc{},
		"description": nil, "discounts": []string{}, "due_date": nil, "effective_at": timeOrNull(i.FinalizedAt),
		"ending_balance": i.endingBalance(), "footer": nil, "from_invoice": nil, "hosted_invoice_url": i.url(a), "invoice_pdf": nil,
		"issuer": doc{"type": "self"}, "last_finalization_error": nil, "latest_revision": nil,
		"lines": i.linesDoc(a, v), "livemode": a.Livemode, "metadata": metadataDoc(i.Metadata),
		"next_payment_attempt": timeOrNull(i.NextPaymentAttempt),
		"number":               orNull(i.Number), "on_behalf_of": nil, "payment_settings": doc{
			"default_mandate": nil, "payment_method_options": nil, "payment_method_types": nil,
		},
		"period_end": i.PeriodEnd, "period_start": i.PeriodStart, "post_payment_credit_notes_amount": 0,
		"pre_payment_credit_notes_amount": 0, "receipt_number": nil, "rendering": nil, "shipping_cost": nil,
		"shipping_details": nil, "starting_balance": i.StartingBalance, "statement_descriptor": nil, "status": i.Status,
		"status_transitions": doc{
			"finalized_at":            timeOrNull(i.FinalizedAt),
			"marked_uncollectible_at": timeOrNull(i.MarkedUncollectibleAt),
			"paid_at":                 timeOrNull(i.PaidAt), "voided_at": timeOrNull(i.VoidedAt),
		},
		"subtotal": i.Total, "subtotal_excluding_tax": i.Total, "test_clock": nil, "total": i.Total,
		"total_discount_amounts": []doc{}, "total_excluding_tax": i.Total, "webhooks_delivered_at": nil,
	}
	if c, ok := find[*Customer](a, i.Customer); ok {
		out["customer_email"], out["customer_name"] = orNull(c.Email), orNull(c.Name)
	}
	if v.since(VersionBasil) {
		i.basil(a, v, out)
	} else {
		i.classic(a, out)
	}
	return out
}

// advances reports whether the invoice goes on by itself.
func (i *Invoice) advances() bool {
	return i.Status == "draft" && i.finalizeAt != 0 || i.Status == "open" && i.NextPaymentAttempt != 0
}

// url is that of the hosted page, which only a finalized invoice has.
func (i *Invoice) url(a *Account) any {
	if i.path == "" {
		return nil
	}
	return a.srv.URL + i.path
}

// endingBalance is known once the invoice is finalized.
func (i *Invoice) endingBalance() any {
	if i.Status == "draft" {
		return nil
	}
	return i.EndingBalance
}

// classic adds what an invoice had before basil.
func (i *Invoice) classic(a *Account, out doc) {
	maps.Copy(out, doc{
		"application_fee_amount": nil, "charge": orNull(i.Charge), "discount": nil, "paid": i.Status == "paid",
		"paid_out_of_band": i.PaidOutOfBand, "payment_intent": orNull(i.PaymentIntent), "quote": nil,
		"subscription": orNull(i.Subscription), "subscription_details": doc{"metadata": nil}, "tax": nil,
		"total_tax_amounts": []doc{}, "transfer_data": nil,
	})
	if a.srv.opts.NullPaymentIntents {
		out["charge"], out["payment_intent"] = nil, nil
	}
	if i.Subscription != "" {
		out["subscription_details"] = doc{"metadata": metadataDoc(i.SubscriptionMetadata)}
	}
}

// basil adds what an invoice has since basil.
func (i *Invoice) basil(a *Account, v Version, out doc) {
	maps.Copy(out, doc{
		"amount_paid": i.AmountPaid + i.paidElsewhere(), "amount_remaining": i.amountRemaining() - i.paidElsewhere(),
		"amount_overpaid": 0, "automatically_finalizes_at": nil, "parent": nil,
		"total_pretax_credit_amounts": []doc{},
		"total_taxes":                 []doc{},
	})
	if i.Subscription != "" {
		out["parent"] = doc{
			"quote_details": nil, "type": "subscription_details", "subscription_details": doc{
				"metadata": metadataDoc(i.SubscriptionMetadata), "subscription": i.Subscription,
			},
		}
	}
	if v.since(VersionDahlia) {
		out["amount_paid_off_stripe"] = i.paidElsewhere()
	}
	if a.srv.opts.InvoicePayments {
		out["payments"] = a.invoicePaymentsDoc(i)
	}
}

func invoiceOperations() []operation {
	return []operation{
		{"GET", "/v1/invoices", listParams().with(fields{
			"customer": text, "subscription": text, "created": timeRange, "due_date": unsupported,
			"status":            oneOf("draft", "open", "paid", "uncollectible", "void"),
			"collection_method": oneOf("charge_automatically", "send_invoice"),
		}), listInvoices},
		{"GET", "/v1/invoices/upcoming", upcomingParams(), upcomingInvoice},
		{"GET", "/v1/invoices/upcoming/lines", upcomingParams().with(listParams()), upcomingLines},
		{"POST", "/v1/invoices", createInvoiceParams(), createInvoice},
		{"POST", "/v1/invoices/{id}", fields{"auto_advance": boolean, "metadata": metadata}, onInvoice(updateInvoice)},
		{"POST", "/v1/invoices/{id}/finalize", fields{"auto_advance": boolean}, onInvoice(finalizeInvoice)},
		{"GET", "/v1/invoices/{id}/lines", listParams(), onInvoice(func(a *Account, r *request, i *Invoice) (any, error) {
			return i.listLines(a, r)
		})},
		{"POST", "/v1/invoices/{id}/pay", fields{
			"payment_method": text, "off_session": boolean, "forgive": unsupported, "mandate": text.orEmpty(),
			"paid_out_of_band": boolean, "source": unsupported,
		}, payInvoice},
		{"POST", "/v1/invoices/{id}/void", fields{}, voidByCall},
		{"GET", "/v1/invoices/{id}", fields{}, retrieve[*Invoice]("invoice", "invoice")},
	}
}

func listInvoices(a *Account, r *request) (any, error) {
	p := r.params
	return listed(a, r, a.invoices, func(i *Invoice) bool {
		return p.wanted("customer", i.Customer) && p.wanted("subscription", i.Subscription) &&
			p.wanted("status", i.Status) && p.wanted("collection_method", "charge_automatically")
	})
}
