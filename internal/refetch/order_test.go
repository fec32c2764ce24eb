package refetch

import (
	"fmt"
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// world is a Stripe whose subscription counts its changes, a store, and the callers that bring the one into the other, in steps.
type world struct {
	t     *testing.T
	order []int
	store *memstore.Store
	// changes is what Stripe has, last what was stored last, and told what the host was told of last.
	changes, last, told int64
	telling             bool
	callers             map[int]*caller
}

// caller is a refetch for one event.
type caller struct {
	event   string
	changes int64 // that the event is about
	old     subscription.Object
	seen    seen
	claimed *subscription.Object
}

// step does the next step of a caller: its event comes and it loads, it fetches, it saves, it tells the host.
func (w *world) step(i, step int) {
	w.t.Helper()
	c := w.callers[i]
	switch step {
	case 0:
		w.changes++
		c = &caller{event: fmt.Sprintf("evt_%d", i), changes: w.changes, old: w.load().Object}
		w.callers[i] = c
	case 1:
		c.seen = sub("ann", active)
		c.seen.subscription.Items = []subscription.Item{{Quantity: w.changes}}
	case 2:
		w.save(c)
	case 3:
		w.tell(c)
	}
	w.check()
}

func (w *world) load(events ...string) subscription.Loaded {
	w.t.Helper()
	loaded, err := w.store.Load(w.t.Context(), owner("").Scope, "sub_1", events)
	if err != nil {
		w.t.Fatal(err)
	}
	return loaded
}

func (w *world) save(c *caller) {
	w.t.Helper()
	next := merge(c.old, c.seen, at(0))
	var decided decision
	next.Notification, decided = decide(c.old, next, terms{now: at(0)})
	saved, err := w.store.Save(w.t.Context(), subscription.Write{
		Old: c.old, New: next, WithNotification: decided == notify, Events: []string{c.event}, At: at(0),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if saved && decided == notify {
		if w.telling {
			w.t.Errorf("order %v: two callers tell the host at once", w.order)
		}
		w.telling = true
		next.Notification.Version++
		c.claimed = &next
	}
}

func (w *world) tell(c *caller) {
	w.t.Helper()
	if c.claimed == nil {
		return
	}
	now := quantity(c.claimed.Subscription)
	if now <= w.told {
		w.t.Errorf("order %v: the host is told of change %d after change %d", w.order, now, w.told)
	}
	w.told, w.telling = now, false
	saved, err := w.store.SaveNotification(w.t.Context(), c.claimed.Scope, "sub_1", acknowledged(*c.claimed))
	if err != nil || !saved {
		w.t.Errorf("order %v: acknowledged: %t, %v", w.order, saved, err)
	}
}

// check looks whether what is stored never goes back, holds what every recorded event was about, and is pending unless the host
// knows it.
func (w *world) check() {
	w.t.Helper()
	var events []string
	for _, c := range w.callers {
		events = append(events, c.event)
	}
	loaded := w.load(events...)
	stored := quantity(loaded.Subscription)
	if stored < w.last {
		w.t.Errorf("order %v: change %d is stored after change %d", w.order, stored, w.last)
	}
	w.last = stored
	for _, c := range w.callers {
		for _, event := range loaded.Recorded {
			if event == c.event && stored < c.changes {
				w.t.Errorf("order %v: %s is recorded, but change %d is not stored", w.order, event, c.changes)
			}
		}
	}
	if known := stored == w.told && !w.telling; loaded.Pending() == known {
		w.t.Errorf("order %v: change %d is stored, %d told, pending: %t", w.order, stored, w.told, loaded.Pending())
	}
}

func quantity(s *subscription.Subscription) int64 {
	if s == nil {
		return 0
	}
	return s.Plan().Quantity
}

// TestEveryOrderOfRefetches lets callers load, fetch, save and tell in every order. Whoever loses a save gives up.
func TestEveryOrderOfRefetches(t *testing.T) {
	t.Parallel()
	began := time.Now()
	all := append(permutations([]int{1, 1, 1, 1, 2, 2, 2, 2}), permutations([]int{1, 1, 1, 2, 2, 2, 3, 3, 3})...)
	for _, order := range all {
		w := &world{t: t, order: order, store: memstore.New(), callers: map[int]*caller{}}
		done := map[int]int{}
		for _, i := range order {
			w.step(i, done[i])
			done[i]++
		}
	}
	t.Logf("%d orders in %s", len(all), time.Since(began))
}

// permutations returns every distinct order of items.
func permutations(items []int) [][]int {
	if len(items) == 0 {
		return [][]int{{}}
	}
	var all [][]int
	seen := map[int]bool{}
	for i, first := range items {
		if seen[first] {
			continue
		}
		seen[first] = true
		rest := append(append([]int{}, items[:i]...), items[i+1:]...)
		for _, order := range permutations(rest) {
			all = append(all, append([]int{first}, order...))
		}
	}
	return all
}
