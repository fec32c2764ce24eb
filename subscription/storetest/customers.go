package storetest

import (
	"errors"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func customerCases() []testCase {
	const checkout, customer = subscription.IntentCheckout, subscription.IntentCustomer
	return []testCase{
		{"customers/have the owner who adopted them, and the intent", func(f *fixture) {
			f.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			f.swap("bob", customer, 0, subscription.Intent{Attempt: "a"})
			f.adopt("bob", "cus_2", 1, intentFor("a", "cus_2"))
			f.wantCustomerOwner("cus_1", "ann")
			f.wantCustomerOwner("cus_2", "bob")
			f.wantCustomerOwner("cus_3", "")
			f.wantIntent("ann", customer, 1, intentFor("a", "cus_1"))
			f.wantIntent("bob", customer, 2, intentFor("a", "cus_2"))
			f.wantIntent("ann", checkout, 0, subscription.Intent{})
		}},
		{"customers/keep their owner after they were replaced", func(f *fixture) {
			f.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			f.swap("ann", customer, 1, subscription.Intent{Attempt: "b"})
			f.wantCustomerOwner("cus_1", "ann")
			f.adopt("ann", "cus_2", 2, intentFor("b", "cus_2"))
			f.wantCustomerOwner("cus_1", "ann")
			f.wantCustomerOwner("cus_2", "ann")
		}},
		{"customers/that have an owner are not adopted by another, whose intent stays", func(f *fixture) {
			f.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			f.adoptNot("bob", "cus_1", 0, intentFor("b", "cus_1"))
			f.wantIntent("bob", customer, 0, subscription.Intent{})
			f.swap("bob", customer, 0, subscription.Intent{Attempt: "b"})
			f.adoptNot("bob", "cus_1", 1, intentFor("b", "cus_1"))
			f.wantIntent("bob", customer, 1, subscription.Intent{Attempt: "b"})
			f.wantCustomerOwner("cus_1", "ann")
		}},
		{"customers/get no owner when the intent has another version", func(f *fixture) {
			f.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			f.adoptNot("ann", "cus_2", 2, intentFor("c", "cus_2"))
			f.adoptNot("ann", "cus_2", 0, intentFor("c", "cus_2"))
			f.adoptNot("bob", "cus_2", 1, intentFor("c", "cus_2"))
			f.wantCustomerOwner("cus_2", "")
			f.wantIntent("ann", customer, 1, intentFor("a", "cus_1"))
			f.wantIntent("bob", customer, 0, subscription.Intent{})
		}},
		{"customers/are adopted beside the one of the intent", func(f *fixture) {
			mine := intentFor("a", "cus_1")
			f.adopt("ann", "cus_1", 0, mine)
			f.adopt("ann", "cus_2", 1, mine)
			f.wantCustomerOwner("cus_1", "ann")
			f.wantCustomerOwner("cus_2", "ann")
			f.wantIntent("ann", customer, 2, mine)
		}},
		{"customers/are adopted again by their owner", func(f *fixture) {
			f.adopt("ann", "cus_1", 0, intentFor("a", "cus_1"))
			f.adopt("ann", "cus_1", 1, intentFor("b", "cus_1"))
			f.wantCustomerOwner("cus_1", "ann")
			f.wantIntent("ann", customer, 2, intentFor("b", "cus_1"))
			f.adoptNot("ann", "cus_1", 1, intentFor("c", "cus_1"))
			f.wantIntent("ann", customer, 2, intentFor("b", "cus_1"))
		}},
		{"customers/get no owner from a swap", func(f *fixture) {
			f.swap("ann", customer, 0, intentFor("a", "cus_1"))
			f.swap("ann", checkout, 0, intentFor("a", "cs_1"))
			f.wantCustomerOwner("cus_1", "")
			f.wantCustomerOwner("cs_1", "")
		}},
		{"customers/get no owner from a subscription or payment", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("ann", "pi_1"))
			f.wantCustomerOwner("cus_ann", "")
		}},
		{"customers/of racing adoptions by one user the winner's alone has an owner", func(f *fixture) {
			f.raceAdoptions(func(i int) (user, id string) { return "ann", fmt.Sprintf("cus_%d", i) })
		}},
		{"customers/of racing adoptions of one customer exactly one is done", func(f *fixture) {
			f.raceAdoptions(func(i int) (user, id string) { return fmt.Sprintf("user_%d", i), "cus_1" })
		}},
	}
}

func intentFor(attempt, customerID string) subscription.Intent {
	return subscription.Intent{Attempt: attempt, ObjectID: customerID}
}

