package storetest

import (
	"errors"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func ticketCases() []testCase {
	return []testCase{
		{"tickets/are counted from one for each object", func(f *fixture) {
			for want := int64(1); want <= 3; want++ {
				f.equal("the ticket of sub_1", f.draw("sub_1"), want)
			}
			f.equal("the ticket of sub_2", f.draw("sub_2"), 1)
			f.equal("the ticket of sub_1", f.draw("sub_1"), 4)
		}},
		{"tickets/go on after an apply and after a settlement", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
			f.equal("the ticket after Apply", f.draw("sub_1"), 2)
			f.settle(change, true)
			f.equal("the ticket after Settle", f.draw("sub_1"), 3)
		}},
		{"tickets/an apply without news to tell keeps its ticket", func(f *fixture) {
			f.draw("sub_1")
			second := f.draw("sub_1")
			f.applyNothing(subscription.Snapshot{Object: "sub_1", Ticket: second, At: at(0)})
			f.applyNothing(saw(1, f.sub("ann", "sub_1")))
			f.wantSubs("ann")
		}},
		{"tickets/an apply that comes twice is told once", func(f *fixture) {
			s := saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1")
			change := f.applyChange(s)
			f.equal("the id of the change that is returned again", f.applyChange(s).ID, change.ID)
			f.settle(change, true)
			f.applyNothing(s)
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"tickets/every order of applies ends in the last ticket's state", everyOrder},
		{"tickets/every order of applies and settlements follows the rules of Object", everyInterleaving},
	}
}

// everyOrder applies four tickets in each of the 24 orders.
func everyOrder(f *fixture) {
	const tickets = 4
	for n, order := range permutations([]int{1, 2, 3, 4}) {
		user, id := fmt.Sprintf("user_%d", n), fmt.Sprintf("sub_%d", n)
		states, events := map[int64]*subscription.Subscription{}, []string{}
		for want := int64(1); want <= tickets; want++ {
			f.equal("the ticket", f.draw(id), want)
			states[want] = f.sub(user, id)
			states[want].Items[0].Quantity = want
		}
		var newest int64
		for _, i := range order {
			ticket, event := int64(i), fmt.Sprintf("evt_%d", i)
			s := saw(ticket, states[ticket], event)
			if ticket < newest {
				f.applyNothing(s)
			} else {
				change := f.applyChange(s)
				f.wantChange(change, states[newest], states[ticket])
				f.settle(change, true)
				newest = ticket
			}
			f.wantSubs(user, states[newest])
			events = append(events, event)
			f.wantDrawn(false, id, events...)
		}
		f.equal("the last ticket", f.draw(id), tickets+1)
	}
}

// everyInterleaving lets three refetches apply and settle in each of the 90 orders, and compares with subscription.Object.
// The first one's lease is over at once, and the second one fails to tell the host.
func everyInterleaving(f *fixture) {
	for n, order := range permutations([]int{1, 1, 2, 2, 3, 3}) {
		id := fmt.Sprintf("sub_%d", n)
		model := subscription.Object{ID: id}
		applied, want, got := [4]bool{}, [4]subscription.Change{}, [4]subscription.Change{}
		for range 3 {
			model.Tickets++
			f.equal("the ticket", f.draw(id), model.Tickets)
		}
		for _, i := range order {
			if applied[i] {
				model.Settle(want[i], i != 2)
				f.settle(got[i], i != 2)
				continue
			}
			applied[i] = true
			sub := f.sub("ann", id)
			sub.Items[0].Quantity = int64(i)
			s := saw(int64(i), sub, fmt.Sprintf("evt_%d", i))
			if i == 1 {
				s.Lease = 0
			}
			var wantErr, err error
			want[i], wantErr = model.Apply(s)
			got[i], err = f.store.Apply(f.Context(), f.scope, s)
			if !errors.Is(err, wantErr) {
				f.Fatalf("order %v: Apply of ticket %d returned %v, want %v", order, i, err, wantErr)
			}
			f.equal(fmt.Sprintf("order %v: the change of ticket %d", order, i), got[i], want[i])
		}
		f.wantDrawn(model.Untold(), id, "evt_1", "evt_2", "evt_3")
	}
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
