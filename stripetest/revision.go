package stripetest

import (
	"fmt"
	"slices"
	"time"
)

// revision is a change of a subscription's items with all that it costs. The same one is shown by an upcoming invoice and
// carried out by an update. See https://docs.stripe.com/billing/subscriptions/prorations.
type revision struct {
	after      *Subscription  // a copy with the change
	prorations []*InvoiceItem // not filed yet
	restart    bool           // a new period begins now
	bill       bool           // an invoice is due now
}

// revise works a change of items out. The behavior is Stripe's proration_behavior, at the proration_date or 0 for now;
// param is that date's name in a refusal.
func (a *Account) revise(
	s *Subscription, items []SubscriptionItem, behavior string, at int64, param string,
) (*revision, *apiError) {
	if at == 0 {
		at = a.srv.now()
	} else if at < s.CurrentPeriodStart || at > s.CurrentPeriodEnd {
		return nil, refuse(param, "", "Cannot specify a proration date outside of the current period (%d to %d).",
			s.CurrentPeriodStart, s.CurrentPeriodEnd)
	}
	after := s.clone()
	after.Items = items
	r := &revision{after: &after, restart: a.restarts(s, items)}
	if s.Status != "trialing" && behavior != "none" {
		r.prorations = a.prorate(s, items, at, r.restart)
	}
	if r.restart {
		after.restart(a, a.srv.now())
	}
	r.bill = r.restart || behavior == "always_invoice" && len(r.prorations) > 0
	return r, nil
}

// restarts reports whether a change begins a new period at once: another interval, or something to pay after nothing.
func (a *Account) restarts(s *Subscription, items []SubscriptionItem) bool {
	before, ok1 := find[*Price](a, s.Items[0].Price)
	after, ok2 := find[*Price](a, items[0].Price)
	if !ok1 || !ok2 || s.Status == "trialing" {
		return false
	}
	return !before.sameInterval(after) || a.worth(s.Items) == 0 && a.worth(items) > 0
}

// worth is what items cost in a period.
func (a *Account) worth(items []SubscriptionItem) int64 {
	var sum int64
	for _, item := range items {
		if price, ok := find[*Price](a, item.Price); ok {
			sum += price.UnitAmount * item.Quantity
		}
	}
	return sum
}

// restart begins a new period; a cancellation at the period's end moves with it.
func (s *Subscription) restart(a *Account, now int64) {
	s.BillingCycleAnchor, s.CurrentPeriodStart = now, now
	if price, ok := find[*Price](a, s.Items[0].Price); ok {
		s.CurrentPeriodEnd = price.after(now)
	}
	if s.CancelAtPeriodEnd {
		s.CancelAt = s.CurrentPeriodEnd
	}
}

// prorate credits the rest of the period of what goes, and then charges it for what comes. When the period starts anew,
// all goes, and what comes is billed in full.
func (a *Account) prorate(s *Subscription, items []SubscriptionItem, at int64, restart bool) []*InvoiceItem {
	var out []*InvoiceItem
	for _, old := range s.Items {
		if restart || !slices.ContainsFunc(items, old.costsAs) {
			out = append(out, a.proration(s, old, at, -1, "Unused"))
		}
	}
	if restart {
		return out
	}
	for _, item := range items {
		if !slices.ContainsFunc(s.Items, item.costsAs) {
			out = append(out, a.proration(s, item, at, 1, "Remaining"))
		}
	}
	return out
}

// costsAs reports whether two items are the same one with the same price and quantity.
func (i SubscriptionItem) costsAs(other SubscriptionItem) bool {
	return i.ID == other.ID && i.Price == other.Price && i.Quantity == other.Quantity
}

// proration is an item's price for the rest of the period, to the second, rounded to the currency's smallest unit.
func (a *Account) proration(s *Subscription, item SubscriptionItem, at, sign int64, what string) *InvoiceItem {
	out := &InvoiceItem{
		ID: newID("ii_"), Customer: s.Customer, Subscription: s.ID, SubscriptionItem: item.ID, Price: item.Price,
		Currency: s.Currency, Quantity: item.Quantity, PeriodStart: at, PeriodEnd: s.CurrentPeriodEnd,
		Created: a.srv.now(), Metadata: metadataDoc(s.Metadata),
	}
	price, ok := find[*Price](a, item.Price)
	if !ok {
		return out
	}
	name := a.productName(price)
	if item.Quantity != 1 {
		name = fmt.Sprintf("%d × %s", item.Quantity, name)
	}
	out.Description = fmt.Sprintf("%s time on %s after %s", what, name, time.Unix(at, 0).UTC().Format("02 Jan 2006"))
	out.Amount = sign * share(price.UnitAmount*item.Quantity, s.CurrentPeriodEnd-at, s.CurrentPeriodEnd-s.CurrentPeriodStart)
	return out
}

// share is amount × part ÷ whole, rounded to the nearest unit, half a unit up.
func share(amount, part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	rest := amount % whole // divided first, so that large amounts do not overflow
	return amount/whole*part + (rest*part+whole/2)/whole
}

// immediateInvoice is what a revision that bills leads to, not filed: what was pending before, the prorations, and the new
// period when there is one.
func (a *Account) immediateInvoice(s *Subscription, r *revision) (invoice *Invoice, items []*InvoiceItem) {
	items = slices.Concat(a.pendingItems(s), r.prorations)
	var lines []InvoiceLine
	if r.restart {
		lines = a.periodLines(r.after)
	}
	return a.draft(r.after, "subscription_update", items, lines), items
}
