package stripetest

// draftLife is how long a draft waits until Stripe finalizes it, in seconds
// (https://docs.stripe.com/invoicing/integration/automatic-advancement-collection).
const draftLife = 60 * 60

func createInvoiceParams() fields {
	return fields{
		"customer": text.must(), "subscription": text.must(), "pending_invoice_items_behavior": oneOf("include").must(),
		"auto_advance": boolean, "metadata": metadata, "collection_method": oneOf("charge_automatically"),
	}
}

// createInvoice is https://docs.stripe.com/api/invoices/create for what a subscription has pending: "if set, the created invoice
// will only include pending invoice items for that subscription". Without any it is refused
// (https://docs.stripe.com/error-codes#invoice-no-subscription-line-items).
func createInvoice(a *Account, r *request) (any, error) {
	p := r.params
	s, ok := find[*Subscription](a, p.str("subscription"))
	if !ok || s.Customer != p.str("customer") {
		return nil, missingParam("subscription", p.str("subscription"), "subscription")
	}
	items := a.pendingItems(s)
	if len(items) == 0 {
		return nil, refuse("", "invoice_no_subscription_line_items", "Nothing to invoice for subscription")
	}
	invoice := a.draft(s, "manual", items, nil)
	invoice.Metadata = p.mergeMetadata(nil, "metadata")
	if p.truth("auto_advance") {
		invoice.finalizeAt = a.srv.now() + draftLife
	}
	return a.fileInvoice(invoice, items).render(a, apiVersion), nil
}

// onInvoice looks up the invoice of the path before f runs.
func onInvoice(f func(*Account, *request, *Invoice) (any, error)) func(*Account, *request) (any, error) {
	return func(a *Account, r *request) (any, error) {
		i, ok := find[*Invoice](a, r.id())
		if !ok {
			return nil, missing("invoice", r.id(), "invoice")
		}
		return f(a, r, i)
	}
}

func updateInvoice(a *Account, r *request, i *Invoice) (any, error) {
	p := r.params
	a.change("invoice.updated", i, func() {
		i.Metadata = p.mergeMetadata(i.Metadata, "metadata")
		if p.has("auto_advance") {
			a.setAutoAdvance(i, p.truth("auto_advance"))
		}
	})
	return i.render(a, apiVersion), nil
}

// finalizeInvoice is https://docs.stripe.com/api/invoices/finalize: the payment is tried later.
func finalizeInvoice(a *Account, r *request, i *Invoice) (any, error) {
	if i.Status != "draft" {
		return nil, refuse("", "invoice_not_editable", "This invoice is already finalized, you can't re-finalize a non-draft invoice.")
	}
	advance := i.advances()
	if r.params.has("auto_advance") {
		advance = r.params.truth("auto_advance")
	}
	a.open(i)
	if i.amountDue() == 0 {
		a.markPaid(i)
	} else if advance {
		i.NextPaymentAttempt = a.srv.now() + draftLife
	}
	return i.render(a, apiVersion), nil
}

// setAutoAdvance lets an invoice go on by itself, or not; one that has come to an end never does.
func (a *Account) setAutoAdvance(i *Invoice, on bool) {
	at := &i.NextPaymentAttempt
	switch i.Status {
	case "draft":
		at = &i.finalizeAt
	case "open":
	default:
		return
	}
	switch {
	case on && *at == 0:
		*at = max(i.advanceAt, a.srv.now())
	case !on && *at != 0:
		i.advanceAt, *at = *at, 0
	}
}
