package simulation

import (
	"context"
	"slices"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// byHand reports whether a customer is one that the dashboard has made: the app names the user on its own.
func (w *world) byHand(s *scope, customer string) bool {
	c, _ := s.account.Customer(customer)
	return c.Metadata["user_id"] == ""
}

// named returns the user whom metadata name for this very project, empty for none.
func (s *scope) named(metadata map[string]string) string {
	if metadata["project_id"] != s.ProjectID {
		return ""
	}
	return metadata["user_id"]
}

// ownersOf returns whose an object of a customer may be: the user for whom the customer was made, else the one whom the metadata
// name. A reconciliation gives a customer of the dashboard's to the first user whom it finds named, and what it sees from then
// on is theirs: so there can be two. There is none for what is nobody's.
func (w *world) ownersOf(s *scope, customer string, metadata map[string]string) []string {
	if c, _ := s.account.Customer(customer); c.Metadata["user_id"] != "" {
		return []string{c.Metadata["user_id"]}
	}
	var users []string
	if user, err := w.store.CustomerOwner(context.Background(), s.Scope, customer); err == nil {
		users = append(users, user)
	}
	if named := s.named(metadata); named != "" && !slices.Contains(users, named) {
		users = append(users, named)
	}
	return users
}

// buyers returns whose a subscription may be, as ownersOf does. One whose metadata name nobody (any more) keeps the owner with
// whom it is in the store.
func (w *world) buyers(s *scope, sub stripetest.Subscription) []string {
	users := w.ownersOf(s, sub.Customer, sub.Metadata)
	keeper := w.keepers[sub.ID]
	if keeper != "" && s.named(sub.Metadata) == "" && !slices.Contains(users, keeper) {
		users = append(users, keeper)
	}
	return users
}

// isSomebodys reports whether a subscription has to be in the store. One that only has a customer by now that is somebody's was
// nobody's when the app saw it, or may have been.
func (w *world) isSomebodys(s *scope, sub stripetest.Subscription) bool {
	return !w.byHand(s, sub.Customer) || s.named(sub.Metadata) != "" || w.keepers[sub.ID] != ""
}

// has reports whether a subscription is the user's, or may be.
func (w *world) has(o *owner, sub stripetest.Subscription) bool {
	return slices.Contains(w.buyers(o.scope, sub), o.user)
}

// hasHad reports whether a subscription has been the user's: it is, in the store, until an event tells that it has moved.
func (w *world) hasHad(o *owner, sub stripetest.Subscription) bool {
	n := w.names[sub.ID]
	return n != nil && slices.Contains(n.owners, o.String())
}

// holder returns whose a subscription is by the store, of those whose it may be, and how it is stored; nil where it is not.
func (w *world) holder(s *scope, sub stripetest.Subscription) (*owner, subscription.Subscription) {
	for _, user := range w.buyers(s, sub) {
		o := w.find(s, user)
		if o == nil {
			continue
		}
		if stored, ok := w.stored(o)[sub.ID]; ok {
			return o, stored
		}
	}
	return nil, subscription.Subscription{}
}

// follow takes note of with whom a subscription of the dashboard's is stored: it has to be somebody who has been named.
func (w *world) follow(s suspect) {
	for _, o := range w.owners {
		sub, ok := o.account.Subscription(s.object)
		if o.Scope != s.scope || !ok || !w.byHand(o.scope, sub.Customer) {
			continue
		}
		if _, ok := w.stored(o)[s.object]; !ok {
			continue
		}
		w.keepers[s.object] = o.user
		w.mu.Lock()
		if !slices.Contains(w.names[s.object].owners, o.String()) {
			w.violatedf("an object is whom its metadata name for this project", "%s is stored for %s", w.name(s.object), o)
		}
		w.mu.Unlock()
	}
}

// sellable returns a plan that the user can buy: Stripe takes one currency of a customer at a time.
func (w *world) sellable(o *owner) stripetest.Price {
	intent, _ := w.store.Intent(context.Background(), o.owner(), subscription.IntentCustomer)
	for _, plan := range o.plans {
		if !slices.ContainsFunc(o.account.Subscriptions(), func(s stripetest.Subscription) bool {
			return s.Customer == intent.ObjectID && s.EndedAt == 0 && s.Currency != plan.Currency
		}) {
			return plan
		}
	}
	return o.plans[0]
}
