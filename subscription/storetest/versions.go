package storetest

import (
	"fmt"
	"strings"

	"github.com/paymount/paymount/subscription"
)

func versionCases() []testCase {
	return []testCase{
		{"versions/are counted from one for each object", func(f *fixture) {
			for want := int64(1); want <= 3; want++ {
				f.see(f.sub("ann", "sub_1"))
				f.wantVersions("sub_1", want, 0)
			}
			f.see(f.pay("ann", "pi_1"))
			f.see("sub_2")
			f.wantVersions("pi_1", 1, 0)
			f.wantVersions("sub_2", 1, 0)
			f.see(f.sub("ann", "sub_1"))
			f.wantVersions("sub_1", 4, 0)
		}},
		{"versions/are the store's, whatever those of the new object are", func(f *fixture) {
			w := withNotification(f.over(f.object("sub_1"), f.sub("ann", "sub_1")), notified(1, nil))
			for want := int64(1); want <= 2; want++ {
				w.New.Version, w.New.Notification.Version = 7, 8
				f.save(w)
				f.wantVersions("sub_1", want, want)
				w.Old = f.object("sub_1")
			}
		}},
		{"versions/a save from another one changes nothing", savedFromOthers},
		{"versions/a save from any but zero makes no object", savedFromNothing},
		{"versions/a save that comes twice is done once", func(f *fixture) {
			for range 3 {
				w := f.over(f.object("sub_1"), f.sub("ann", "sub_1"), "evt_1")
				f.save(w)
				f.saveNot(w)
			}
			f.wantVersions("sub_1", 3, 0)
		}},
		{"versions/of the saves from one version the first is done, in every order", everyOrder},
	}
}

func savedFromOthers(f *fixture) {
	for _, state := range []any{f.sub("ann", "sub_1"), f.pay("ann", "pi_1"), "sub_2", "pi_2"} {
		f.see(state, "evt_1")
		f.see(state, "evt_1")
		want := f.object(f.of(state).ID)
		for _, other := range []int64{-1, 0, 1, 3, 9} {
			old := want
			old.Version = other
			for _, next := range others(f, want.ID) {
				f.saveNot(f.over(old, next, "evt_2"))
				f.saveNot(withNotification(f.over(old, next, "evt_2"), notified(5, nil)))
			}
		}
		f.wantObject(want)
		f.wantRecorded(want.ID, []string{"evt_1"}, "evt_1", "evt_2")
	}
	f.wantSubs("bob")
	f.wantPage("bob", 0, 10, 0)
}

func savedFromNothing(f *fixture) {
	for _, version := range []int64{-1, 1, 2} {
		for _, id := range []string{"sub_1", "pi_1"} {
			old := f.of(id)
			old.Version = version
			for _, next := range others(f, id) {
				f.saveNot(f.over(old, next, "evt_1"))
			}
			f.wantObject(f.of(id))
			f.wantRecorded(id, nil, "evt_1")
		}
	}
}

// others returns states of an object that differ from those of the cases.
func others(f *fixture, id string) []any {
	if strings.HasPrefix(id, "sub_") {
		return []any{f.sub("bob", id), id}
	}
	return []any{f.pay("bob", id), id}
}

// everyOrder has four callers load an object one after the other, with a save between the loads, and saves in each of the 24
// orders: a save is done if nobody else's was since its load.
func everyOrder(f *fixture) {
	for n, order := range permutations([]int{0, 1, 2, 3}) {
		user, id := fmt.Sprintf("user_%d", n), fmt.Sprintf("sub_%d", n)
		var writes []subscription.Write
		for i := range order {
			sub := f.sub(user, id)
			sub.Items[0].Quantity = int64(i)
			writes = append(writes, f.over(f.object(id), sub, fmt.Sprintf("evt_%d", i)))
			if i == 1 { // the first two have loaded version 0, the others version 1
				f.see(f.sub(user, id), "evt_between")
			}
		}
		recorded, version := []string{"evt_between"}, int64(1)
		for _, i := range order {
			done := writes[i].Old.Version == version
			f.wantSaved(done, writes[i])
			if done {
				version++
				recorded = append(recorded, writes[i].Events...)
				f.wantSubs(user, writes[i].New.Subscription)
			}
			f.wantRecorded(id, recorded, "evt_between", "evt_0", "evt_1", "evt_2", "evt_3")
		}
		f.wantVersions(id, 2, 0)
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
