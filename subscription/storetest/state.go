package storetest

import (
	"errors"

	"github.com/paymount/paymount/subscription"
)

func stateCases() []testCase {
	return []testCase{
		{"state/nothing is found in an empty store", func(f *fixture) {
			f.wantSubs("ann")
			f.wantPage("ann", 0, 10, 0)
			f.wantIntent("ann", subscription.IntentCustomer, 0, subscription.Intent{})
			f.wantCursor(0, "")
			if _, err := f.store.CustomerOwner(f.Context(), f.scope, "cus_1"); !errors.Is(err, subscription.ErrNotFound) {
				f.Errorf("CustomerOwner of an unknown customer returned %v, want ErrNotFound", err)
			}
		}},
		{"state/an unknown object has its scope and id alone, and is not known afterwards", func(f *fixture) {
			for _, id := range []string{"sub_1", "in_1", "pi_1", "cs_1"} {
				f.wantObject(f.of(id))
				f.wantRecorded(id, nil, "evt_1")
				f.wantObject(f.of(id))
			}
			f.wantSubs("")
		}},
		{"state/a subscription comes back with every field", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.wantSubs("ann", f.sub("ann", "sub_1"))
			want := f.of(f.sub("ann", "sub_1"))
			want.Version = 1
			f.wantObject(want)
		}},
		{"state/a payment comes back with every field", func(f *fixture) {
			f.see(f.pay("ann", "pi_1"))
			f.see(f.invoice("bob", "in_1"))
			f.see(f.pay("carl", "cs_1"))
			f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
			f.wantPage("bob", 0, 10, 1, f.invoice("bob", "in_1"))
			f.wantPage("carl", 0, 10, 1, f.pay("carl", "cs_1"))
			want := f.of(f.invoice("bob", "in_1"))
			want.Version = 1
			f.wantObject(want)
		}},
		{"state/fields that Stripe has no value for stay zero", func(f *fixture) {
			sub := &subscription.Subscription{ID: "sub_1", Owner: f.owner("ann"), Status: subscription.StatusIncomplete}
			p := &subscription.Payment{ID: "pi_1", Owner: f.owner("ann"), Amount: 1}
			f.see(sub)
			f.see(p)
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		{"state/a later save replaces every field", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("ann", "pi_1"))
			sub := &subscription.Subscription{
				ID: "sub_1", Owner: f.owner("ann"), Status: subscription.StatusPastDue, CreatedAt: at(-1),
				Items: []subscription.Item{{ID: "si_9", PriceID: "price_pro", Quantity: 3}},
			}
			p := &subscription.Payment{
				ID: "pi_1", Owner: f.owner("ann"), Status: subscription.PaymentRefunded,
				Amount: 5, AmountRefunded: 5, CreatedAt: at(1),
			}
			f.see(sub)
			f.see(p)
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		{"state/all subscriptions of a user come back, and nobody else's", func(f *fixture) {
			ended := f.sub("ann", "sub_2")
			ended.Status = subscription.StatusCanceled
			never := f.sub("ann", "sub_3")
			never.Status = subscription.StatusIncompleteExpired
			f.see(f.sub("ann", "sub_1"))
			f.see(ended)
			f.see(never)
			f.see(f.sub("bob", "sub_4"))
			f.wantSubs("ann", f.sub("ann", "sub_1"), ended, never)
			f.wantSubs("bob", f.sub("bob", "sub_4"))
		}},
		{"state/what changes its owner is the new one's alone", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("ann", "pi_1"))
			f.see(f.sub("bob", "sub_1"))
			f.see(f.pay("bob", "pi_1"))
			f.wantSubs("ann")
			f.wantSubs("bob", f.sub("bob", "sub_1"))
			f.wantPage("ann", 0, 10, 0)
			f.wantPage("bob", 0, 10, 1, f.pay("bob", "pi_1"))
		}},
		{"state/an object that is nobody's leaves its version and events alone", func(f *fixture) {
			for _, id := range []string{"sub_1", "pi_1"} {
				f.see(id, "evt_1")
				f.wantRecorded(id, []string{"evt_1"}, "evt_1")
				want := f.of(id)
				want.Version = 1
				f.wantObject(want)
				f.see(id, "evt_2")
				f.wantVersions(id, 2, 0)
			}
			f.wantSubs("")
			f.wantSubs("ann")
			f.wantPage("", 0, 10, 0)
			f.wantPayments("", subscription.Page{Limit: 10, After: f.pay("", "pi_9").Mark()}, 0)
		}},
		{"state/an object that was nobody's becomes somebody's", func(f *fixture) {
			f.see("sub_1", "evt_1")
			f.see("pi_1", "evt_1")
			f.see(f.sub("ann", "sub_1"), "evt_2")
			f.see(f.pay("ann", "pi_1"), "evt_2")
			f.wantSubs("ann", f.sub("ann", "sub_1"))
			f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
			f.wantVersions("sub_1", 2, 0)
			f.wantRecorded("pi_1", []string{"evt_1", "evt_2"}, "evt_1", "evt_2")
		}},
		{"state/what the caller does with a result changes nothing", changedResults},
		{"state/what the caller does with an argument afterwards changes nothing", changedArguments},
	}
}

