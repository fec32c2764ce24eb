package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paymount/paymount/subscription"
)

// racers is how many goroutines race: enough to meet, few enough for a small pool of connections.
const racers = 16

func raceCases() []testCase {
	return []testCase{
		{"races/of saves from one version exactly one is done", raceSaves},
		{"races/of notifications from one version exactly one is done", raceNotifications},
		{"races/no save and no notification is lost", nothingLost},
		{"races/an event that is recorded has its state written", recordedMeansWritten},
		{"races/what is loaded was written at once", loadedAtOnce},
		{"races/all methods at once do not fail", everythingAtOnce},
	}
}

// collection is a list that goroutines share.
type collection[T any] struct {
	mu    sync.Mutex
	items []T
}

func (c *collection[T]) add(item T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = append(c.items, item)
}

func (c *collection[T]) all() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.items)
}

// raceSaves saves over one version after the other, many at once: with and without the notification, with new and old states.
func raceSaves(f *fixture) {
	for round := range 4 {
		id := fmt.Sprintf("sub_%d", round)
		for version := range int64(3) {
			old := f.object(id)
			var winners collection[subscription.Write]
			f.race(racers, func(i int) error {
				sub := f.sub(fmt.Sprintf("user_%d", round), id)
				sub.Items[0].Quantity = int64(i / 4)
				w := f.over(old, sub, fmt.Sprintf("evt_%d_%d", version, i))
				if i%2 == 0 {
					w = withNotification(w, notified(int64(i), sub))
				}
				saved, err := f.store.Save(f.Context(), w)
				if saved {
					winners.add(w)
				}
				return err
			})
			won := winners.all()
			if len(won) != 1 {
				f.Fatalf("%d of %d racing saves over version %d were done, want 1", len(won), racers, version)
			}
			f.wantSubs(fmt.Sprintf("user_%d", round), won[0].New.Subscription)
			var events []string
			for i := range racers {
				events = append(events, fmt.Sprintf("evt_%d_%d", version, i))
			}
			f.wantRecorded(id, won[0].Events, events...)
			f.equal("the version", f.object(id).Version, version+1)
		}
	}
}

func raceNotifications(f *fixture) {
	f.see(f.sub("ann", "sub_1"))
	for version := range int64(4) {
		var winners collection[int64]
		f.race(racers, func(i int) error {
			n := subscription.Notification{Version: version, Count: int64(i)}
			saved, err := f.store.SaveNotification(f.Context(), f.scope, "sub_1", n)
			if saved {
				winners.add(n.Count)
			}
			return err
		})
		won := winners.all()
		if len(won) != 1 {
			f.Fatalf("%d of %d racing notifications over version %d were saved, want 1", len(won), racers, version)
		}
		f.equal("the notification", f.object("sub_1").Notification, subscription.Notification{Version: version + 1, Count: won[0]})
	}
}

// nothingLost raises two numbers, one in the state and one in the notification, from many goroutines: each write loads, adds one
// and saves until that succeeds.
func nothingLost(f *fixture) {
	start := f.sub("ann", "sub_1")
	start.Items[0].Quantity = 0
	f.see(start)
	f.race(racers, func(i int) error {
		for {
			loaded, err := f.store.Load(f.Context(), f.scope, "sub_1", nil)
			if err != nil {
				return err
			}
			var done bool
			next := loaded.Object.Clone()
			next.Notification.Count++
			if i%4 == 0 {
				done, err = f.store.SaveNotification(f.Context(), f.scope, "sub_1", next.Notification)
			} else {
				next.Subscription.Items[0].Quantity++
				w := subscription.Write{Old: loaded.Object, New: next, At: at(0), WithNotification: i%4 == 1}
				done, err = f.store.Save(f.Context(), w)
			}
			if done || err != nil {
				return err
			}
		}
	})
	o := f.object("sub_1")
	f.equal("the writes of the state", o.Subscription.Items[0].Quantity, racers*3/4)
	f.equal("the writes of the notification", o.Notification.Count, racers/2)
	f.wantVersions("sub_1", 1+racers*3/4, racers/2)
}

// recordedMeansWritten looks for the state as soon as an event is recorded, while it is being saved.
func recordedMeansWritten(f *fixture) {
	const rounds = 20
	var reached atomic.Int64 // the rounds that the reader has seen through
	f.race(2, func(i int) error {
		for round := range rounds {
			user, id := fmt.Sprintf("user_%d", round), fmt.Sprintf("sub_%d", round)
			if i == 0 {
				if saved, err := f.store.Save(f.Context(), f.over(f.of(id), f.sub(user, id), "evt_1")); err != nil || !saved {
					return fmt.Errorf("save of a new object: %t, %w", saved, err)
				}
				continue
			}
			if err := f.awaitRecord(id); err != nil {
				return err
			}
			subs, err := f.store.Subscriptions(f.Context(), f.owner(user))
			if err != nil {
				return err
			}
			if len(subs) != 1 {
				return fmt.Errorf("evt_1 of %s is recorded, but its state is not written", id)
			}
			reached.Add(1)
		}
		return nil
	})
	f.equal("the rounds that were seen through", reached.Load(), rounds)
}

