package stripetest

import (
	"net/http"
	"slices"
)

func upcomingParams() fields {
	return fields{
		"customer": text, "subscription": text,
		"subscription_items": hashes(fields{
			"id": text, "price": text, "quantity": integer, "deleted": boolean, "metadata": metadata,
			"billing_thresholds": unsupported, "clear_usage": unsupported, "price_data": unsupported,
			"tax_rates": unsupported,
		}),
		"subscription_proration_behavior": oneOf("always_invoice", "create_prorations", "none"),
		"subscription_proration_date":     integer, "automatic_tax": unsupported, "coupon": unsupported, "currency": unsupported,
		"customer_details": unsupported, "discounts": unsupported, "invoice_items": unsupported, "issuer": issuer(),
		"on_behalf_of": unsupported, "schedule": unsupported, "subscription_billing_cycle_anchor": unsupported,
		"subscription_cancel_at": unsupported, "subscription_cancel_at_period_end": unsupported,
		"subscription_cancel_now": unsupported, "subscription_default_tax_rates": unsupported,
		"subscription_resume_at": unsupported, "subscription_start_date": unsupported,
		"subscription_trial_end": unsupported, "subscription_trial_from_plan": unsupported,
	}
}

// upcomingInvoice is https://docs.stripe.com/api/invoices/upcoming at 2023-10-16: the next invoice of a subscription,
// which with always_invoice or another interval is the one that the change itself would lead to.
func upcomingInvoice(a *Account, r *request) (any, error) {
	invoice, rev, err := a.upcoming(r.params)
	if err != nil {
		return nil, err
	}
	out := invoice.render(a, apiVersion)
	delete(out, "id") // an upcoming invoice has none
	out["ending_balance"] = min(0, invoice.Total+invoice.StartingBalance)
	out["billing_reason"], out["next_payment_attempt"] = "upcoming", invoice.Created
	if len(rev.prorations) > 0 {
		out["subscription_proration_date"] = rev.prorations[0].PeriodStart
	}
	return out, nil
}

// upcomingLines is https://docs.stripe.com/api/invoices/upcoming_invoice_lines.
func upcomingLines(a *Account, r *request) (any, error) {
	invoice, _, err := a.upcoming(r.params)
	if err != nil {
		return nil, err
	}
	return invoice.listLines(a, r)
}

func (a *Account) upcoming(p *params) (*Invoice, *revision, error) {
	s, err := a.upcomingSubscription(p)
	if err != nil {
		return nil, nil, err
	}
	items, err := a.updatedItems(s, p.list("subscription_items"), "subscription_items")
	if err != nil {
		return nil, nil, err
	}
	date := p.num("subscription_proration_date")
	rev, refusal := a.revise(s, items, p.str("subscription_proration_behavior"), date, "subscription_proration_date")
	if refusal != nil {
		return nil, nil, refusal
	}
	invoice, ok := a.preview(s, rev)
	if !ok {
		return nil, nil, noUpcoming(s.Customer)
	}
	for n := range invoice.Lines { // every call has others, so that a page can't be asked for by one of an earlier call
		invoice.Lines[n].ID = newID("il_tmp_") // https://github.com/stripe/stripe-node/issues/2518
	}
	return invoice, rev, nil
}

// upcomingSubscription finds the subscription that is asked about: by its id, or the customer's that renews first.
func (a *Account) upcomingSubscription(p *params) (*Subscription, error) {
	customer, id := p.str("customer"), p.str("subscription")
	if customer == "" && id == "" {
		return nil, refuse("", "", "You must specify a customer or a subscription to preview an invoice of.")
	}
	if _, ok := a.customer(customer); customer != "" && !ok {
		return nil, missing("customer", customer, "customer")
	}
	if id == "" {
		if s := a.nextToRenew(customer); s != nil {
			return s, nil
		}
		return nil, noUpcoming(customer)
	}
	s, ok := find[*Subscription](a, id)
	switch {
	case !ok || customer != "" && s.Customer != customer:
		return nil, missing("subscription", id, "subscription")
	case s.ended():
		return nil, noUpcoming(s.Customer)
	}
	return s, nil
}

func (a *Account) nextToRenew(customer string) *Subscription {
	var first *Subscription
	for _, s := range a.subscriptions {
		if s.Customer == customer && !s.ended() && (first == nil || s.CurrentPeriodEnd < first.CurrentPeriodEnd) {
			first = s
		}
	}
	return first
}

// preview is the invoice that comes next with a revision, and whether there is one.
func (a *Account) preview(s *Subscription, rev *revision) (*Invoice, bool) {
	if rev.bill {
		invoice, _ := a.immediateInvoice(s, rev)
		return invoice, true
	}
	items := slices.Concat(a.pendingItems(s), rev.prorations)
	var lines []InvoiceLine
	if ending := s.CancelAt != 0 && s.CancelAt <= s.CurrentPeriodEnd; !ending {
		lines = a.periodLines(a.nextPeriod(rev.after))
	}
	invoice := a.draft(rev.after, "upcoming", items, lines)
	invoice.Created = s.CurrentPeriodEnd
	return invoice, len(invoice.Lines) > 0
}

func noUpcoming(customer string) *apiError {
	err := refuse("", "invoice_upcoming_none", "No upcoming invoices for customer: %s", customer)
	err.status = http.StatusNotFound
	return err
}
