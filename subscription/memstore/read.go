package memstore

import (
	"cmp"
	"context"
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
	return s.subscriptions(owner), nil
}

// Payments implements subscription.SubscriptionStore.
func (s *Store) Payments(
	ctx context.Context, owner subscription.Owner, page subscription.Page,
) (payments []subscription.Payment, total int, err error) {
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
	slices.SortFunc(all, func(a, b *subscription.Payment) int { return newestFirst(a.Mark(), b.Mark()) })
	total = len(all)
	if page.After != (subscription.Mark{}) {
		first := slices.IndexFunc(all, func(p *subscription.Payment) bool { return newestFirst(page.After, p.Mark()) < 0 })
		if first < 0 {
			first = len(all)
		}
		all, total = all[first:], 0
	}
	all = all[min(page.Offset, len(all)):]
	for _, p := range all[:min(page.Limit, len(all))] {
		payments = append(payments, p.Clone())
	}
	return payments, total, nil
}

// newestFirst compares places by the order of payments.
func newestFirst(a, b subscription.Mark) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
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
		if !o.Subscription.Status.Ended() || o.Pending() {
			open = append(open, o.Subscription.Clone())
		}
	}
	slices.SortFunc(open, func(a, b subscription.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return open[:min(limit, len(open))], nil
}
