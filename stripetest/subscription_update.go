package stripetest

import (
	"fmt"
	"slices"
)

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
			"behavior": oneOf("keep_as_draft", "mark_uncollectible", "void").must(), "resumes_at": unsupported,
		}).orEmpty(),
		"proration_behavior": oneOf("always_invoice", "create_prorations", "none"), "proration_date": integer,
		"payment_behavior": oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"),
		"payment_settings": ignored, "off_session": ignored, "trial_settings": ignored, "invoice_settings": ignored,
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
	items, err := a.updatedItems(s, p.list("items"))
	if err != nil {
		return nil, err
	}
	a.change("customer.subscription.updated", s, func() {
		a.setItems(s, items)
		p.set("description", &s.Description)
		p.set("default_payment_method", &s.DefaultPaymentMethod)
		p.cancellationDetails(s)
		s.Metadata = p.mergeMetadata(s.Metadata, "metadata")
		if p.has("pause_collection") {
			s.PauseCollection = p.str("pause_collection", "behavior")
		}
		if p.has("cancel_at_period_end") {
			a.scheduleAtPeriodEnd(s, p.truth("cancel_at_period_end"))
		}
		if p.has("cancel_at") {
			a.scheduleAt(s, p.num("cancel_at"))
		}
	})
	return s.render(a, apiVersion), nil
}

func (a *Account) checkUpdate(s *Subscription, p *params) error {
	if s.ended() && slices.ContainsFunc(p.names, changesBilling) {
		return refuse("", "", "A canceled subscription can only update its cancellation_details and metadata.")
	}
	if p.has("cancel_at") && p.has("cancel_at_period_end") {
		return refuse("cancel_at", "", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
	}
	if at := p.num("cancel_at"); at != 0 && at <= a.srv.now() {
		return refuse("cancel_at", "", "The `cancel_at` timestamp must be in the future.")
	}
	if id := p.str("default_payment_method"); id != "" {
		if pm, ok := find[*PaymentMethod](a, id); !ok || pm.Customer != s.Customer {
			return missingParam("PaymentMethod", id, "default_payment_method")
		}
	}
	return nil
}

// changesBilling reports whether a parameter is more than a remark, and so too late for a subscription that is over.
func changesBilling(name string) bool {
	return name != "metadata" && name != "cancellation_details" && name != "expand"
}

// updatedItems applies the items of an update. As at Stripe, an item without an id is a new one, and a price without a
// quantity resets the quantity to 1.
func (a *Account) updatedItems(s *Subscription, changes []*params) ([]SubscriptionItem, error) {
	items := s.clone().Items
	for i, change := range changes {
		at := fmt.Sprintf("items[%d]", i)
		if err := a.checkItemPrice(s, change.str("price"), at+"[price]"); err != nil {
			return nil, err
		}
		if change.has("quantity") && change.num("quantity") < 0 {
			return nil, refuse(at+"[quantity]", "parameter_invalid_integer",
				"This value must be greater than or equal to 0.")
		}
		var err error
		if items, err = a.updatedItem(items, change, at); err != nil {
			return nil, err
		}
	}
	if len(items) == 0 {
		return nil, refuse("items", "", "A subscription must have at least one active item.")
	}
	return items, a.sameInterval(items)
}

func (a *Account) checkItemPrice(s *Subscription, id, param string) error {
	if id == "" {
		return nil
	}
	price, ok := find[*Price](a, id)
	switch {
	case !ok:
		return missingParam("price", id, param)
	case !price.Recurring():
		return refuse(param, "", "The price specified is set to `type=one_time` but this field only accepts prices with "+
			"`type=recurring`.")
	case !price.Active:
		return refuse(param, "", "The price specified is inactive. This field only accepts active prices.")
	case price.Currency != s.Currency:
		return refuse(param, "", "The price specified has another currency than the subscription.")
	}
	return nil
}

func (a *Account) updatedItem(items []SubscriptionItem, change *params, at string) ([]SubscriptionItem, error) {
	id := change.str("id")
	if id == "" {
		if !change.has("price") {
			return nil, refuse(at+"[price]", "parameter_missing", "Missing required param: %s[price].", at)
		}
		if slices.ContainsFunc(items, func(item SubscriptionItem) bool { return item.Price == change.str("price") }) {
			return nil, refuse(at+"[price]", "", "The subscription has an item with that price already.")
		}
		items = append(items, SubscriptionItem{ID: newID("si_"), Created: a.srv.now()})
		id = items[len(items)-1].ID
	}
	index := slices.IndexFunc(items, func(item SubscriptionItem) bool { return item.ID == id })
	if index < 0 {
		return nil, missingParam("subscription_item", id, at+"[id]")
	}
	if change.truth("deleted") {
		return slices.Delete(items, index, index+1), nil
	}
	item := &items[index]
	if change.has("price") {
		item.Price, item.Quantity = change.str("price"), 1
	}
	if change.has("quantity") {
		item.Quantity = change.num("quantity")
	}
	item.Metadata = change.mergeMetadata(item.Metadata, "metadata")
	return items, nil
}

func (a *Account) sameInterval(items []SubscriptionItem) error {
	var first *Price
	for _, item := range items {
		price, ok := find[*Price](a, item.Price)
		if !ok {
			continue
		}
		if first == nil {
			first = price
		}
		if !price.sameInterval(first) {
			return refuse("items", "", "All prices of a subscription must have the same billing interval.")
		}
	}
	return nil
}

// setItems replaces the items. Another billing interval starts a new period now, as at Stripe.
func (a *Account) setItems(s *Subscription, items []SubscriptionItem) {
	before, ok1 := find[*Price](a, s.Items[0].Price)
	after, ok2 := find[*Price](a, items[0].Price)
	s.Items = items
	if !ok1 || !ok2 || s.Status == "trialing" || before.sameInterval(after) {
		return
	}
	now := a.srv.now()
	s.BillingCycleAnchor, s.CurrentPeriodStart, s.CurrentPeriodEnd = now, now, after.after(now)
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
