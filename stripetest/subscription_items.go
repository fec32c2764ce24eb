package stripetest

import (
	"fmt"
	"slices"
)

// updatedItems applies the items of an update, which stand in the parameter of that name. As at Stripe, an item without
// an id is a new one, and a price without a quantity resets the quantity to 1.
func (a *Account) updatedItems(s *Subscription, changes []*params, name string) ([]SubscriptionItem, error) {
	items := s.clone().Items
	for i, change := range changes {
		at := fmt.Sprintf("%s[%d]", name, i)
		if err := a.checkItemPrice(s, change.str("price"), at+"[price]"); err != nil {
			return nil, err
		}
		var err error
		if items, err = a.updatedItem(items, change, at); err != nil {
			return nil, err
		}
	}
	if len(items) == 0 {
		return nil, refuse(name, "", "A subscription must have at least one active item.")
	}
	if err := onePriceEach(items, changes, name); err != nil {
		return nil, err
	}
	return items, a.sameInterval(items, name)
}

// onePriceEach refuses a change after which two items have the same price, see
// https://github.com/stripe-archive/submigrate/issues/1.
func onePriceEach(items []SubscriptionItem, changes []*params, name string) error {
	for i, change := range changes {
		price, count := change.str("price"), 0
		for _, item := range items {
			if item.Price == price {
				count++
			}
		}
		if count > 1 {
			return refuse(fmt.Sprintf("%s[%d][price]", name, i), "", "The subscription has an item with that price already.")
		}
	}
	return nil
}

// checkItemQuantity refuses a quantity that an item can't have. A metered one has none: the text is that of
// https://github.com/pay-rails/pay/issues/193.
func checkItemQuantity(item *params, at string, price *Price) error {
	switch {
	case !item.has("quantity"):
	case price.Metered:
		return refuse(at+"[quantity]", "", "You cannot set the quantity for metered plans.")
	case item.num("quantity") < 0:
		return refuse(at+"[quantity]", "parameter_invalid_integer", "This value must be greater than or equal to 0.")
	}
	return nil
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
		item.Price = change.str("price")
	}
	price, ok := find[*Price](a, item.Price)
	if !ok {
		return nil, missingParam("price", item.Price, at+"[price]")
	}
	if err := checkItemQuantity(change, at, price); err != nil {
		return nil, err
	}
	if change.has("price") {
		item.Quantity = price.units(1)
	}
	if change.has("quantity") {
		item.Quantity = change.num("quantity")
	}
	item.Metadata = change.mergeMetadata(item.Metadata, "metadata")
	return items, nil
}

func (a *Account) sameInterval(items []SubscriptionItem, name string) error {
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
			return refuse(name, "", "All prices of a subscription must have the same billing interval.")
		}
	}
	return nil
}
