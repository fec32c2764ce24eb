package storetest

import (
	"context"
	"fmt"
	"time"
)

func eventCases() []testCase {
	return []testCase{
		{"events/Draw draws until every event is recorded", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1", "evt_2"))
			f.wantDrawn(false, "sub_1", "evt_1")
			f.wantDrawn(false, "sub_1", "evt_2", "evt_1")
			f.wantDrawn(true, "sub_1", "evt_1", "evt_3")
			f.wantDrawn(true, "sub_1", "evt_3", "evt_2")
			f.wantDrawn(true, "sub_1", "evt_3")
		}},
		{"events/Draw draws none when it returns 0", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1"))
			f.wantDrawn(false, "sub_1", "evt_1")
			f.wantDrawn(false, "sub_1", "evt_1")
			f.equal("the next ticket", f.draw("sub_1"), 2)
		}},
		{"events/Draw without events always draws", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1"))
			f.wantDrawn(true, "sub_1")
			f.wantDrawn(true, "sub_1")
		}},
		{"events/Draw draws for an object that it does not know", func(f *fixture) {
			f.equal("the first ticket", f.draw("sub_1", "evt_1"), 1)
		}},
		{"events/an event that is named twice counts once", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1", "evt_1", "evt_2"))
			f.wantDrawn(false, "sub_1", "evt_1", "evt_1")
			f.wantDrawn(false, "sub_1", "evt_1", "evt_2", "evt_1")
			f.wantDrawn(true, "sub_1", "evt_1", "evt_3", "evt_1")
		}},
		{"events/an event is recorded for its object alone", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1"))
			f.see(saw(0, f.sub("ann", "sub_2"), "evt_2"))
			f.wantDrawn(true, "sub_2", "evt_1")
			f.wantDrawn(true, "sub_1", "evt_2")
			f.see(saw(0, f.sub("ann", "sub_2"), "evt_1"))
			f.wantDrawn(false, "sub_2", "evt_1")
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"events/an event is recorded again without harm", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1"))
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1", "evt_2"))
			f.wantDrawn(false, "sub_1", "evt_1", "evt_2")
		}},
		{"events/hundreds of them are recorded at once", func(f *fixture) {
			var events []string
			for i := range 400 {
				events = append(events, fmt.Sprintf("evt_%d", i))
			}
			f.see(saw(0, f.sub("ann", "sub_1"), events...))
			f.wantDrawn(false, "sub_1", events...)
			f.wantDrawn(true, "sub_1", append(events, "evt_other")...)
		}},
		{"events/an apply of an older ticket records them too", func(f *fixture) {
			f.equal("the first ticket", f.draw("sub_1"), 1)
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_2"))
			f.applyNothing(saw(1, f.sub("bob", "sub_1"), "evt_1"))
			f.wantDrawn(false, "sub_1", "evt_1", "evt_2")
			f.wantSubs("ann", f.sub("ann", "sub_1"))
		}},
		{"events/an apply while another caller tells the host keeps them", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.applyClaimed(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_2"))
			f.settle(change, true)
			f.wantDrawn(false, "sub_1", "evt_1", "evt_2")
		}},
		{"events/an apply that is cut off keeps all of it or nothing", cutOff},
	}
}

// cutOff applies with contexts that end at ever other moments of the work.
func cutOff(f *fixture) {
	for i := range 60 {
		user, id := fmt.Sprintf("user_%d", i), fmt.Sprintf("sub_%d", i)
		s := saw(f.draw(id), f.sub(user, id), "evt_1")
		s.Quiet = true
		ctx, cancel := context.WithTimeout(f.Context(), time.Duration(i)*20*time.Microsecond)
		_, err := f.store.Apply(ctx, f.scope, s)
		cancel()
		recorded := f.draw(id, "evt_1") == 0
		// What was cut off can still be written at any later moment, but then wholly: hence this order.
		subs, readErr := f.store.Subscriptions(f.Context(), f.owner(user))
		if readErr != nil {
			f.Fatalf("Subscriptions after an apply that was cut off: %v", readErr)
		}
		if (err == nil || recorded) && len(subs) == 0 {
			f.Fatalf("no state, though the apply returned %v and its event is recorded: %t", err, recorded)
		}
		if len(subs) > 0 {
			f.wantDrawn(false, id, "evt_1")
		}
	}
}
