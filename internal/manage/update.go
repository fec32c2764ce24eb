package manage

import (
	"context"
	"slices"
	"time"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// CheckUpdate returns the mistakes in an update that can be seen without a look at the subscription.
func (m *Manager) CheckUpdate(in subscription.Update) []subscription.FieldError {
	var mistakes []subscription.FieldError
	if in.PriceID == "" && in.Quantity == 0 {
		mistakes = append(mistakes, subscription.FieldError{Field: "new_price_id", Message: "Field required", Kind: "missing"})
	}
	switch {
	case in.Quantity < 0:
		mistakes = append(mistakes, notPositive("quantity"))
	case in.Quantity > m.MaxQuantity:
		mistakes = append(mistakes, tooLarge("quantity", m.MaxQuantity))
	}
	if in.Proration != "" && !in.Proration.Valid() {
		mistakes = append(mistakes, notOneOf("proration_behavior", string(subscription.CreateProrations),
			string(subscription.ProrationNone), string(subscription.AlwaysInvoice)))
	}
	return mistakes
}

// Behaviours lists the proration behaviours that clients may ask for, the default one first: create_prorations where it is
// among them.
func (m *Manager) Behaviours() []string {
	var out []string
	for _, p := range m.Prorations {
		if p == subscription.CreateProrations {
			out = slices.Insert(out, 0, string(p))
		} else {
			out = append(out, string(p))
		}
	}
	return out
}

// Update changes the price or the quantity of an item. A payment that is due at once and fails leaves everything as it was.
func (m *Manager) Update(ctx context.Context, buyer customer.Buyer, in subscription.Update) (subscription.Updated, error) {
	c, err := m.change(ctx, buyer, in)
	if err == nil && c.wanted.Quote != "" {
		c.update, err = m.honour(ctx, buyer, c.wanted.Quote, c)
	}
	if err != nil {
		return subscription.Updated{}, err
	}
	s, changed := c.subscription, c.changes()
	if changed {
		if err := m.Stripe.UpdateItem(ctx, buyer.Credentials, c.update); err != nil {
			return subscription.Updated{}, m.refused(ctx, buyer, c, err)
		}
		if s, err = m.refetch(ctx, buyer, s.ID); err != nil {
			return subscription.Updated{}, err
		}
	}
	return subscription.Updated{Subscription: s, Changed: changed, EffectiveAt: m.Now().UTC().Truncate(time.Second)}, nil
}

// SetQuantity is Update for a quantity, which must be given.
func (m *Manager) SetQuantity(ctx context.Context, buyer customer.Buyer, in subscription.Update) (subscription.Updated, error) {
	if in.Quantity == 0 {
		return subscription.Updated{}, subscription.Invalid(notPositive("quantity"))
	}
	return m.Update(ctx, buyer, in)
}

// change is an update of one item that can be made.
type change struct {
	wanted       subscription.Update
	subscription subscription.Subscription
	item         subscription.Item
	update       stripe.ItemUpdate
}

// changes reports whether the update makes a difference.
func (c change) changes() bool {
	return c.update.PriceID != "" || c.update.Quantity != 0 && c.update.Quantity != c.item.Quantity
}

// change finds the item that in is about, and what is to become of it.
func (m *Manager) change(ctx context.Context, buyer customer.Buyer, in subscription.Update) (c change, err error) {
	if err := invalid(m.CheckUpdate(in)); err != nil {
		return c, err
	}
	metered, err := m.checkPrice(ctx, buyer, in)
	if err != nil {
		return c, err
	}
	if c.subscription, err = m.fresh(ctx, buyer, in.SubscriptionID); err != nil {
		return c, err
	}
	if err := updatable(c.subscription); err != nil {
		return c, err
	}
	if asked := in; m.Customize != nil {
		if err := m.Customize(ctx, buyer.Identity, c.subscription.Clone(), &in); err != nil {
			return c, err
		}
		if in != asked {
			if metered, err = m.checkCustomized(ctx, buyer, in); err != nil {
				return c, err
			}
		}
	}
	c.wanted = in
	if c.item, err = itemNamed(c.subscription, in.Item); err != nil {
		return c, err
	}
	if in.PriceID == "" {
		metered = c.item.Metered
	}
	if metered && in.Quantity != 0 {
		return c, meteredQuantity()
	}
	if in.PriceID != "" && taken(c.subscription, c.item, in.PriceID) {
		return c, wrongPrice("Another item of the subscription has this price")
	}
	c.update = m.itemUpdate(c, in, metered)
	return c, nil
}

// checkCustomized checks an update that the host has changed.
func (m *Manager) checkCustomized(ctx context.Context, buyer customer.Buyer, in subscription.Update) (metered bool, err error) {
	if err := invalid(m.CheckUpdate(in)); err != nil {
		return false, err
	}
	return m.checkPrice(ctx, buyer, in)
}

func (m *Manager) itemUpdate(c change, in subscription.Update, metered bool) stripe.ItemUpdate {
	u := stripe.ItemUpdate{
		SubscriptionID: c.subscription.ID, CustomerID: c.subscription.CustomerID, ItemID: c.item.ID,
		PriceID: in.PriceID, Quantity: in.Quantity, Proration: in.Proration,
	}
	if u.Proration == "" {
		u.Proration = subscription.Proration(m.Behaviours()[0])
	}
	if u.PriceID == c.item.PriceID {
		u.PriceID = "" // Stripe refuses an archived price even where it is the present one
	}
	if u.Quantity == 0 && !metered {
		u.Quantity = c.item.Quantity
	}
	return u
}

// updatable refuses a subscription whose items can't be changed.
func updatable(s subscription.Subscription) error {
	if err := changeable(s); err != nil {
		return err
	}
	if s.Status == subscription.StatusIncomplete {
		// Its checkout may still be open. Were another invoice to make it active, paying there would sell a second one.
		return conflict("The first payment of the subscription is still to come: it can't be changed yet.")
	}
	return nil
}

// itemNamed returns the item of s that has the id or the price; the plan's for an empty name.
func itemNamed(s subscription.Subscription, name string) (subscription.Item, error) {
	if name == "" {
		if plan := s.Plan(); plan.ID != "" {
			return plan, nil
		}
		return subscription.Item{}, conflict("The subscription has no plan that could be changed.")
	}
	for _, item := range s.Items {
		if item.ID == name || item.PriceID == name {
			return item, nil
		}
	}
	return subscription.Item{}, subscription.ErrNone.Because("The subscription has no such item.")
}
