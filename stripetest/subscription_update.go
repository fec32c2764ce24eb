package stripetest

import "slices"

func subscriptionUpdateParams() fields {
	return fields{
		"items": hashes(fields{
			"id": text, "price": text, "quantity": integer, "deleted": boolean, "metadata": metadata,
			"billing_thresholds": unsupported, "clear_usage": unsupported, "price_data": unsupported,
			"tax_rates": unsupported,
		}),
		"cancel_at_period_end": boolean, "cancel_at": integer.orEmpty(), "metadata": metadata,
		"cancellation_details": cancellationDetails(), "description": text.orEmpty(),
		"default_payment_method": text.orEmpty(),
		"pause_collection": hash(fields{
			"behavior": oneOf("keep_as_draft", "mark_uncollectible", "void").must(), "resumes_at": integer,
		}).orEmpty(),
		"proration_behavior": oneOf("always_invoice", "create_prorations", "none"), "proration_date": integer,
		"payment_behavior": oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"),
		"payment_settings": paymentSettings(), "off_session": boolean, "trial_settings": trialSettings(),
		"invoice_settings":  hash(fields{"account_tax_ids": texts.orEmpty(), "issuer": issuer()}),
		"collection_method": oneOf("charge_automatically"), "add_invoice_items": unsupported,
		"application_fee_percent": unsupported, "automatic_tax": unsupported, "billing_cycle_anchor": unsupported,
		"billing_thresholds": unsupported, "coupon": unsupported, "days_until_due": unsupported,
		"default_source": unsupported, "default_tax_rates": unsupported, "on_behalf_of": unsupported,
		"pending_invoice_item_interval": unsupported, "promotion_code": unsupported, "transfer_data": unsupported,
		"trial_end": unsupported, "trial_from_plan": unsupported,
	}
}

func updateSubscription(a *Account, r *request, s *Subscription) (any, error) {
	p := r.params
	if err := a.checkUpdate(s, p); err != nil {
		return nil, err
	}
	items, err := a.updatedItems(s, p.list("items"), "items")
	if err != nil {
		return nil, err
	}
	rev, refusal := a.revise(s, items, p.str("proration_behavior"), p.num("proration_date"), "proration_date")
	if refusal != nil {
		return nil, refusal
	}
	behavior := p.str("payment_behavior")
	if rev.bill && a.paymentFails(s, rev) {
		switch behavior {
		case "error_if_incomplete":
			return nil, a.cardOf(s).refusal()
		case "pending_if_incomplete":
			a.suspend(s, rev)
			return s.render(a, apiVersion), nil
		}
	}
	if p.has("items") {
		a.dropPendingUpdate(s) // a newer change takes its place
	}
	a.carryOut(s, rev, behavior, func() { a.fillSubscription(s, p) })
	return s.render(a, apiVersion), nil
}

// fillSubscription sets what an update says apart from the items.
func (a *Account) fillSubscription(s *Subscription, p *params) {
	p.set("description", &s.Description)
	p.set("default_payment_method", &s.DefaultPaymentMethod)
	p.cancellationDetails(s)
	s.Metadata = p.mergeMetadata(s.Metadata, "metadata")
	if p.has("trial_settings") {
		s.MissingPaymentMethod = p.trialEnd("trial_settings")
	}
	if p.has("pause_collection") {
		s.PauseCollection = p.str("pause_collection", "behavior")
		s.resumesAt = p.num("pause_collection", "resumes_at")
	}
	if p.has("cancel_at_period_end") {
		a.scheduleAtPeriodEnd(s, p.truth("cancel_at_period_end"))
	}
	if p.has("cancel_at") {
		a.scheduleAt(s, p.num("cancel_at"))
	}
}

// carryOut makes a revision true and bills it. also is what else changes about the subscription at the same time.
func (a *Account) carryOut(s *Subscription, rev *revision, behavior string, also func()) {
	invoice := a.bill(s, rev)
	a.change("customer.subscription.updated", s, func() {
		s.take(rev.after)
		if invoice != nil {
			s.LatestInvoice = invoice.ID
		}
		also()
	})
	switch {
	case invoice == nil:
	case behavior == "default_incomplete" && s.PauseCollection == "" && invoice.amountDue() > 0:
		a.open(invoice) // and wait until somebody pays it
		a.intentOf(invoice)
		a.change("customer.subscription.updated", s, func() { s.Status = "past_due" })
	default:
		a.finalize(invoice)
	}
}

// bill files the prorations of a revision and, when one is due now, its invoice; else it returns nil.
func (a *Account) bill(s *Subscription, rev *revision) *Invoice {
	for _, item := range rev.prorations {
		insert(a, &a.invoiceItems, item)
		a.emit("invoiceitem.created", item)
	}
	rev.prorations = nil // they are among the pending ones now
	if !rev.bill {
		return nil
	}
	draft, items := a.immediateInvoice(s, rev)
	return a.fileInvoice(draft, items)
}

// take replaces the items and the period by those of a revision.
func (s *Subscription) take(after *Subscription) {
	s.Items, s.BillingCycleAnchor = after.Items, after.BillingCycleAnchor
	s.CurrentPeriodStart, s.CurrentPeriodEnd, s.CancelAt = after.CurrentPeriodStart, after.CurrentPeriodEnd, after.CancelAt
}

func (a *Account) checkUpdate(s *Subscription, p *params) error {
	if s.ended() && slices.ContainsFunc(p.names, changesBilling) {
		return refuse("", "", "A canceled subscription can only update its cancellation_details and metadata.")
	}
	if s.Status == "incomplete" && slices.ContainsFunc(p.names, changesBilling) {
		// "A subscription in this status can only have metadata and default_source updated"
		// (https://docs.stripe.com/api/subscriptions/object#subscription_object-status).
		return refuse("", "", "A subscription that is incomplete can only have its metadata and default source updated.")
	}
	if err := checkSchedule(s, p); err != nil {
		return err
	}
	if at := p.num("pause_collection", "resumes_at"); at != 0 && at <= a.srv.now() {
		return refuse("pause_collection[resumes_at]", "", "The `resumes_at` timestamp must be in the future.")
	}
	if p.has("cancel_at") && p.has("cancel_at_period_end") {
		return refuse("cancel_at", "", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
	}
	if at := p.num("cancel_at"); at != 0 && at <= a.srv.now() {
		return refuse("cancel_at", "", "The `cancel_at` timestamp must be in the future.")
	}
	if err := checkPending(p); err != nil {
		return err
	}
	return a.checkMethod(s, p)
}

// changesBilling reports whether a parameter is more than a remark, and so too early or too late for some subscriptions.
func changesBilling(name string) bool {
	return name != "metadata" && name != "cancellation_details" && name != "expand"
}
