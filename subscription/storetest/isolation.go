package storetest

import (
	"fmt"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

func isolationCases() []testCase {
	other := map[string]project.Scope{
		"project": {ProjectID: "shop2", Mode: project.ModeTest},
		"mode":    {ProjectID: "shop", Mode: project.ModeLive},
	}
	methods := []struct {
		name string
		run  func(here, there *fixture)
	}{
		{"Subscriptions", func(here, there *fixture) {
			here.see(here.sub("ann", "sub_1"))
			there.wantSubs("ann")
			there.see(there.sub("ann", "sub_1"))
			here.wantSubs("ann", here.sub("ann", "sub_1"))
			there.wantSubs("ann", there.sub("ann", "sub_1"))
		}},
		{"Payments", func(here, there *fixture) {
			here.see(here.pay("ann", "pi_1"))
			there.wantPage("ann", 0, 10, 0)
			there.see(there.pay("ann", "pi_1"))
			there.see(there.pay("ann", "pi_2"))
			here.wantPage("ann", 0, 10, 1, here.pay("ann", "pi_1"))
			after := subscription.Page{Limit: 10, After: subscription.Mark{CreatedAt: at(9)}}
			here.wantPayments("ann", after, 0, here.pay("ann", "pi_1"))
		}},
		{"Load", func(here, there *fixture) {
			here.see(here.sub("ann", "sub_1"), "evt_1")
			there.wantObject(there.of("sub_1"))
			there.wantRecorded("sub_1", nil, "evt_1")
			there.see("sub_1", "evt_2")
			here.wantRecorded("sub_1", []string{"evt_1"}, "evt_1", "evt_2")
			there.wantRecorded("sub_1", []string{"evt_2"}, "evt_1", "evt_2")
		}},
		{"Save", func(here, there *fixture) {
			here.see(here.sub("ann", "sub_1"))
			there.save(there.over(there.of("sub_1"), there.sub("bob", "sub_1")))
			here.see(here.sub("ann", "sub_1"))
			here.wantVersions("sub_1", 2, 0)
			there.wantVersions("sub_1", 1, 0)
			here.wantSubs("ann", here.sub("ann", "sub_1"))
			there.wantSubs("bob", there.sub("bob", "sub_1"))
		}},
		{"SaveNotification", func(here, there *fixture) {
			here.see(here.sub("ann", "sub_1"))
			there.wantNoted(false, "sub_1", notified(1, nil))
			there.see(there.sub("ann", "sub_1"))
			there.note("sub_1", notified(1, nil))
			here.wantVersions("sub_1", 1, 0)
			there.wantVersions("sub_1", 1, 1)
		}},
		{"SwapIntent", func(here, there *fixture) {
			const kind = subscription.IntentCheckout
			mine := subscription.Intent{Attempt: "a", ObjectID: "cs_1"}
			theirs := subscription.Intent{Attempt: "b", ObjectID: "cs_2"}
			here.swap("ann", kind, 0, mine)
			there.wantIntent("ann", kind, 0, subscription.Intent{})
			there.swapNot("ann", kind, 1, theirs)
			there.swap("ann", kind, 0, theirs)
			here.wantIntent("ann", kind, 1, mine)
			there.wantIntent("ann", kind, 1, theirs)
		}},
		{"AdoptCustomer", func(here, there *fixture) {
			here.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			there.wantCustomerOwner("cus_1", "")
			there.wantIntent("ann", subscription.IntentCustomer, 0, subscription.Intent{})
			there.adopt("bob", "cus_1", 0, intentFor("b", "cus_1"))
			here.wantCustomerOwner("cus_1", "ann")
			there.wantCustomerOwner("cus_1", "bob")
		}},
		{"SwapReconcileCursor", func(here, there *fixture) {
			here.swapCursor(0, []byte(`{"n":1}`))
			there.wantCursor(0, "")
			there.wantCursorSwapped(false, 1, []byte(`{"n":2}`))
			there.swapCursor(0, []byte(`{"n":2}`))
			here.wantCursor(1, `{"n":1}`)
			there.wantCursor(1, `{"n":2}`)
		}},
	}
	var all []testCase
	for name, scope := range other {
		for _, m := range methods {
			all = append(all, testCase{
				fmt.Sprintf("isolation/%s keeps to its %s", m.name, name),
				func(f *fixture) { m.run(f, f.in(scope)) },
			})
		}
	}
	return append(all, testCase{"isolation/keys that look alike when they are joined do not meet", joinedKeys})
}

// joinedKeys uses pairs of a project and an id that are equal once they are joined by a separator with the mode between.
func joinedKeys(f *fixture) {
	for i, separator := range []string{":", "/", "|", "-", "_", ".", ",", " ", "\x1f", "\t", "\n"} {
		projectID := fmt.Sprintf("p%d", i)
		one := f.in(project.Scope{ProjectID: projectID, Mode: project.ModeTest})
		two := f.in(project.Scope{ProjectID: projectID + separator + "test", Mode: project.ModeTest})
		oneID, twoID := "test"+separator+"pi_x", "pi_x"
		one.see(one.pay(oneID, oneID), "evt_1")
		two.wantPage(twoID, 0, 10, 0)
		two.wantObject(two.of(twoID))
		two.wantRecorded(twoID, nil, "evt_1")
		two.see(twoID)
		two.wantRecorded(twoID, nil, "evt_1")
		one.adopt(oneID, oneID, 0, intentFor("a", oneID))
		two.wantIntent(twoID, subscription.IntentCustomer, 0, subscription.Intent{})
		two.wantCustomerOwner(twoID, "")
	}
}
