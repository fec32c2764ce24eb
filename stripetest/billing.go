package stripetest

import "fmt"

// newSubscription makes the subscription of a session with its first invoice, which is open or, with nothing due, still
// to be marked as paid. methodID is empty when the bank is going to decline.
func (a *Account) newSubscription(s *Session, customer *Customer, methodID string) *Subscription {
	now := a.srv.now()
	sub := &Subscription{
		ID: newID("sub_"), Customer: customer.ID, Currency: s.Currency, Status: "incomplete", Created: now,
		BillingCycleAnchor: now, CurrentPeriodStart: now, Description: s.description,
		DefaultPaymentMethod: methodID,
		Metadata:             metadataDoc(s.SubscriptionMetadata),
		MissingPaymentMethod: s.withoutMethod,
	}
	var once []LineItem
	for _, line := range s.LineItems {
		price, ok := find[*Price](a, line.Price)
		if !ok {
			continue
		}
		if !price.Recurring() {
			once = append(once, line)
			continue
		}
		sub.Items = append(sub.Items, SubscriptionItem{
			ID: newID("si_"), Price: price.ID, Quantity: line.Quantity, Created: now,
		})
		sub.CurrentPeriodEnd = price.after(now)
	}
	if s.TrialDays > 0 || s.trialEnd > 0 {
		sub.startTrial(now, s.trialEnd, s.TrialDays)
	}
	a.start(sub, customer, once)
	return sub
}

// startTrial begins a trial that ends at a time or, without one, after some days.
func (s *Subscription) startTrial(now, end, days int64) {
	if end == 0 {
		end = now + days*24*60*60
	}
	s.TrialStart, s.TrialEnd = now, end
	s.CurrentPeriodEnd, s.BillingCycleAnchor = end, end
}

// startStatus is the status of a subscription whose first invoice needs no more waiting.
func (s *Subscription) startStatus(now int64) string {
	if s.TrialEnd > now {
		return "trialing"
	}
	return "active"
}

// start files a subscription and its first invoice and tells about both.
func (a *Account) start(sub *Subscription, customer *Customer, once []LineItem) {
	invoice := a.firstInvoice(sub, once)
	sub.LatestInvoice = invoice.ID
	if invoice.amountDue() == 0 {
		sub.Status = sub.startStatus(a.srv.now())
	}
	insert(a, &a.subscriptions, sub)
	a.emit("customer.subscription.created", sub)
	insert(a, &a.invoices, invoice)
	a.emit("invoice.created", invoice)
	if customer.Currency == "" {
		a.change("customer.updated", customer, func() { customer.Currency = sub.Currency })
	}
	a.open(invoice)
}

// firstInvoice drafts the first invoice of a subscription: one period, or nothing during a trial, and one-off prices.
func (a *Account) firstInvoice(sub *Subscription, once []LineItem) *Invoice {
	now := a.srv.now()
	invoice := &Invoice{
		ID: newID("in_"), Customer: sub.Customer, Subscription: sub.ID, Status: "draft", Currency: sub.Currency,
		BillingReason: "subscription_create", PeriodStart: now, PeriodEnd: now, Created: now,
		SubscriptionMetadata: metadataDoc(sub.Metadata), StartingBalance: a.balance(sub.Customer),
	}
	for _, item := range sub.Items {
		if line, ok := a.itemLine(sub, item); ok {
			invoice.add(line)
		}
	}
	for _, line := range once {
		if price, ok := find[*Price](a, line.Price); ok {
			invoice.add(InvoiceLine{
				ID: newID("il_"), Price: price.ID, Quantity: line.Quantity, Amount: price.UnitAmount * line.Quantity,
				Description: a.productName(price), PeriodStart: now, PeriodEnd: now,
			})
		}
	}
	return invoice
}

// itemLine bills an item for the subscription's current period.
func (a *Account) itemLine(sub *Subscription, item SubscriptionItem) (InvoiceLine, bool) {
	price, ok := find[*Price](a, item.Price)
	if !ok {
		return InvoiceLine{}, false
	}
	line := InvoiceLine{
		ID: newID("il_"), Price: price.ID, SubscriptionItem: item.ID, Quantity: item.Quantity,
		Amount:      price.UnitAmount * item.Quantity,
		Description: fmt.Sprintf("%d × %s", item.Quantity, a.productName(price)),
		PeriodStart: sub.CurrentPeriodStart, PeriodEnd: sub.CurrentPeriodEnd, Metadata: metadataDoc(sub.Metadata),
	}
	if sub.TrialEnd > sub.CurrentPeriodStart {
		line.Amount, line.Description = 0, "Trial period for "+a.productName(price)
	}
	return line, true
}

func (i *Invoice) add(line InvoiceLine) {
	i.Lines = append(i.Lines, line)
	i.Total += line.Amount
}
