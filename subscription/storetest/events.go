package storetest

import (
	"context"
	"fmt"
	"time"
)

func eventCases() []testCase {
	return []testCase{
		{"events/Load names those that are recorded", func(f *fixture) {
			for _, state := range []any{f.sub("ann", "sub_1"), f.pay("ann", "pi_1"), "sub_2", "in_2"} {
				id := f.of(state).ID
				f.see(state, "evt_1", "evt_2")
				f.wantRecorded(id, []string{"evt_1"}, "evt_1")
				f.wantRecorded(id, []string{"evt_1", "evt_2"}, "evt_2", "evt_1")
				f.wantRecorded(id, []string{"evt_1"}, "evt_1", "evt_3")
				f.wantRecorded(id, []string{"evt_2"}, "evt_3", "evt_2", "evt_4")
				f.wantRecorded(id, nil, "evt_3")
				f.wantRecorded(id, nil, "evt_3", "evt_4")
				f.wantRecorded(id, nil)
			}
		}},
		{"events/Load records none", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.wantRecorded("sub_1", nil, "evt_1")
			f.wantRecorded("sub_1", nil, "evt_1", "evt_2")
			f.wantRecorded("sub_1", nil, "evt_1", "evt_2")
		}},
		{"events/an event that is asked for twice is named once", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"), "evt_1", "evt_2")
			f.wantRecorded("sub_1", []string{"evt_1"}, "evt_1", "evt_1")
			f.wantRecorded("sub_1", []string{"evt_1", "evt_2"}, "evt_1", "evt_2", "evt_1")
			f.wantRecorded("sub_1", []string{"evt_1"}, "evt_1", "evt_3", "evt_1", "evt_3")
		}},
		{"events/an event is recorded for its object alone", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"), "evt_1")
			f.see(f.sub("ann", "sub_2"), "evt_2")
			f.see(f.pay("ann", "pi_1"), "evt_3")
			f.wantRecorded("sub_2", nil, "evt_1")
			f.wantRecorded("sub_1", nil, "evt_2", "evt_3")
			f.see(f.sub("ann", "sub_2"), "evt_1")
			f.wantRecorded("sub_2", []string{"evt_1"}, "evt_1", "evt_3")
			f.wantRecorded("sub_1", []string{"evt_1"}, "evt_1")
		}},
		{"events/an event is recorded again without harm", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"), "evt_1")
			f.see(f.sub("ann", "sub_1"), "evt_1", "evt_2")
			f.see(f.sub("ann", "sub_1"), "evt_1")
			f.wantRecorded("sub_1", []string{"evt_1", "evt_2"}, "evt_1", "evt_2")
			f.wantVersions("sub_1", 3, 0)
		}},
		{"events/those of every kind of save are recorded", func(f *fixture) {
			changed, more := f.sub("ann", "sub_1"), []string{"evt_4a", "evt_4b", "evt_4c"}
			changed.Items[0].Quantity = 5
			f.save(withNotification(f.over(f.object("sub_1"), f.sub("ann", "sub_1"), "evt_1"), notified(1, f.sub("ann", "sub_1"))))
			f.see(f.sub("ann", "sub_1"), "evt_2") // the same state again
			f.see(changed, "evt_3")
			f.save(withNotification(f.over(f.object("sub_1"), changed, more...), notified(2, changed)))
			f.see(changed)
			f.see(f.sub("ann", "sub_1"), "evt_5", "evt_6")
			all := append([]string{"evt_1", "evt_2", "evt_3", "evt_5", "evt_6"}, more...)
			f.wantRecorded("sub_1", all, append(all, "evt_7")...)
		}},
		{"events/hundreds of them are recorded at once", func(f *fixture) {
			var events []string
			for i := range 400 {
				events = append(events, fmt.Sprintf("evt_%03d", i))
			}
			f.see(f.sub("ann", "sub_1"), events...)
			f.wantRecorded("sub_1", events, append(events, "evt_other")...)
		}},
		{"events/a notification records none and forgets none", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"), "evt_1")
			f.note("sub_1", notified(1, f.sub("ann", "sub_1")))
			f.wantRecorded("sub_1", []string{"evt_1"}, "evt_1", "evt_2")
		}},
		{"events/a save that is cut off keeps all of it or nothing", cutOff},
	}
}

// cutOff saves with contexts that end at ever other moments of the work.
func cutOff(f *fixture) {
	for i := range 60 {
		user, id := fmt.Sprintf("user_%d", i), fmt.Sprintf("sub_%d", i)
		w := f.over(f.object(id), f.sub(user, id), "evt_1")
		ctx, cancel := context.WithTimeout(f.Context(), time.Duration(i)*20*time.Microsecond)
		saved, err := f.store.Save(ctx, w)
		cancel()
		if !saved && err == nil {
			f.Fatalf("a save that was cut off reports that somebody else has written %s", id)
		}
		recorded := len(f.load(id, "evt_1").Recorded) > 0
		// What was cut off can still be written at any later moment, but then wholly: hence this order.
		subs, readErr := f.store.Subscriptions(f.Context(), f.owner(user))
		if readErr != nil {
			f.Fatalf("Subscriptions after a save that was cut off: %v", readErr)
		}
		if (err == nil || recorded) && len(subs) == 0 {
			f.Fatalf("no state, though the save returned %v and its event is recorded: %t", err, recorded)
		}
		if len(subs) > 0 {
			f.wantRecorded(id, []string{"evt_1"}, "evt_1")
		}
	}
}
