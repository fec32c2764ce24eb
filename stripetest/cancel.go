package stripetest

import (
	"fmt"
	"slices"
)

func cancelSubscription(a *Account, r *request, s *Subscription) (any, error) {
	if s.ended() {
		return nil, missing("subscription", s.ID, "id")
	}
	r.params.cancellationDetails(s)
	a.cancelNow(s, r.params.truth("prorate"), r.params.truth("invoice_now"))
	return s.render(a, apiVersion), nil
}

// cancelNow is an immediate cancellation: "upon subscription cancellation, Stripe stops automatic collection of all finalized
// invoices for the customer" (https://docs.stripe.com/api/subscriptions/cancel). Of what is pending the page of this API
// version says that it is removed, newer ones that it is only with certain parameters: here it is, unless it is invoiced now
// or [Options.KeepPending] is set.
func (a *Account) cancelNow(s *Subscription, prorate, invoiceNow bool) {
	s.CancellationReason = "cancellation_requested"
	now, paid := a.srv.now(), s.Status == "active" || s.Status == "past_due"
	if prorate && paid {
		for _, item := range a.prorate(s, nil, now, true) {
			insert(a, &a.invoiceItems, item)
			a.emit("invoiceitem.created", item)
		}
	}
	pending := a.pendingItems(s)
	a.endSubscription(s, now)
	for _, i := range a.invoices {
		if i.Customer == s.Customer && i.Status == "open" {
			a.setAutoAdvance(i, false)
		}
	}
	switch {
	case len(pending) == 0:
	case invoiceNow:
		invoice := a.fileInvoice(a.draft(s, "manual", pending, nil), pending)
		s.LatestInvoice = invoice.ID
		a.finalize(invoice)
	case a.srv.opts.KeepPending:
	default:
		for _, item := range pending {
			a.emit("invoiceitem.deleted", item)
			delete(a.objects, item.ID)
		}
		a.invoiceItems = slices.DeleteFunc(a.invoiceItems, func(i *InvoiceItem) bool { return slices.Contains(pending, i) })
	}
}

func (p *params) cancellationDetails(s *Subscription) {
	p.get("cancellation_details").set("feedback", &s.feedback)
	p.get("cancellation_details").set("comment", &s.comment)
}

// endSubscription ends a subscription at once, whatever was scheduled. One that was never paid becomes
// incomplete_expired instead of canceled, unless [Options.CanceledIncomplete] is set. What is open of it is not collected any
// more.
func (a *Account) endSubscription(s *Subscription, at int64) {
	if s.Status == "incomplete" && !a.srv.opts.CanceledIncomplete {
		a.expireIncomplete(s)
		return
	}
	scheduled := s.CancelAt != 0 && s.CancelAt <= at
	if !scheduled {
		s.CancelAtPeriodEnd, s.CancelAt, s.CanceledAt = false, 0, at
	}
	a.dropPendingUpdate(s)
	for _, i := range a.invoices {
		if i.Subscription == s.ID {
			i.NextPaymentAttempt, i.finalizeAt = 0, 0
		}
	}
	s.Status, s.EndedAt = "canceled", at
	a.emit("customer.subscription.deleted", s)
}

// endOnSchedule is the time of cancel_at. Prorations that wait for an invoice get a last one.
func (a *Account) endOnSchedule(s *Subscription) {
	pending := a.pendingItems(s)
	a.endSubscription(s, s.CancelAt)
	if len(pending) == 0 || s.Status != "canceled" {
		return
	}
	invoice := a.fileInvoice(a.draft(s, "subscription_cycle", pending, nil), pending)
	s.LatestInvoice = invoice.ID
	a.finalize(invoice)
}

// expireIncomplete is the end of a subscription whose first payment has not come. Events of Stripe that were made public show
// its time as canceled_at too, with no reason for a cancellation, whether somebody cancelled it
// (https://github.com/pay-rails/pay/issues/91) or the 23 hours were over.
func (a *Account) expireIncomplete(s *Subscription) {
	if invoice, ok := find[*Invoice](a, s.LatestInvoice); ok && a.refuseVoid(invoice) == nil {
		a.voidInvoice(invoice)
	}
	a.change("customer.subscription.updated", s, func() {
		s.Status, s.CanceledAt, s.EndedAt = "incomplete_expired", a.srv.now(), a.srv.now()
	})
}

// scheduleAtPeriodEnd sets or takes back the flag. Taking it back leaves a cancel_at that was set on its own alone.
func (a *Account) scheduleAtPeriodEnd(s *Subscription, on bool) {
	switch {
	case on:
		s.CancelAtPeriodEnd, s.CancelAt, s.CanceledAt = true, s.CurrentPeriodEnd, a.srv.now()
		s.CancellationReason = "cancellation_requested"
	case s.CancelAtPeriodEnd:
		s.CancelAtPeriodEnd, s.CancelAt, s.CanceledAt, s.CancellationReason = false, 0, 0, ""
	}
}

// scheduleAt sets cancel_at, 0 to take it back; the flag is off either way.
func (a *Account) scheduleAt(s *Subscription, at int64) {
	s.CancelAtPeriodEnd, s.CancelAt = false, at
	s.CanceledAt, s.CancellationReason = 0, ""
	if at != 0 {
		s.CanceledAt, s.CancellationReason = a.srv.now(), "cancellation_requested"
	}
}

// checkSchedule refuses what a subscription schedule decides about a subscription that it runs.
func checkSchedule(s *Subscription, p *params) *apiError {
	if s.Schedule == "" || !p.has("cancel_at") && !p.has("cancel_at_period_end") {
		return nil
	}
	return refuse("", "", "%s", fmt.Sprintf("The subscription is managed by the subscription schedule `%s`, and updating any "+
		"cancelation behavior directly is not allowed. Please update the schedule instead.", s.Schedule))
}
