package boltstore

import (
	"bytes"
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Subscriptions implements subscription.SubscriptionStore.
func (s *Store) Subscriptions(
	ctx context.Context, owner subscription.Owner,
) (subs []subscription.Subscription, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		subs, err = subscriptionsOf(tx, owner)
		return err
	})
	return subs, err
}

// LoadOwner implements subscription.OwnerLoader.
func (s *Store) LoadOwner(ctx context.Context, owner subscription.Owner) (state subscription.OwnerState, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) {
		if state.Subscriptions, err = subscriptionsOf(tx, owner); err != nil {
			return err
		}
		if state.Customer, err = intentOf(tx, owner, subscription.IntentCustomer); err != nil {
			return err
		}
		state.Checkout, err = intentOf(tx, owner, subscription.IntentCheckout)
		return err
	})
	return state, err
}

func subscriptionsOf(tx *bbolt.Tx, owner subscription.Owner) (subs []subscription.Subscription, err error) {
	prefix := ownerKey(owner)
	cursor := bucket(tx, subscriptionsByOwner).Cursor()
	for key, objectKey := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, objectKey = cursor.Next() {
		stored, err := get[record](tx, objects, objectKey)
		if err != nil {
			return nil, err
		}
		subs = append(subs, *stored.Object.Subscription)
	}
	return subs, nil
}

// OpenSubscriptions implements subscription.OpenLister.
func (s *Store) OpenSubscriptions(
	ctx context.Context, scope project.Scope, before time.Time, after string, limit int,
) (subs []subscription.Subscription, err error) {
	prefix, last := scopeKey(scope), scopeKey(scope, after)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := bucket(tx, openSubscriptions).Cursor()
		key, objectKey := cursor.Seek(last)
		if bytes.Equal(key, last) {
			key, objectKey = cursor.Next()
		}
		for ; bytes.HasPrefix(key, prefix) && len(subs) < limit; key, objectKey = cursor.Next() {
			// A scope can have many that were written too late to be listed.
			if err := ctx.Err(); err != nil {
				return err
			}
			stored, err := get[record](tx, objects, objectKey)
			if err != nil {
				return err
			}
			if stored.SavedAt.Before(before) {
				subs = append(subs, *stored.Object.Subscription)
			}
		}
		return nil
	})
	return subs, err
}

// Payments implements subscription.SubscriptionStore.
func (s *Store) Payments(
	ctx context.Context, owner subscription.Owner, page subscription.Page,
) (payments []subscription.Payment, total int, err error) {
	prefix := ownerKey(owner)
	first := page.After.ID == "" && page.After.CreatedAt.IsZero()
	end := append(bytes.Clone(prefix), 0xff) // above every time
	if !first {
		end = paymentKey(owner, page.After)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := bucket(tx, paymentsByOwner).Cursor()
		count := 0
		for key, objectKey := seekBelow(cursor, end); bytes.HasPrefix(key, prefix); key, objectKey = cursor.Prev() {
			count++
			if count > page.Offset && len(payments) < page.Limit {
				stored, err := get[record](tx, objects, objectKey)
				if err != nil {
					return err
				}
				payments = append(payments, *stored.Object.Payment)
			} else if !first && len(payments) == page.Limit {
				break // only the total of a first page needs the rest
			}
		}
		if first {
			total = count
		}
		return nil
	})
	return payments, total, err
}

// seekBelow moves the cursor to the last key below end.
func seekBelow(cursor *bbolt.Cursor, end []byte) (key, value []byte) {
	if key, _ := cursor.Seek(end); key == nil {
		return cursor.Last()
	}
	return cursor.Prev()
}
