package stripetest

// trialNotice is how long before a trial's end Stripe tells about it, in seconds.
const trialNotice = 3 * day

// renew begins the next period of a subscription and invoices it, with what is pending. It is also the end of a trial.
func (a *Account) renew(s *Subscription) {
	if s.Status == "trialing" && a.cardOf(s) == nil && a.endTrial(s) {
		return
	}
	next := a.nextPeriod(s)
	pending := a.pendingItems(s)
	invoice := a.draft(s, "subscription_cycle", pending, a.periodLines(next))
	a.fileInvoice(invoice, pending)
	a.change("customer.subscription.updated", s, func() {
		s.CurrentPeriodStart, s.CurrentPeriodEnd, s.LatestInvoice = next.CurrentPeriodStart, next.CurrentPeriodEnd, invoice.ID
		if s.Status == "trialing" {
			s.Status = "active"
		}
	})
	delay := int64(a.srv.opts.DraftTime.Seconds())
	switch {
	case s.Status == "unpaid": // the invoices of an unpaid subscription stay drafts
	case delay > 0:
		invoice.finalizeAt = a.srv.now() + delay
	default:
		a.finalize(invoice)
	}
}

// nextPeriod is a copy of a subscription in its next period.
func (a *Account) nextPeriod(s *Subscription) *Subscription {
	next := s.clone()
	next.CurrentPeriodStart = s.CurrentPeriodEnd
	if price, ok := find[*Price](a, s.Items[0].Price); ok {
		next.CurrentPeriodEnd = price.periodEnd(s.BillingCycleAnchor, s.CurrentPeriodEnd)
	}
	return &next
}

// periodLines bills the items of a subscription for its current period.
func (a *Account) periodLines(s *Subscription) []InvoiceLine {
	var lines []InvoiceLine
	for _, item := range s.Items {
		if line, ok := a.itemLine(s, item); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

// endTrial is the end of a trial without a payment method, and reports whether nothing is to be invoiced. See
// https://docs.stripe.com/billing/subscriptions/trials#create-free-trials-without-payment.
func (a *Account) endTrial(s *Subscription) bool {
	switch s.MissingPaymentMethod {
	case "cancel":
		a.endSubscription(s, a.srv.now())
	case "pause":
		a.setStatus(s, "paused")
	default:
		return false
	}
	return true
}

func (a *Account) announceTrialEnd(s *Subscription) {
	s.trialEndTold = true
	a.emit("customer.subscription.trial_will_end", s)
}

func (a *Account) resumeCollection(s *Subscription) { a.pauseCollection(s, "", 0) }

// pauseCollection pauses the collection of invoices until a time, 0 for no end; an empty behavior resumes it.
func (a *Account) pauseCollection(s *Subscription, behavior string, until int64) {
	a.change("customer.subscription.updated", s, func() { s.PauseCollection, s.resumesAt = behavior, until })
}