func spoil(s *subscription.Subscription) {
	s.Metadata["team"], s.Items[0].Quantity, s.Status = "spoiled", 99, subscription.StatusUnpaid
}

func changedResults(f *fixture) {
	f.save(withNotification(f.over(f.object("sub_1"), f.sub("ann", "sub_1")), notified(1, f.sub("ann", "sub_1"))))
	loaded := f.load("sub_1")
	spoil(loaded.Subscription)
	f.equal("the state that the host knows, when the state is changed", loaded.Notification.Notified, f.sub("ann", "sub_1"))
	spoil(loaded.Notification.Notified)
	again := f.object("sub_1")
	f.equal("the state", again.Subscription, f.sub("ann", "sub_1"))
	f.equal("the state that the host knows", again.Notification.Notified, f.sub("ann", "sub_1"))

	subs, err := f.store.Subscriptions(f.Context(), f.owner("ann"))
	if err != nil || len(subs) != 1 {
		f.Fatalf("Subscriptions = %d of them, %v; want one", len(subs), err)
	}
	spoil(&subs[0])
	f.wantSubs("ann", f.sub("ann", "sub_1"))

	f.see(f.pay("ann", "pi_1"))
	f.object("pi_1").Payment.Metadata["user_id"] = "spoiled"
	page, _, err := f.store.Payments(f.Context(), f.owner("ann"), subscription.Page{Limit: 10})
	if err != nil || len(page) != 1 {
		f.Fatalf("Payments = %d of them, %v; want one", len(page), err)
	}
	page[0].Metadata["user_id"] = "spoiled"
	f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
}

func changedArguments(f *fixture) {
	sub, p, known := f.sub("ann", "sub_1"), f.pay("ann", "pi_1"), f.sub("ann", "sub_1")
	f.save(withNotification(f.over(f.object("sub_1"), sub), notified(1, known)))
	f.see(p)
	spoil(sub)
	spoil(known)
	p.Metadata["user_id"], p.Amount = "spoiled", 99
	f.wantSubs("ann", f.sub("ann", "sub_1"))
	f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
	f.equal("the state that the host knows", f.object("sub_1").Notification.Notified, f.sub("ann", "sub_1"))

	known = f.sub("ann", "sub_1")
	f.note("sub_1", notified(2, known))
	spoil(known)
	f.equal("the state that the host knows later", f.object("sub_1").Notification.Notified, f.sub("ann", "sub_1"))

	data := []byte(`{"n":1}`)
	f.swap("ann", subscription.IntentCheckout, 0, subscription.Intent{Attempt: "a", Data: data})
	f.adopt("ann", "cus_1", 0, subscription.Intent{Attempt: "a", Data: data})
	f.swapCursor(0, data)
	data[1] = '!'
	f.wantIntent("ann", subscription.IntentCheckout, 1, subscription.Intent{Attempt: "a", Data: []byte(`{"n":1}`)})
	f.wantIntent("ann", subscription.IntentCustomer, 1, subscription.Intent{Attempt: "a", Data: []byte(`{"n":1}`)})
	f.wantCursor(1, `{"n":1}`)
}
