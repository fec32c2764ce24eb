package boltstore

import (
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// record is an object as it is kept.
type record struct {
	Object subscription.Object `json:"object"`
	// SavedAt is the time of the last write of the state.
	SavedAt time.Time `json:"saved_at"`
}

// Load implements subscription.SubscriptionStore.
func (s *Store) Load(ctx context.Context, scope project.Scope, id string, eventIDs []string) (subscription.Loaded, error) {
	loaded := subscription.Loaded{Object: subscription.Object{Scope: scope, ID: id}}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		stored, err := get[record](tx, objects, scopeKey(scope, id))
		if err != nil || stored.Object.Version == 0 {
			return err
		}
		loaded.Object = stored.Object
		loaded.Recorded = recorded(tx, scope, id, eventIDs)
		return nil
	})
	return loaded, err
}

// Save implements subscription.SubscriptionStore.
func (s *Store) Save(ctx context.Context, w subscription.Write) (bool, error) {
	return s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		stored, err := get[record](tx, objects, scopeKey(w.New.Scope, w.New.ID))
		if err != nil {
			return false, err
		}
		old, next := stored.Object, w.New
		if old.Version != w.Old.Version || hasForeignCustomer(tx, next) {
			return false, nil
		}
		next.Version = old.Version + 1
		if !w.WithNotification {
			next.Notification = old.Notification
		} else {
			if old.Notification.Version != w.Old.Notification.Version {
				return false, nil
			}
			next.Notification.Version = old.Notification.Version + 1
		}
		if err := putObject(tx, old, record{Object: next, SavedAt: w.At}); err != nil {
			return false, err
		}
		return true, recordEvents(tx, w)
	})
}

// SaveNotification implements subscription.SubscriptionStore.
func (s *Store) SaveNotification(
	ctx context.Context, scope project.Scope, id string, n subscription.Notification,
) (bool, error) {
	return s.update(ctx, func(tx *bbolt.Tx) (bool, error) {
		stored, err := get[record](tx, objects, scopeKey(scope, id))
		if err != nil || stored.Object.Version == 0 || stored.Object.Notification.Version != n.Version {
			return false, err
		}
		old := stored.Object
		stored.Object.Notification = n
		stored.Object.Notification.Version++
		return true, putObject(tx, old, stored)
	})
}

// putObject writes next in the place of old, which has Version 0 if there is none, and lets the indexes follow.
func putObject(tx *bbolt.Tx, old subscription.Object, next record) error {
	for _, e := range entries(old) {
		if err := bucket(tx, e.bucket).Delete(e.key); err != nil {
			return err
		}
	}
	key := scopeKey(next.Object.Scope, next.Object.ID)
	for _, e := range entries(next.Object) {
		if err := bucket(tx, e.bucket).Put(e.key, key); err != nil {
			return err
		}
	}
	return put(tx, objects, key, next)
}

// entry is a place in an index.
type entry struct {
	bucket string
	key    []byte
}

// entries returns where the object is listed.
func entries(o subscription.Object) (all []entry) {
	if o.Subscription != nil {
		all = append(all, entry{subscriptionsByOwner, ownerKey(o.Owner(), o.ID)})
		if !o.Subscription.Status.Ended() || o.Pending() {
			all = append(all, entry{openSubscriptions, scopeKey(o.Scope, o.ID)})
		}
	}
	if o.Payment != nil && o.Payment.Amount > 0 {
		all = append(all, entry{paymentsByOwner, paymentKey(o.Owner(), o.Payment.Mark())})
	}
	return all
}
