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
			here.see(saw(0, here.sub("ann", "sub_1")))
			there.wantSubs("ann")
			there.see(saw(0, there.sub("ann", "sub_1")))
			here.wantSubs("ann", here.sub("ann", "sub_1"))
			there.wantSubs("ann", there.sub("ann", "sub_1"))
		}},
		{"Payments", func(here, there *fixture) {
			here.see(sawPayment(0, here.pay("ann", "pi_1")))
			there.wantPage("ann", 0, 10, 0)
			there.see(sawPayment(0, there.pay("ann", "pi_1")))
			there.see(sawPayment(0, there.pay("ann", "pi_2")))
			here.wantPage("ann", 0, 10, 1, here.pay("ann", "pi_1"))
		}},
		{"Draw", func(here, there *fixture) {
			here.draw("sub_1")
			here.equal("the ticket elsewhere", there.draw("sub_1"), 1)
			here.see(saw(0, here.sub("ann", "sub_1"), "evt_1"))
			there.wantDrawn(true, "sub_1", "evt_1")
			there.see(saw(0, there.sub("ann", "sub_1"), "evt_1"))
			here.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"Apply", func(here, there *fixture) {
			here.draw("sub_1")
			here.applyChange(saw(here.draw("sub_1"), here.sub("ann", "sub_1")))
			change := there.applyChange(saw(there.draw("sub_1"), there.sub("bob", "sub_1")))
			here.wantChange(change, nil, there.sub("bob", "sub_1"))
			here.wantSubs("ann", here.sub("ann", "sub_1"))
		}},
		{"Settle", func(here, there *fixture) {
			mine := here.applyChange(saw(here.draw("sub_1"), here.sub("ann", "sub_1"), "evt_1"))
			there.settle(mine, true)
			here.wantDrawn(true, "sub_1", "evt_1")
			theirs := there.applyChange(saw(there.draw("sub_1"), there.sub("ann", "sub_1"), "evt_1"))
			if mine.ID == theirs.ID {
				here.Errorf("changes of two scopes have the same id %q", mine.ID)
			}
			here.settle(mine, true)
			here.wantDrawn(false, "sub_1", "evt_1")
			there.wantDrawn(true, "sub_1", "evt_1")
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
		{"CustomerOwner", func(here, there *fixture) {
			const kind = subscription.IntentCustomer
			here.swap("ann", kind, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			there.wantCustomerOwner("cus_1", "")
			there.swap("bob", kind, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			here.wantCustomerOwner("cus_1", "ann")
			there.wantCustomerOwner("cus_1", "bob")
		}},
		{"AdoptCustomer", func(here, there *fixture) {
			here.adopt("ann", "cus_1")
			there.wantCustomerOwner("cus_1", "")
			there.adopt("bob", "cus_1")
			here.wantCustomerOwner("cus_1", "ann")
			there.wantCustomerOwner("cus_1", "bob")
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

// joinedKeys uses pairs of a project and a user that are equal once they are joined by a separator with the mode between.
func joinedKeys(f *fixture) {
	for i, separator := range []string{":", "/", "|", "-", "_", ".", ",", " ", "\x1f", "\t", "\n"} {
		projectID := fmt.Sprintf("p%d", i)
		one := f.in(project.Scope{ProjectID: projectID, Mode: project.ModeTest})
		two := f.in(project.Scope{ProjectID: projectID + separator + "test", Mode: project.ModeTest})
		oneID, twoID := "test"+separator+"x", "x"
		one.see(saw(0, one.sub(oneID, oneID), "evt_1"))
		two.wantSubs(twoID)
		two.wantDrawn(true, twoID, "evt_1")
		one.swap(oneID, subscription.IntentCustomer, 0, subscription.Intent{Attempt: "a", ObjectID: oneID})
		two.wantIntent(twoID, subscription.IntentCustomer, 0, subscription.Intent{})
		two.wantCustomerOwner(twoID, "")
	}
}