// raceAdoptions has the users adopt the customers, all from version 0. Exactly one of them succeeds, and the others change
// nothing.
func (f *fixture) raceAdoptions(of func(i int) (user, id string)) {
	f.Helper()
	var winners collection[int]
	f.race(racers, func(i int) error {
		user, id := of(i)
		next := intentFor(fmt.Sprintf("attempt_%d", i), id)
		adopted, err := f.store.AdoptCustomer(f.Context(), f.owner(user), id, 0, next)
		if adopted {
			winners.add(i)
		}
		return err
	})
	won := winners.all()
	if len(won) != 1 {
		f.Fatalf("%d of %d racing adoptions were done, want 1", len(won), racers)
	}
	winner, adopted := of(won[0])
	for i := range racers {
		user, id := of(i)
		if id == adopted {
			f.wantCustomerOwner(id, winner)
		} else {
			f.wantCustomerOwner(id, "")
		}
		if user == winner {
			f.wantIntent(user, subscription.IntentCustomer, 1, intentFor(fmt.Sprintf("attempt_%d", won[0]), adopted))
		} else {
			f.wantIntent(user, subscription.IntentCustomer, 0, subscription.Intent{})
		}
	}
}

// savedForCases are about what is saved for a user, and whose the customer is.
func savedForCases() []testCase {
	return []testCase{
		{"customers/nothing is saved for a user whose customer belongs to another", func(f *fixture) {
			f.see(f.sub("ann", "sub_2"), "evt_1")
			f.see(f.pay("ann", "pi_2"), "evt_1")
			f.adopt("bob", "cus_ann", 0, intentFor("b", "cus_ann"))
			changed, paid := f.sub("ann", "sub_2"), f.pay("ann", "pi_2")
			changed.Status, paid.Status = subscription.StatusUnpaid, subscription.PaymentRefunded
			for _, state := range []any{
				f.sub("ann", "sub_1"), f.pay("ann", "pi_1"), f.invoice("ann", "in_1"),
				f.sub("ann", "sub_2"), changed, f.pay("ann", "pi_2"), paid,
			} {
				before := f.object(f.of(state).ID)
				f.saveNot(f.over(before, state, "evt_2"))
				f.saveNot(withNotification(f.over(before, state, "evt_2"), notified(1, nil)))
				f.wantObject(before)
				f.wantRecorded(before.ID, nil, "evt_2")
			}
		}},
		{"customers/what is saved for their owner, or while they are nobody's, is saved", func(f *fixture) {
			f.adopt("ann", "cus_ann", 0, intentFor("a", "cus_ann"))
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("ann", "pi_1"))
			f.see(f.sub("bob", "sub_2"))
			f.adopt("bob", "cus_bob", 0, intentFor("b", "cus_bob"))
			f.see(f.sub("bob", "sub_2"))
			theirs := f.sub("bob", "sub_1")
			theirs.CustomerID = "cus_bob"
			f.see(theirs)
			f.wantSubs("bob", f.sub("bob", "sub_2"), theirs)
			f.wantSubs("ann")
		}},
		{"customers/of another scope keep nothing from being saved", func(f *fixture) {
			there := f.in(f.elsewhere())
			there.adopt("bob", "cus_ann", 0, intentFor("b", "cus_ann"))
			f.see(f.sub("ann", "sub_1"))
			f.wantSubs("ann", f.sub("ann", "sub_1"))
		}},
		{"customers/what has none, or is nobody's, is saved", func(f *fixture) {
			f.adopt("bob", "cus_ann", 0, intentFor("b", "cus_ann"))
			none, free := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
			none.CustomerID, free.CustomerID = "", ""
			f.see(none)
			f.see(free)
			f.see("sub_2")
			f.see("pi_2")
			f.wantSubs("ann", none)
			f.wantPage("ann", 0, 10, 1, free)
		}},
	}
}

// adopt fails the case unless a user becomes the owner of a customer.
func (f *fixture) adopt(user, customerID string, version int64, next subscription.Intent) {
	f.Helper()
	f.wantAdopted(true, user, customerID, version, next)
}

// adoptNot fails the case when the adoption is done.
func (f *fixture) adoptNot(user, customerID string, version int64, next subscription.Intent) {
	f.Helper()
	f.wantAdopted(false, user, customerID, version, next)
}

func (f *fixture) wantAdopted(want bool, user, customerID string, version int64, next subscription.Intent) {
	f.Helper()
	adopted, err := f.store.AdoptCustomer(f.Context(), f.owner(user), customerID, version, next)
	if err != nil || adopted != want {
		f.Fatalf("AdoptCustomer of %q for %q from version %d = %t, %v; want %t", customerID, user, version, adopted, err, want)
	}
}

// wantCustomerOwner checks the owner of a customer; an empty user means ErrNotFound.
func (f *fixture) wantCustomerOwner(customerID, user string) {
	f.Helper()
	got, err := f.store.CustomerOwner(f.Context(), f.scope, customerID)
	switch {
	case user == "" && !errors.Is(err, subscription.ErrNotFound):
		f.Fatalf("CustomerOwner(%q) = %q, %v; want ErrNotFound", customerID, got, err)
	case user != "" && (err != nil || got != user):
		f.Fatalf("CustomerOwner(%q) = %q, %v; want %q", customerID, got, err, user)
	}
}
