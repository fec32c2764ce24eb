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
		{"races/no ticket is drawn twice", func(f *fixture) {
			var drawn collection[int64]
			f.race(racers, func(int) error {
				ticket, err := f.store.Draw(f.Context(), f.scope, "sub_1", nil)
				drawn.add(ticket)
				return err
			})
			f.wantCounted(drawn.all())
		}},
		{"races/applies and settlements lose no ticket", applyAgainstDraw},
		{"races/applies end in the last ticket's state", raceApplies},
		{"races/one caller alone tells a change", raceTelling},
		{"races/an event that is recorded has its state written", recordedMeansWritten},
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

// wantCounted checks that the tickets are 1, 2, 3 and so on, in any order.
func (f *fixture) wantCounted(tickets []int64) {
	f.Helper()
	slices.Sort(tickets)
	for i, ticket := range tickets {
		if ticket != int64(i+1) {
			f.Fatalf("the tickets drawn are %d", tickets)
		}
	}
}

// refetch draws, applies and settles as the callers of a store do.
func (f *fixture) refetch(sub *subscription.Subscription, quiet bool, events ...string) (ticket int64, err error) {
	ticket, err = f.store.Draw(f.Context(), f.scope, sub.ID, nil)
	if err != nil {
		return 0, fmt.Errorf("draw: %w", err)
	}
	s := saw(ticket, sub, events...)
	s.Quiet = quiet
	change, err := f.store.Apply(f.Context(), f.scope, s)
	switch {
	case errors.Is(err, subscription.ErrClaimed):
		return ticket, nil
	case err != nil:
		return ticket, fmt.Errorf("apply: %w", err)
	case change.ID == "":
		return ticket, nil
	}
	if err := f.store.Settle(f.Context(), f.scope, change, true); err != nil {
		return ticket, fmt.Errorf("settle: %w", err)
	}
	return ticket, nil
}

func applyAgainstDraw(f *fixture) {
	var drawn collection[int64]
	f.race(racers, func(i int) error {
		sub := f.sub("ann", "sub_1")
		sub.Items[0].Quantity = int64(i)
		ticket, err := f.refetch(sub, false)
		drawn.add(ticket)
		return err
	})
	f.wantCounted(drawn.all())
	f.equal("the next ticket", f.draw("sub_1"), racers+1)
}

func raceApplies(f *fixture) {
	for round := range 4 {
		user, id := fmt.Sprintf("user_%d", round), fmt.Sprintf("sub_%d", round)
		states, events := make([]*subscription.Subscription, racers), make([]string, racers)
		for i := range racers {
			f.equal("the ticket", f.draw(id), i+1)
			states[i], events[i] = f.sub(user, id), fmt.Sprintf("evt_%d", i)
			states[i].Items[0].Quantity = int64(i)
		}
		f.race(racers, func(i int) error {
			s := saw(int64(i+1), states[i], events[i])
			s.Quiet = true
			_, err := f.store.Apply(f.Context(), f.scope, s)
			return err
		})
		f.wantSubs(user, states[racers-1])
		f.wantDrawn(false, id, events...)
	}
}

func raceTelling(f *fixture) {
	for range racers {
		f.draw("sub_1")
	}
	var changes collection[subscription.Change]
	f.race(racers, func(i int) error {
		change, err := f.store.Apply(f.Context(), f.scope, saw(int64(i+1), f.sub("ann", "sub_1"), "evt_1"))
		if change.ID != "" {
			changes.add(change)
		}
		if errors.Is(err, subscription.ErrClaimed) {
			return nil
		}
		return err
	})
	told := changes.all()
	if len(told) != 1 {
		f.Fatalf("%d callers were to tell one change", len(told))
	}
	f.settle(told[0], true)
	f.wantDrawn(false, "sub_1", "evt_1")
}

// recordedMeansWritten looks for the state as soon as an event is recorded, while it is being applied.
func recordedMeansWritten(f *fixture) {
	const rounds = 20
	var reached atomic.Int64 // the rounds that the reader has seen through
	f.race(2, func(i int) error {
		for round := range rounds {
			user, id := fmt.Sprintf("user_%d", round), fmt.Sprintf("sub_%d", round)
			if i == 0 {
				if _, err := f.refetch(f.sub(user, id), true, "evt_1"); err != nil {
					return err
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
		ticket, err := f.store.Draw(f.Context(), f.scope, object, []string{"evt_1"})
		if err != nil {
			return err
		}
		if ticket == 0 {
			return nil
		}
	}
	return fmt.Errorf("evt_1 of %s was not recorded in time", object)
}

// everythingAtOnce runs every method on a few keys at the same time.
func everythingAtOnce(f *fixture) {
	f.race(racers, func(i int) error {
		user, id := fmt.Sprintf("user_%d", i%3), fmt.Sprintf("sub_%d", i%3)
		for range 5 {
			_, err := f.refetch(f.sub(user, id), false, fmt.Sprintf("evt_%d", i))
			payment := sawPayment(int64(i), f.pay(user, fmt.Sprintf("pi_%d", i)))
			payment.Quiet = true
			_, applyErr := f.store.Apply(f.Context(), f.scope, payment)
			_, readErr := f.store.Subscriptions(f.Context(), f.owner(user))
			_, _, pageErr := f.store.Payments(f.Context(), f.owner(user), 0, 3)
			intent, intentErr := f.store.Intent(f.Context(), f.owner(user), subscription.IntentCustomer)
			next := subscription.Intent{Attempt: fmt.Sprintf("attempt_%d", i), ObjectID: fmt.Sprintf("cus_%d", i)}
			_, swapErr := f.store.SwapIntent(f.Context(), f.owner(user), subscription.IntentCustomer, intent.Version, next)
			adoptErr := f.store.AdoptCustomer(f.Context(), f.owner(user), fmt.Sprintf("cus_%d", i/2))
			_, ownerErr := f.store.CustomerOwner(f.Context(), f.scope, next.ObjectID)
			if errors.Is(ownerErr, subscription.ErrNotFound) {
				ownerErr = nil
			}
			if err := errors.Join(err, applyErr, readErr, pageErr, intentErr, swapErr, adoptErr, ownerErr); err != nil {
				return err
			}
		}
		return nil
	})
}
