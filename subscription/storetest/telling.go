package storetest

import (
	"time"

	"github.com/paymount/paymount/subscription"
)

func tellingCases() []testCase {
	return []testCase{
		{"telling/a change is told from what the host knew to what is now", func(f *fixture) {
			first, second := f.sub("ann", "sub_1"), f.sub("ann", "sub_1")
			second.Status = subscription.StatusPastDue
			change := f.applyChange(saw(f.draw("sub_1"), first))
			f.wantChange(change, nil, first)
			f.equal("Change.Object", change.Object(), "sub_1")
			f.settle(change, true)
			next := f.applyChange(saw(f.draw("sub_1"), second))
			f.wantChange(next, first, second)
			if next.ID == change.ID {
				f.Errorf("two changes have the same id %q", next.ID)
			}
		}},
		{"telling/the same state again is nothing to tell", func(f *fixture) {
			f.settle(f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"))), true)
			f.applyNothing(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"telling/no metadata and empty metadata are the same state", func(f *fixture) {
			empty, none := f.sub("ann", "sub_1"), f.sub("ann", "sub_1")
			empty.Metadata, empty.Items = map[string]string{}, []subscription.Item{}
			none.Metadata, none.Items = nil, nil
			f.settle(f.applyChange(saw(f.draw("sub_1"), empty)), true)
			f.applyNothing(saw(f.draw("sub_1"), none))
			f.wantSubs("ann", none)
		}},
		{"telling/Draw draws for a recorded event until the host is told", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.wantDrawn(true, "sub_1", "evt_1")
			f.settle(change, true)
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"telling/what the host failed to take is told again at once, by the same id", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.settle(change, false)
			f.wantDrawn(true, "sub_1", "evt_1")
			again := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.equal("Change.ID", again.ID, change.ID)
			f.wantChange(again, nil, f.sub("ann", "sub_1"))
			f.settle(again, true)
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
		{"telling/only one caller tells at a time, and the state is kept", func(f *fixture) {
			newer := f.sub("ann", "sub_1")
			newer.Status = subscription.StatusPaused
			f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
			f.applyClaimed(saw(f.draw("sub_1"), newer))
			f.wantSubs("ann", newer)
		}},
		{"telling/a lease that is over lets the next caller tell, by the same id", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
			during := saw(f.draw("sub_1"), f.sub("ann", "sub_1"))
			during.At = at(1).Add(-time.Second)
			f.applyClaimed(during)
			after := saw(f.draw("sub_1"), f.sub("ann", "sub_1"))
			after.At = at(1)
			f.equal("Change.ID", f.applyChange(after).ID, change.ID)
		}},
		{"telling/a claim that the next caller knows to have lapsed lets it tell, by the same id", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
			wrong := saw(f.draw("sub_1"), f.sub("ann", "sub_1"))
			wrong.Lapsed = change.Claim() + 100
			f.equal("the claim in the way", f.applyClaimed(wrong), change.Claim())
			right := saw(f.draw("sub_1"), f.sub("ann", "sub_1"))
			right.Lapsed = change.Claim()
			f.equal("Change.ID", f.applyChange(right).ID, change.ID)
		}},
		{"telling/a caller whose lease is over settles nothing", staleClaimant},
		{"telling/settling twice is settling once", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			f.settle(change, true)
			f.settle(change, false)
			f.wantDrawn(false, "sub_1", "evt_1")
			f.applyNothing(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
		}},
		{"telling/what the host does with a change it was told changes nothing", func(f *fixture) {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			change.New.Status, change.New.Metadata["team"], change.New.Items[0].Quantity = "spoiled", "spoiled", 99
			f.settle(change, true)
			f.wantDrawn(false, "sub_1", "evt_1")
			f.applyNothing(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
		}},
		{"telling/what changed in the meantime is still to be told", func(f *fixture) {
			first, second := f.sub("ann", "sub_1"), f.sub("ann", "sub_1")
			second.Status = subscription.StatusUnpaid
			change := f.applyChange(saw(f.draw("sub_1"), first, "evt_1"))
			f.applyClaimed(saw(f.draw("sub_1"), second, "evt_2"))
			f.settle(change, true)
			f.wantDrawn(true, "sub_1", "evt_1", "evt_2")
			f.wantChange(f.applyChange(saw(f.draw("sub_1"), second)), first, second)
		}},
		{"telling/steps that the host missed come as one", func(f *fixture) {
			first, second := f.sub("ann", "sub_1"), f.sub("ann", "sub_1")
			second.Status = subscription.StatusCanceled
			f.settle(f.applyChange(saw(f.draw("sub_1"), first)), false)
			f.wantChange(f.applyChange(saw(f.draw("sub_1"), second)), nil, second)
		}},
		{"telling/a quiet apply leaves nothing to tell", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1"), "evt_1"))
			f.wantDrawn(false, "sub_1", "evt_1")
			f.applyNothing(saw(f.draw("sub_1"), f.sub("ann", "sub_1")))
		}},
		{"telling/a one-time payment is told once it is paid", paidOnce},
		{"telling/a payment of a subscription is never told", func(f *fixture) {
			f.applyNothing(sawPayment(f.draw("in_1"), f.invoice("ann", "in_1"), "evt_1"))
			f.wantDrawn(false, "in_1", "evt_1")
		}},
		{"telling/objects are told independently", func(f *fixture) {
			one := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			two := f.applyChange(saw(f.draw("sub_2"), f.sub("ann", "sub_2"), "evt_1"))
			f.settle(two, true)
			f.wantDrawn(true, "sub_1", "evt_1")
			f.wantDrawn(false, "sub_2", "evt_1")
			f.settle(one, true)
			f.wantDrawn(false, "sub_1", "evt_1")
		}},
	}
}

func staleClaimant(f *fixture) {
	later := func(minute int) subscription.Snapshot {
		s := saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1")
		s.At = at(minute)
		return s
	}
	stale := f.applyChange(later(0))
	current := f.applyChange(later(1))
	for _, told := range []bool{true, false} {
		f.settle(stale, told)
		f.wantDrawn(true, "sub_1", "evt_1")
		f.applyClaimed(later(1))
	}
	f.settle(current, true)
	f.wantDrawn(false, "sub_1", "evt_1")
	f.settle(stale, false)
	f.wantDrawn(false, "sub_1", "evt_1")
}

func paidOnce(f *fixture) {
	pending, paid, refunded := f.pay("ann", "pi_1"), f.pay("ann", "pi_1"), f.pay("ann", "pi_1")
	pending.Status, refunded.Status = subscription.PaymentPending, subscription.PaymentRefunded
	f.applyNothing(sawPayment(f.draw("pi_1"), pending, "evt_1"))
	f.wantDrawn(false, "pi_1", "evt_1")

	change := f.applyChange(sawPayment(f.draw("pi_1"), paid, "evt_2"))
	f.equal("Change.Payment", change.Payment, paid)
	f.wantChange(change, nil, nil)
	f.applyClaimed(sawPayment(f.draw("pi_1"), paid))
	f.settle(change, false)
	f.wantDrawn(true, "pi_1", "evt_2")

	again := f.applyChange(sawPayment(f.draw("pi_1"), paid))
	f.equal("Change.ID", again.ID, change.ID)
	f.settle(again, true)
	f.wantDrawn(false, "pi_1", "evt_2")
	f.applyNothing(sawPayment(f.draw("pi_1"), refunded, "evt_3"))
	f.wantDrawn(false, "pi_1", "evt_3")
	f.wantPage("ann", 0, 10, 1, refunded)
}
