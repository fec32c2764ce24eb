package boltstore

import (
	"time"

	"go.etcd.io/bbolt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// eventLifetime is how long events are remembered: the contract lets stores forget them after that.
const eventLifetime = 30 * 24 * time.Hour

// recorded returns those of the ids whose events are recorded for the object, each once.
func recorded(tx *bbolt.Tx, scope project.Scope, objectID string, ids []string) (found []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] && bucket(tx, events).Get(scopeKey(scope, objectID, id)) != nil {
			found = append(found, id)
		}
		seen[id] = true
	}
	return found
}

// recordEvents records the events of w. It forgets old ones first, so that none that w records anew is lost.
func recordEvents(tx *bbolt.Tx, w subscription.Write) error {
	if err := forget(tx, events, eventsByExpiry, w.At); err != nil {
		return err
	}
	for _, id := range w.Events {
		key := scopeKey(w.New.Scope, w.New.ID, id)
		if bucket(tx, events).Get(key) != nil {
			continue
		}
		if err := put(tx, events, key, true); err != nil {
			return err
		}
		if err := bucket(tx, eventsByExpiry).Put(expiryKey(w.At.Add(eventLifetime), key), nil); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes what has expired by now: a hundred at most, so that no write takes long. Nearly all writes add fewer.
func forget(tx *bbolt.Tx, name, byExpiry string, now time.Time) error {
	cursor := bucket(tx, byExpiry).Cursor()
	for range 100 {
		due, _ := cursor.First()
		if due == nil || string(due[:len(timeLayout)]) > now.UTC().Format(timeLayout) {
			return nil
		}
		if err := bucket(tx, name).Delete(due[len(timeLayout):]); err != nil {
			return err
		}
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	return nil
}
