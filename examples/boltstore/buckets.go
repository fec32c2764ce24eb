package boltstore

import (
	"encoding/json"

	"go.etcd.io/bbolt"
)

// The buckets. Values are JSON where nothing else is said.
const (
	objects   = "objects"   // scope, object: a record
	customers = "customers" // scope, customer: the id of the user who has adopted it, as plain text
	intents   = "intents"   // owner, kind: an Intent
	cursors   = "cursors"   // scope: a Cursor
	events    = "events"    // scope, object, event: true
	keys      = "keys"      // scope, idempotency key: a Reservation

	// Indexes of objects: the value is the key in objects.
	subscriptionsByOwner = "subscriptions_by_owner" // owner, object
	paymentsByOwner      = "payments_by_owner"      // owner, time of creation, object
	openSubscriptions    = "open_subscriptions"     // scope, object

	// Indexes of what is forgotten one day: expiry, key in the other bucket.
	eventsByExpiry = "events_by_expiry"
	keysByExpiry   = "keys_by_expiry"
)

func createBuckets(tx *bbolt.Tx) error {
	for _, name := range []string{
		objects, customers, intents, cursors, events, keys,
		subscriptionsByOwner, paymentsByOwner, openSubscriptions, eventsByExpiry, keysByExpiry,
	} {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

func bucket(tx *bbolt.Tx, name string) *bbolt.Bucket { return tx.Bucket([]byte(name)) }

// get returns what put has kept at key, or a zero value.
func get[T any](tx *bbolt.Tx, name string, key []byte) (value T, err error) {
	if data := bucket(tx, name).Get(key); data != nil {
		err = json.Unmarshal(data, &value)
	}
	return value, err
}

func put(tx *bbolt.Tx, name string, key []byte, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return bucket(tx, name).Put(key, data)
}
