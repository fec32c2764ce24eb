package stripetest

import "slices"

// pendingLife is how long a pending update waits for its payment at most, in seconds.
const pendingLife = 23 * 60 * 60

// paymentFails reports whether the invoice of a revision would be left unpaid.
func (a *Account) paymentFails(s *Subscription, rev *revision) bool {
	invoice, _ := a.immediateInvoice(s, rev)
	if invoice.amountDue() == 0 || s.PauseCollection != "" {
		return false
	}
	card := a.cardOf(s)
	return card == nil || card.outcome() != paid
}

// suspend invoices a revision and lets it wait for the payment. See
// https://docs.stripe.com/billing/subscriptions/pending-updates.
func (a *Account) suspend(s *Subscription, rev *revision) {
	a.dropPendingUpdate(s)
	invoice := a.bill(s, rev)
	a.change("customer.subscription.updated", s, func() {
		s.LatestInvoice = invoice.ID
		s.PendingUpdate = &PendingUpdate{
			Items: rev.after.Items, Invoice: invoice.ID, restart: rev.restart,
			ExpiresAt: min(a.srv.now()+pendingLife, s.CurrentPeriodEnd),
		}
	})
	a.finalize(invoice)
}

// applyPendingUpdate is the payment of the invoice that it waited for.
func (a *Account) applyPendingUpdate(s *Subscription, invoice *Invoice) {
	pending := s.PendingUpdate
	a.change("customer.subscription.updated", s, func() {
		s.Items, s.PendingUpdate = pending.Items, nil
		if pending.restart {
			s.restart(a, invoice.Created)
		}
	})
	a.emit("customer.subscription.pending_update_applied", s)
}

func (a *Account) expirePendingUpdate(s *Subscription) {
	a.dropPendingUpdate(s)
	a.emit("customer.subscription.pending_update_expired", s)
}

// dropPendingUpdate forgets a change that was not paid for.
func (a *Account) dropPendingUpdate(s *Subscription) {
	pending := s.PendingUpdate
	if pending == nil {
		return
	}
	if invoice, ok := find[*Invoice](a, pending.Invoice); ok && invoice.Status == "open" {
		a.voidInvoice(invoice)
	}
	a.change("customer.subscription.updated", s, func() { s.PendingUpdate = nil })
}

// checkPending refuses what cannot wait for a payment.
func checkPending(p *params) *apiError {
	if p.str("payment_behavior") != "pending_if_incomplete" {
		return nil
	}
	can := []string{"items", "payment_behavior", "proration_behavior", "proration_date", "expand"}
	for _, name := range p.names {
		if !slices.Contains(can, name) {
			return refuse(name, "", "You cannot use `%s` with `payment_behavior=pending_if_incomplete`.", name)
		}
	}
	return nil
}
