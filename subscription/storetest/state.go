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
			if _, err := f.store.CustomerOwner(f.Context(), f.scope, "cus_1"); !errors.Is(err, subscription.ErrNotFound) {
				f.Errorf("CustomerOwner of an unknown customer returned %v, want ErrNotFound", err)
			}
			f.settle(subscription.Change{}, true)
		}},
		{"state/a subscription comes back with every field", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.wantSubs("ann", f.sub("ann", "sub_1"))
		}},
		{"state/a payment comes back with every field", func(f *fixture) {
			f.see(sawPayment(0, f.pay("ann", "pi_1")))
			f.see(sawPayment(0, f.invoice("bob", "in_1")))
			f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
			f.wantPage("bob", 0, 10, 1, f.invoice("bob", "in_1"))
		}},
		{"state/fields that Stripe has no value for stay zero", func(f *fixture) {
			sub := &subscription.Subscription{ID: "sub_1", Owner: f.owner("ann"), Status: subscription.StatusIncomplete}
			p := &subscription.Payment{ID: "pi_1", Owner: f.owner("ann"), Amount: 1}
			f.see(saw(0, sub))
			f.see(sawPayment(0, p))
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		{"state/a later refetch replaces every field", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(sawPayment(0, f.pay("ann", "pi_1")))
			sub := &subscription.Subscription{
				ID: "sub_1", Owner: f.owner("ann"), Status: subscription.StatusPastDue, CreatedAt: at(-1),
				Items: []subscription.Item{{ID: "si_9", PriceID: "price_pro", Quantity: 3}},
			}
			p := &subscription.Payment{
				ID: "pi_1", Owner: f.owner("ann"), Status: subscription.PaymentRefunded,
				Amount: 5, AmountRefunded: 5, CreatedAt: at(1),
			}
			f.see(saw(0, sub))
			f.see(sawPayment(0, p))
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		{"state/all subscriptions of a user come back, and nobody else's", func(f *fixture) {
			ended := f.sub("ann", "sub_2")
			ended.Status = subscription.StatusCanceled
			never := f.sub("ann", "sub_3")
			never.Status = subscription.StatusIncompleteExpired
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(saw(0, ended))
			f.see(saw(0, never))
			f.see(saw(0, f.sub("bob", "sub_4")))
			f.wantSubs("ann", f.sub("ann", "sub_1"), ended, never)
			f.wantSubs("bob", f.sub("bob", "sub_4"))
		}},
		{"state/what changes its owner is the new one's alone", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(sawPayment(0, f.pay("ann", "pi_1")))
			f.see(saw(0, f.sub("bob", "sub_1")))
			f.see(sawPayment(0, f.pay("bob", "pi_1")))
			f.wantSubs("ann")
			f.wantSubs("bob", f.sub("bob", "sub_1"))
			f.wantPage("ann", 0, 10, 0)
			f.wantPage("bob", 0, 10, 1, f.pay("bob", "pi_1"))
		}},
		{"state/an object that is not ours leaves only its events", func(f *fixture) {
			f.see(subscription.Snapshot{Object: "sub_1", Events: []string{"evt_1"}, At: at(0)})
			f.wantSubs("ann")
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"state/an object that is not ours any more keeps its state", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(subscription.Snapshot{Object: "sub_1", Events: []string{"evt_1"}, At: at(0)})
			f.wantSubs("ann", f.sub("ann", "sub_1"))
		}},
		{"state/an object that names nobody keeps its owner", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(sawPayment(0, f.pay("ann", "pi_1")))
			sub, pay := f.sub("", "sub_1"), f.pay("", "pi_1")
			sub.Status, pay.Status = subscription.StatusUnpaid, subscription.PaymentRefunded
			f.see(saw(0, sub))
			f.see(sawPayment(0, pay))
			sub.Owner, pay.Owner = f.owner("ann"), f.owner("ann")
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, pay)
		}},
		{"state/an object that names nobody and never did is left out", func(f *fixture) {
			f.see(saw(0, f.sub("", "sub_1"), "evt_1"))
			f.see(sawPayment(0, f.pay("", "pi_1"), "evt_1"))
			f.wantSubs("")
			f.wantPage("", 0, 10, 0)
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"state/a change tells whose the object was and is", func(f *fixture) {
			nobody, ann, bob := saw(0, f.sub("", "sub_1")), saw(0, f.sub("ann", "sub_1")), saw(0, f.sub("bob", "sub_1"))
			gone := subscription.Snapshot{Object: "sub_1", Gone: true, At: at(9)}
			for _, step := range []struct {
				saw    subscription.Snapshot
				owners []subscription.Owner
			}{
				{nobody, nil},
				{ann, []subscription.Owner{f.owner("ann")}},
				{nobody, []subscription.Owner{f.owner("ann")}},
				{bob, []subscription.Owner{f.owner("ann"), f.owner("bob")}},
				{gone, []subscription.Owner{f.owner("bob")}},
			} {
				step.saw.Ticket, step.saw.Quiet = f.draw("sub_1"), true
				f.equal("Change.Owners", f.apply(step.saw).Owners(), step.owners)
			}
		}},
		{"state/a subscription that is gone is canceled", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(subscription.Snapshot{Object: "sub_1", Gone: true, At: at(9)})
			gone := f.sub("ann", "sub_1")
			gone.Status, gone.EndedAt = subscription.StatusCanceled, at(9)
			f.wantSubs("ann", gone)
		}},
		{"state/what the caller does with a result changes nothing", changedResults},
		{"state/what the caller does with an argument afterwards changes nothing", changedArguments},
	}
}

func changedResults(f *fixture) {
	spoil := func(s *subscription.Subscription) {
		s.Metadata["team"], s.Items[0].Quantity = "spoiled", 99
	}
	change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
	spoil(change.New)
	f.settle(change, false)
	f.wantChange(f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"))), nil, f.sub("ann", "sub_1"))

	subs, err := f.store.Subscriptions(f.Context(), f.owner("ann"))
	if err != nil || len(subs) != 1 {
		f.Fatalf("Subscriptions = %d of them, %v; want one", len(subs), err)
	}
	spoil(&subs[0])
	f.wantSubs("ann", f.sub("ann", "sub_1"))

	f.see(sawPayment(0, f.pay("ann", "pi_1")))
	page, _, err := f.store.Payments(f.Context(), f.owner("ann"), 0, 10)
	if err != nil || len(page) != 1 {
		f.Fatalf("Payments = %d of them, %v; want one", len(page), err)
	}
	page[0].Metadata["user_id"] = "spoiled"
	f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
}

func changedArguments(f *fixture) {
	sub, p := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
	f.see(saw(0, sub))
	f.see(sawPayment(0, p))
	sub.Metadata["team"], sub.Items[0].Quantity, sub.Status = "spoiled", 99, subscription.StatusUnpaid
	p.Metadata["user_id"], p.Amount = "spoiled", 99
	f.wantSubs("ann", f.sub("ann", "sub_1"))
	f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))

	data := []byte(`{"n":1}`)
	f.swap("ann", subscription.IntentCheckout, 0, subscription.Intent{Attempt: "a", Data: data})
	data[1] = '!'
	f.wantIntent("ann", subscription.IntentCheckout, 1, subscription.Intent{Attempt: "a", Data: []byte(`{"n":1}`)})
}
