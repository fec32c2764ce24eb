package memstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Subscriptions implements subscription.SubscriptionStore.
func (s *Store) Subscriptions(ctx context.Context, owner subscription.Owner) ([]subscription.Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var subs []subscription.Subscription
	for _, o := range s.owned[owner] {
		if o.Subscription != nil {
			subs = append(subs, *cloneSubscription(o.Subscription))
		}
	}
	return subs, nil
}

// Payments implements subscription.SubscriptionStore.
func (s *Store) Payments(
	ctx context.Context, owner subscription.Owner, offset, limit int,
) (page []subscription.Payment, total int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*subscription.Payment
	for _, o := range s.owned[owner] {
		if o.Payment != nil && o.Payment.Amount > 0 {
			all = append(all, o.Payment)
		}
	}
	slices.SortFunc(all, func(a, b *subscription.Payment) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	rest := all[min(offset, len(all)):]
	for _, p := range rest[:min(limit, len(rest))] {
		page = append(page, *clonePayment(p))
	}
	return page, len(all), nil
}

// OpenSubscriptions implements subscription.OpenLister.
func (s *Store) OpenSubscriptions(
	ctx context.Context, scope project.Scope, before time.Time, after string, limit int,
) ([]subscription.Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []subscription.Subscription
	for k, o := range s.objects {
		if k.scope != scope || k.id <= after || o.Subscription == nil || !o.writtenAt.Before(before) {
			continue
		}
		if !o.Subscription.Status.Ended() || o.Untold() {
			open = append(open, *cloneSubscription(o.Subscription))
		}
	}
	slices.SortFunc(open, func(a, b subscription.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return open[:min(limit, len(open))], nil
}

func cloneSubscription(s *subscription.Subscription) *subscription.Subscription {
	if s == nil {
		return nil
	}
	c := *s
	c.Items, c.Metadata = slices.Clone(s.Items), maps.Clone(s.Metadata)
	return &c
}

func clonePayment(p *subscription.Payment) *subscription.Payment {
	if p == nil {
		return nil
	}
	c := *p
	c.Metadata = maps.Clone(p.Metadata)
	return &c
}

func cloneChange(c subscription.Change) subscription.Change {
	c.Old, c.New, c.Payment = cloneSubscription(c.Old), cloneSubscription(c.New), clonePayment(c.Payment)
	return c
}
