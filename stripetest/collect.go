package stripetest

import "time"

// draft makes an invoice of a subscription, with what was pending and then the given lines, without filing it.
func (a *Account) draft(s *Subscription, reason string, items []*InvoiceItem, lines []InvoiceLine) *Invoice {
	i := &Invoice{
		ID: newID("in_"), Customer: s.Customer, Subscription: s.ID, Status: "draft", Currency: s.Currency,
		BillingReason: reason, PeriodStart: s.CurrentPeriodStart, PeriodEnd: s.CurrentPeriodEnd, Created: a.srv.now(),
		SubscriptionMetadata: metadataDoc(s.Metadata), StartingBalance: a.balance(s.Customer),
	}
	for _, item := range items {
		i.add(item.line())
	}
	for _, line := range lines {
		i.add(line)
	}
	return i
}

// fileInvoice files a draft that takes up items, and tells about it.
func (a *Account) fileInvoice(i *Invoice, items []*InvoiceItem) *Invoice {
	for _, item := range items {
		item.Invoice = i.ID
	}
	insert(a, &a.invoices, i)
	a.emit("invoice.created", i)
	return i
}

// balance is what a customer owes, or negative what the customer has to the good.
func (a *Account) balance(customerID string) int64 {
	if c, ok := find[*Customer](a, customerID); ok {
		return c.Balance
	}
	return 0
}

// setBalance changes a customer's balance, with an event when it is another one.
func (a *Account) setBalance(customerID string, balance int64) {
	if c, ok := a.customer(customerID); ok {
		a.change("customer.updated", c, func() { c.Balance = balance })
	}
}

// open finalizes an invoice: from now on it is numbered and does not change. The customer's credit pays for it, and a
// negative total becomes credit.
func (a *Account) open(i *Invoice) {
	i.Status, i.FinalizedAt, i.finalizeAt = "open", a.srv.now(), 0
	if c, ok := find[*Customer](a, i.Customer); ok {
		i.Number = c.nextInvoiceNumber()
	}
	i.StartingBalance = a.balance(i.Customer)
	i.EndingBalance = min(0, i.Total+i.StartingBalance)
	i.path = newID("/i/")
	a.emit("invoice.finalized", i)
	a.setBalance(i.Customer, i.EndingBalance)
}

// finalize opens a draft and collects it, unless the subscription's collection is paused.
func (a *Account) finalize(i *Invoice) {
	i.finalizeAt = 0
	behavior := ""
	if sub, ok := find[*Subscription](a, i.Subscription); ok {
		behavior = sub.PauseCollection
		i.SubscriptionMetadata = metadataDoc(sub.Metadata)
	}
	if behavior == "keep_as_draft" {
		return
	}
	a.open(i)
	switch behavior {
	case "void":
		a.voidInvoice(i)
	case "mark_uncollectible":
		i.Status, i.MarkedUncollectibleAt = "uncollectible", a.srv.now()
		a.emit("invoice.marked_uncollectible", i)
	default:
		a.collect(i)
	}
}

// collect tries to get the money for an open invoice, as Stripe does by itself. After a failure the next try is set.
func (a *Account) collect(i *Invoice) {
	if i.amountDue() == 0 {
		a.markPaid(i)
		return
	}
	i.NextPaymentAttempt = a.nextTry(i)
	i.tries++
	a.try(i, a.cardFor(i))
	switch intent, ok := find[*PaymentIntent](a, i.PaymentIntent); {
	case i.Status != "open":
		return
	case ok && intent.Status == "processing":
		intent.collected = true
		return
	case ok && intent.Status == "requires_action":
		a.emit("invoice.payment_failed", i) // nobody is there to authenticate it
	}
	a.fallBehind(i)
}

// nextTry is when an invoice is tried again if this try fails; 0 for the last one. A pending update is not retried.
func (a *Account) nextTry(i *Invoice) int64 {
	s, ok := find[*Subscription](a, i.Subscription)
	retries := a.srv.opts.PaymentRetries
	if !ok || s.waitsFor(i) || i.tries >= len(retries) {
		return 0
	}
	return a.srv.now() + int64(retries[i.tries]/time.Second)
}

