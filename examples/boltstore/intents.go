package boltstore

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Intent implements subscription.SubscriptionStore.
func (s *Store) Intent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind,
) (intent subscription.Intent, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		intent, err = intentOf(tx, owner, kind)
		return err
	})
	return intent, err
}

// SwapIntent implements subscription.SubscriptionStore.
func (s *Store) SwapIntent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	return s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		return swapIntent(tx, owner, kind, version, next)
	})
}

// CustomerOwner implements subscription.SubscriptionStore.
func (s *Store) CustomerOwner(ctx context.Context, scope project.Scope, customerID string) (ownerID string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if ownerID = customerOwner(tx, scope, customerID); ownerID == "" {
			return subscription.ErrNotFound
		}
		return nil
	})
	return ownerID, err
}

// AdoptCustomer implements subscription.SubscriptionStore.
func (s *Store) AdoptCustomer(
	ctx context.Context, owner subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	return s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		if adopter := customerOwner(tx, owner.Scope, customerID); adopter != "" && adopter != owner.ID {
			return false, nil
		}
		if err := bucket(tx, customers).Put(scopeKey(owner.Scope, customerID), []byte(owner.ID)); err != nil {
			return false, err
		}
		return swapIntent(tx, owner, subscription.IntentCustomer, version, next)
	})
}

func intentOf(tx *bbolt.Tx, owner subscription.Owner, kind subscription.IntentKind) (subscription.Intent, error) {
	return get[subscription.Intent](tx, intents, ownerKey(owner, string(kind)))
}

func swapIntent(
	tx *bbolt.Tx, owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	current, err := intentOf(tx, owner, kind)
	if err != nil || current.Version != version {
		return false, err
	}
	next.Version = version + 1
	return true, put(tx, intents, ownerKey(owner, string(kind)), next)
}

// customerOwner returns the user who has adopted the customer, or "" for nobody.
func customerOwner(tx *bbolt.Tx, scope project.Scope, customerID string) (ownerID string) {
	return string(bucket(tx, customers).Get(scopeKey(scope, customerID)))
}

// hasForeignCustomer reports whether the object's customer has been adopted by another user than the object's.
func hasForeignCustomer(tx *bbolt.Tx, o subscription.Object) bool {
	if o.CustomerID() == "" {
		return false
	}
	ownerID := customerOwner(tx, o.Scope, o.CustomerID())
	return ownerID != "" && ownerID != o.Owner().ID
}
