package stripetest

import (
	"fmt"
	"slices"
)

func subscriptionCreateParams() fields {
	return fields{
		"customer": text.must(), "items": hashes(fields{
			"price": text.must(), "quantity": integer, "metadata": metadata, "billing_thresholds": unsupported,
			"price_data": unsupported, "tax_rates": unsupported,
		}).must(),
		"trial_period_days": integer, "trial_end": field{kind: integer, enum: []string{"now"}}, "cancel_at": integer,
		"cancel_at_period_end": boolean, "metadata": metadata, "description": text, "default_payment_method": text,
		"collection_method": oneOf("charge_automatically"), "currency": text, "off_session": boolean,
		"payment_behavior":   oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete"),
		"payment_settings":   paymentSettings(),
		"proration_behavior": oneOf("always_invoice", "create_prorations", "none"), "trial_settings": trialSettings(),
		"invoice_settings":  hash(fields{"account_tax_ids": texts.orEmpty(), "issuer": issuer()}),
		"add_invoice_items": unsupported, "application_fee_percent": unsupported, "automatic_tax": unsupported,
		"backdate_start_date": unsupported, "billing_cycle_anchor": unsupported, "billing_cycle_anchor_config": unsupported,
		"billing_thresholds": unsupported, "coupon": unsupported, "days_until_due": unsupported, "default_source": unsupported,
		"default_tax_rates": unsupported, "on_behalf_of": unsupported, "pending_invoice_item_interval": unsupported,
		"promotion_code": unsupported, "transfer_data": unsupported, "trial_from_plan": unsupported,
	}
}

// createSubscription is https://docs.stripe.com/api/subscriptions/create. The first invoice is charged at once, unless
// payment_behavior is default_incomplete.
func createSubscription(a *Account, r *request) (any, error) {
	p := r.params
	customer, ok := a.customer(p.str("customer"))
	if !ok {
		return nil, missingParam("customer", p.str("customer"), "customer")
	}
	now := a.srv.now()
	sub := &Subscription{
		ID: newID("sub_"), Customer: customer.ID, Status: "incomplete", Created: now, BillingCycleAnchor: now,
		CurrentPeriodStart: now, Description: p.str("description"), Metadata: p.mergeMetadata(nil, "metadata"),
		DefaultPaymentMethod: p.str("default_payment_method"), MissingPaymentMethod: p.trialEnd("trial_settings"),
	}
	if err := a.checkMethod(sub, p); err != nil {
		return nil, err
	}
	if err := a.firstItems(sub, p); err != nil {
		return nil, err
	}
	if err := a.checkCurrencies(sub.Customer, sub.Currency); err != nil {
		return nil, err
	}
	if err := a.setTerm(sub, p); err != nil {
		return nil, err
	}
	behavior, card := p.str("payment_behavior"), a.cardOf(sub)
	due := max(0, a.firstInvoice(sub, nil).Total+customer.Balance)
	if due > 0 && behavior != "default_incomplete" && (card == nil || card.outcome() != paid && behavior == "error_if_incomplete") {
		return nil, card.refusal()
	}
	a.start(sub, customer, nil)
	invoice, ok := find[*Invoice](a, sub.LatestInvoice)
	switch {
	case !ok:
		return nil, missing("invoice", sub.LatestInvoice, "invoice")
	case due == 0:
		a.markPaid(invoice)
	case behavior == "default_incomplete":
		a.intentOf(invoice) // for the client to confirm
	default:
		a.charge(a.intentOf(invoice), card, card.outcome(), card.declineCode)
	}
	return sub.render(a, apiVersion), nil
}

// firstItems gives a new subscription its items and their currency.
func (a *Account) firstItems(sub *Subscription, p *params) error {
	for i, item := range p.list("items") {
		at := fmt.Sprintf("items[%d]", i)
		price, ok := find[*Price](a, item.str("price"))
		if ok && sub.Currency == "" {
			sub.Currency = price.Currency
			sub.CurrentPeriodEnd = price.after(sub.CurrentPeriodStart)
		}
		if err := a.checkItemPrice(sub, item.str("price"), at+"[price]"); err != nil {
			return err
		}
		if slices.ContainsFunc(sub.Items, func(other SubscriptionItem) bool { return other.Price == price.ID }) {
			return refuse(at+"[price]", "", "The subscription has an item with that price already.")
		}
		if err := checkItemQuantity(item, at, price); err != nil {
			return err
		}
		quantity := price.units(1)
		if item.has("quantity") {
			quantity = item.num("quantity")
		}
		sub.Items = append(sub.Items, SubscriptionItem{
			ID: newID("si_"), Price: price.ID, Quantity: quantity, Created: sub.Created,
			Metadata: item.mergeMetadata(nil, "metadata"),
		})
	}
	if currency := p.str("currency"); currency != "" && currency != sub.Currency {
		return refuse("currency", "", "The currency of the subscription must be that of its prices.")
	}
	return a.sameInterval(sub.Items, "items")
}

// setTerm applies a trial and a scheduled end to a new subscription.
func (a *Account) setTerm(sub *Subscription, p *params) error {
	now, days := a.srv.now(), p.num("trial_period_days")
	end := p.num("trial_end") // 0 for "now"
	switch {
	case p.has("trial_period_days") && p.has("trial_end"):
		return refuse("trial_period_days", "", "You may only specify one of these parameters: trial_end, trial_period_days.")
	case days < 0 || days > 730:
		return refuse("trial_period_days", "", "The trial must be between 0 and 730 days.")
	case end != 0 && end <= now:
		return refuse("trial_end", "", "The `trial_end` timestamp must be in the future.")
	case days > 0 || end > 0:
		sub.startTrial(now, end, days)
	}
	switch at := p.num("cancel_at"); {
	case at != 0 && p.truth("cancel_at_period_end"):
		return refuse("cancel_at", "", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
	case p.has("cancel_at") && at <= now:
		return refuse("cancel_at", "", "The `cancel_at` timestamp must be in the future.")
	case at != 0:
		a.scheduleAt(sub, at)
	default:
		a.scheduleAtPeriodEnd(sub, p.truth("cancel_at_period_end"))
	}
	return nil
}

// checkMethod refuses a default_payment_method that is not the customer's.
func (a *Account) checkMethod(s *Subscription, p *params) error {
	id := p.str("default_payment_method")
	if pm, ok := find[*PaymentMethod](a, id); id != "" && (!ok || pm.Customer != s.Customer) {
		return missingParam("PaymentMethod", id, "default_payment_method")
	}
	return nil
}