// waitsFor reports whether an invoice is that of a pending update.
func (s *Subscription) waitsFor(i *Invoice) bool {
	return s.PendingUpdate != nil && s.PendingUpdate.Invoice == i.ID
}

// try charges an open invoice once. Without a payment method there is nothing to charge.
func (a *Account) try(i *Invoice, method *PaymentMethod) {
	intent := a.intentOf(i)
	if method == nil {
		i.AttemptCount++
		a.emit("invoice.payment_failed", i)
		return
	}
	if method.Type != "card" && a.srv.opts.DebitTime > 0 {
		a.debit(i, intent, method)
		return
	}
	a.charge(intent, method, method.outcome(), method.declineCode)
}

// intentOf is the payment intent of an open invoice, made when it is needed first.
func (a *Account) intentOf(i *Invoice) *PaymentIntent {
	if intent, ok := find[*PaymentIntent](a, i.PaymentIntent); ok {
		return intent
	}
	description := "Subscription update"
	if i.BillingReason == "subscription_create" {
		description = "Subscription creation"
	}
	intent := a.newIntent(&PaymentIntent{
		Customer: i.Customer, Currency: i.Currency, Amount: i.amountRemaining(), Invoice: i.ID, Description: description,
	})
	i.PaymentIntent = intent.ID
	return intent
}

// fallBehind is what a failed payment does to the subscription: past_due, and after the last try what the options say.
func (a *Account) fallBehind(i *Invoice) {
	s, ok := find[*Subscription](a, i.Subscription)
	if !ok || s.ended() || s.Status == "incomplete" || s.waitsFor(i) {
		return
	}
	switch {
	case i.NextPaymentAttempt == 0 && a.srv.opts.AfterRetries == "canceled":
		s.CancellationReason = "payment_failed"
		a.endSubscription(s, a.srv.now())
	case i.NextPaymentAttempt == 0:
		a.change("customer.subscription.updated", s, func() { s.Status = a.srv.opts.AfterRetries })
	case s.LatestInvoice == i.ID && (s.Status == "active" || s.Status == "trialing"):
		a.change("customer.subscription.updated", s, func() { s.Status = "past_due" })
	}
}

// markPaid closes an open invoice for which all has been paid, and brings its subscription to life.
func (a *Account) markPaid(i *Invoice) {
	i.AmountPaid = i.amountDue()
	a.closePaid(i, "invoice.paid", "invoice.payment_succeeded")
}

// payOutOfBand closes an invoice that has been paid without Stripe: "invoice.payment_succeeded events are sent for successful
// invoice payments, but aren't sent when you mark an invoice as paid_out_of_band"
// (https://docs.stripe.com/invoicing/integration#handle-payment-events). Its own payment is given up.
func (a *Account) payOutOfBand(i *Invoice) *apiError {
	intent, ok := find[*PaymentIntent](a, i.PaymentIntent)
	switch {
	case i.Status != "open" && i.Status != "uncollectible":
		return refuse("", "", "Invoice is already %s", i.Status)
	case ok && a.onItsWay(intent):
		return refuse("", "", "A payment of this invoice is in progress.")
	case ok:
		a.giveUp(intent)
	}
	i.PaidOutOfBand = true
	a.closePaid(i, "invoice.paid")
	return nil
}

func (a *Account) closePaid(i *Invoice, events ...string) {
	i.Status, i.PaidAt, i.NextPaymentAttempt = "paid", a.srv.now(), 0
	for _, event := range events {
		a.emit(event, i)
	}
	s, ok := find[*Subscription](a, i.Subscription)
	if !ok || s.ended() {
		return
	}
	if s.waitsFor(i) {
		a.applyPendingUpdate(s, i)
	}
	if s.LatestInvoice == i.ID && (s.Status == "incomplete" || s.Status == "past_due" || s.Status == "unpaid") {
		a.change("customer.subscription.updated", s, func() { s.Status = s.startStatus(a.srv.now()) })
	}
}
