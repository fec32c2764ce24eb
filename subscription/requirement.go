package subscription

import (
	"context"
	"slices"
)

// Requirement says which item of a subscription an entitlement takes. Write your own for anything else than the ones below.
type Requirement func(Item) bool

// Price is met by a subscription to any of the prices.
func Price(ids ...string) Requirement {
	return func(i Item) bool { return slices.Contains(ids, i.PriceID) }
}

// Product is met by a subscription to any of the products.
func Product(ids ...string) Requirement {
	return func(i Item) bool { return slices.Contains(ids, i.ProductID) }
}

// Plan is met by a subscription to a plan of any of the names, as Item.PlanName has them.
func Plan(names ...string) Requirement {
	return func(i Item) bool { return slices.Contains(names, i.PlanName) }
}

type contextKey struct{}

// NewContext returns a context that carries s as the subscription that opened the gate, which the middleware of
// Service.Require does: call it yourself in tests of a handler behind it. Nobody may change s afterwards.
func NewContext(ctx context.Context, s *Subscription) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// FromContext returns the subscription that opened the gate. It is a copy: what the caller does to it concerns no other request.
// It reports false outside of the gate.
func FromContext(ctx context.Context) (Subscription, bool) {
	s, ok := ctx.Value(contextKey{}).(*Subscription)
	if !ok {
		return Subscription{}, false
	}
	return s.Clone(), true
}
