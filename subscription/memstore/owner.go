package memstore

import (
	"bytes"
	"context"

	"github.com/paymount/paymount/subscription"
)

// LoadOwner implements subscription.OwnerLoader.
func (s *Store) LoadOwner(ctx context.Context, owner subscription.Owner) (subscription.OwnerState, error) {
	if err := ctx.Err(); err != nil {
		return subscription.OwnerState{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return subscription.OwnerState{
		Subscriptions: s.subscriptions(owner),
		Customer:      s.intent(owner, subscription.IntentCustomer), Checkout: s.intent(owner, subscription.IntentCheckout),
	}, nil
}

// subscriptions returns copies of the owner's subscriptions. The caller holds the mutex.
func (s *Store) subscriptions(owner subscription.Owner) (subs []subscription.Subscription) {
	for _, o := range s.owned[owner] {
		if o.Subscription != nil {
			subs = append(subs, o.Subscription.Clone())
		}
	}
	return subs
}

// intent returns a copy of one of the owner's intents. The caller holds the mutex.
func (s *Store) intent(owner subscription.Owner, kind subscription.IntentKind) subscription.Intent {
	intent := s.intents[intentKey{owner, kind}]
	intent.Data = bytes.Clone(intent.Data)
	return intent
}