// awaitRecord waits until evt_1 is recorded for the object.
func (f *fixture) awaitRecord(object string) error {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		loaded, err := f.store.Load(f.Context(), f.scope, object, []string{"evt_1"})
		if err != nil || len(loaded.Recorded) > 0 {
			return err
		}
	}
	return fmt.Errorf("evt_1 of %s was not recorded in time", object)
}

// loadedAtOnce saves states that say in which version they are, and that the host knows, while others load them.
func loadedAtOnce(f *fixture) {
	const versions = 60
	for _, id := range []string{"sub_1", "sub_2"} {
		f.see(id)
	}
	f.race(4, func(i int) error {
		id := fmt.Sprintf("sub_%d", i%2+1)
		for {
			loaded, err := f.store.Load(f.Context(), f.scope, id, []string{fmt.Sprintf("evt_%d", versions)})
			if err != nil {
				return err
			}
			o := loaded.Object
			if err := writtenAtOnce(loaded, versions); err != nil {
				return err
			}
			switch {
			case o.Version == versions:
				return nil
			case i > 1:
				continue // it only looks
			}
			sub := f.sub("ann", id)
			sub.Items[0].Quantity = o.Version + 1
			w := withNotification(f.over(o, sub, fmt.Sprintf("evt_%d", o.Version+1)), notified(o.Version+1, sub))
			if saved, err := f.store.Save(f.Context(), w); err != nil || !saved {
				return fmt.Errorf("save over version %d: %t, %w", o.Version, saved, err)
			}
		}
	})
}

// writtenAtOnce checks that all parts of what is loaded are of its version, and that the event is that of the last one.
func writtenAtOnce(l subscription.Loaded, last int64) error {
	if s, n := l.Subscription, l.Notification; s != nil &&
		(s.Items[0].Quantity != l.Version || n.Count != l.Version || n.Notified.Items[0].Quantity != l.Version) {
		return fmt.Errorf("version %d is loaded with state %d, which the host knows as %d, its change %d",
			l.Version, s.Items[0].Quantity, n.Notified.Items[0].Quantity, n.Count)
	}
	if recorded := len(l.Recorded) > 0; recorded != (l.Version == last) {
		return fmt.Errorf("version %d is loaded with the event of version %d: %t", l.Version, last, recorded)
	}
	return nil
}

// everythingAtOnce runs every method on a few keys at the same time.
func everythingAtOnce(f *fixture) {
	f.race(racers, func(i int) error {
		user, id := fmt.Sprintf("user_%d", i%3), fmt.Sprintf("sub_%d", i%3)
		for range 5 {
			loaded, err := f.store.Load(f.Context(), f.scope, id, []string{"evt_1", fmt.Sprintf("evt_%d", i)})
			w := f.over(loaded.Object, f.sub(user, id), fmt.Sprintf("evt_%d", i))
			_, saveErr := f.store.Save(f.Context(), withNotification(w, loaded.Notification))
			_, noteErr := f.store.SaveNotification(f.Context(), f.scope, id, loaded.Notification)
			payment := f.pay(user, fmt.Sprintf("pi_%d", i%5))
			_, payErr := f.store.Save(f.Context(), f.over(f.of(payment.ID), payment, "evt_1"))
			_, readErr := f.store.Subscriptions(f.Context(), f.owner(user))
			_, _, pageErr := f.store.Payments(f.Context(), f.owner(user), subscription.Page{Limit: 3})
			intent, intentErr := f.store.Intent(f.Context(), f.owner(user), subscription.IntentCustomer)
			next := intentFor(fmt.Sprintf("attempt_%d", i), fmt.Sprintf("cus_%d", i))
			_, swapErr := f.store.SwapIntent(f.Context(), f.owner(user), subscription.IntentCustomer, intent.Version, next)
			_, adoptErr := f.store.AdoptCustomer(f.Context(), f.owner(user), fmt.Sprintf("cus_%d", i/2), intent.Version, next)
			_, ownerErr := f.store.CustomerOwner(f.Context(), f.scope, next.ObjectID)
			if errors.Is(ownerErr, subscription.ErrNotFound) {
				ownerErr = nil
			}
			cursor, cursorErr := f.store.ReconcileCursor(f.Context(), f.scope)
			_, swapCursorErr := f.store.SwapReconcileCursor(f.Context(), f.scope, cursor.Version, []byte("{}"))
			if err := errors.Join(err, saveErr, noteErr, payErr, readErr, pageErr, intentErr, swapErr, adoptErr, ownerErr,
				cursorErr, swapCursorErr); err != nil {
				return err
			}
		}
		return nil
	})
}
