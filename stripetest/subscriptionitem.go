package stripetest

import "slices"

const itemsPath = "/v1/subscription_items"

// listedItem is an item of a subscription as a row of https://docs.stripe.com/api/subscription_items/list.
type listedItem struct {
	of   *Subscription
	item SubscriptionItem
}

func (i listedItem) ident() string    { return i.item.ID }
func (i listedItem) createdAt() int64 { return i.item.Created }

func (i listedItem) render(a *Account, v Version) doc {
	return i.of.itemRows([]SubscriptionItem{i.item}, a, v)[0]
}

func subscriptionItemOperations() []operation {
	return []operation{{"GET", itemsPath, listParams().with(fields{"subscription": text.must()}), listItems}}
}

// listItems lists the items in the order in which the subscription shows them.
func listItems(a *Account, r *request) (any, error) {
	id := r.params.str("subscription")
	s, ok := find[*Subscription](a, id)
	if !ok {
		return nil, missingParam("subscription", id, "subscription")
	}
	var rows []listedItem
	for _, item := range slices.Backward(s.Items) { // listed turns them round
		rows = append(rows, listedItem{s, item})
	}
	return listed(a, r, rows, func(listedItem) bool { return true })
}
