package storetest

import (
	"errors"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func customerCases() []testCase {
	const checkout, customer = subscription.IntentCheckout, subscription.IntentCustomer
	return []testCase{
		{"customers/have the owner who swapped them in", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			f.swap("bob", customer, 0, subscription.Intent{Attempt: "a"})
			f.swap("bob", customer, 1, subscription.Intent{Attempt: "a", ObjectID: "cus_2"})
			f.wantCustomerOwner("cus_1", "ann")
			f.wantCustomerOwner("cus_2", "bob")
			f.wantCustomerOwner("cus_3", "")
		}},
		{"customers/keep their owner after they were replaced", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			f.swap("ann", customer, 1, subscription.Intent{Attempt: "b"})
			f.wantCustomerOwner("cus_1", "ann")
			f.swap("ann", customer, 2, subscription.Intent{Attempt: "b", ObjectID: "cus_2"})
			f.wantCustomerOwner("cus_1", "ann")
			f.wantCustomerOwner("cus_2", "ann")
		}},
		{"customers/stay with their first owner", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			f.swap("bob", customer, 0, subscription.Intent{Attempt: "b", ObjectID: "cus_1"})
			f.wantCustomerOwner("cus_1", "ann")
			f.wantIntent("bob", customer, 1, subscription.Intent{Attempt: "b", ObjectID: "cus_1"})
		}},
		{"customers/get no owner from a swap that is not done", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			f.swapNot("ann", customer, 2, subscription.Intent{Attempt: "c", ObjectID: "cus_2"})
			f.swapNot("ann", customer, 0, subscription.Intent{Attempt: "c", ObjectID: "cus_2"})
			f.swapNot("bob", customer, 1, subscription.Intent{Attempt: "c", ObjectID: "cus_2"})
			f.wantCustomerOwner("cus_2", "")
		}},
		{"customers/are adopted beside the one of the intent", func(f *fixture) {
			mine := subscription.Intent{Attempt: "a", ObjectID: "cus_1"}
			f.swap("ann", customer, 0, mine)
			f.adopt("ann", "cus_2")
			f.wantCustomerOwner("cus_2", "ann")
			f.wantIntent("ann", customer, 1, mine)
			f.adopt("bob", "cus_3")
			f.wantCustomerOwner("cus_3", "bob")
			f.wantIntent("bob", customer, 0, subscription.Intent{})
		}},
		{"customers/that have an owner are not adopted by another", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a", ObjectID: "cus_1"})
			f.adopt("bob", "cus_1")
			f.wantCustomerOwner("cus_1", "ann")
			f.adopt("ann", "cus_2")
			f.adopt("bob", "cus_2")
			f.adopt("ann", "cus_2")
			f.wantCustomerOwner("cus_2", "ann")
			f.swap("bob", customer, 0, subscription.Intent{Attempt: "b", ObjectID: "cus_2"})
			f.wantCustomerOwner("cus_2", "ann")
		}},
		{"customers/get no owner from a checkout", func(f *fixture) {
			f.swap("ann", checkout, 0, subscription.Intent{Attempt: "a", ObjectID: "cs_1"})
			f.wantCustomerOwner("cs_1", "")
		}},
		{"customers/get no owner from a subscription or payment", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(sawPayment(0, f.pay("ann", "pi_1")))
			f.wantCustomerOwner("cus_ann", "")
		}},
		{"customers/without an id have no owner", func(f *fixture) {
			f.swap("ann", customer, 0, subscription.Intent{Attempt: "a"})
			f.wantCustomerOwner("", "")
		}},
		{"customers/of racing swaps only the winner's has an owner", raceCustomers},
	}
}

func raceCustomers(f *fixture) {
	const kind = subscription.IntentCustomer
	var winners collection[string]
	f.race(racers, func(i int) error {
		id := fmt.Sprintf("cus_%d", i)
		next := subscription.Intent{Attempt: "attempt of " + id, ObjectID: id}
		swapped, err := f.store.SwapIntent(f.Context(), f.owner("ann"), kind, 0, next)
		if swapped {
			winners.add(id)
		}
		return err
	})
	won := winners.all()
	if len(won) != 1 {
		f.Fatalf("%d racing customers were swapped in, want 1", len(won))
	}
	for i := range racers {
		id, user := fmt.Sprintf("cus_%d", i), ""
		if id == won[0] {
			user = "ann"
		}
		f.wantCustomerOwner(id, user)
	}
}

// adopt makes a user the owner of a customer.
func (f *fixture) adopt(user, customerID string) {
	f.Helper()
	if err := f.store.AdoptCustomer(f.Context(), f.owner(user), customerID); err != nil {
		f.Fatalf("AdoptCustomer of %q for %q: %v", customerID, user, err)
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
