package storetest

import (
	"fmt"
	"slices"

	"github.com/paymount/paymount/subscription"
)

func paymentCases() []testCase {
	return []testCase{
		{"payments/come newest first, and by id descending where they are equally new", func(f *fixture) {
			all := f.ledger()
			f.wantPage("ann", 0, 100, len(all), all...)
		}},
		{"payments/every page holds its part of the whole", func(f *fixture) {
			all := f.ledger()
			for limit := 1; limit <= len(all)+1; limit++ {
				for offset := 0; offset < len(all); offset += limit {
					f.wantPage("ann", offset, limit, len(all), all[offset:min(offset+limit, len(all))]...)
				}
			}
		}},
		{"payments/a page beyond the end is empty and counts all", func(f *fixture) {
			all := f.ledger()
			f.wantPage("ann", len(all), 5, len(all))
			f.wantPage("ann", len(all)+1, 5, len(all))
			f.wantPage("ann", 1_000_000, 5, len(all))
			f.wantPage("carl", 7, 5, 0)
		}},
		{"payments/a page of no length is empty and counts all", func(f *fixture) {
			all := f.ledger()
			f.wantPage("ann", 0, 0, len(all))
		}},
		{"payments/of nothing are left out until there is an amount", func(f *fixture) {
			none, refund, some := f.invoice("ann", "in_1"), f.invoice("ann", "in_2"), f.invoice("ann", "in_1")
			none.Amount, refund.Amount = 0, -500
			f.see(sawPayment(0, none))
			f.see(sawPayment(0, refund))
			f.wantPage("ann", 0, 10, 0)
			f.see(sawPayment(0, some))
			f.wantPage("ann", 0, 10, 1, some)
			f.see(sawPayment(0, none))
			f.wantPage("ann", 0, 10, 0)
		}},
		{"payments/one of nothing is told like any other", func(f *fixture) {
			free := f.pay("ann", "cs_1")
			free.Amount = 0
			change := f.applyChange(sawPayment(f.draw("cs_1"), free, "evt_1"))
			f.equal("Change.Payment", change.Payment, free)
			f.settle(change, true)
			f.wantDrawn(false, "cs_1", "evt_1")
		}},
		{"payments/a refetch moves none twice into a page", func(f *fixture) {
			all := f.ledger()
			again := all[3]
			again.Status = subscription.PaymentRefunded
			f.see(sawPayment(0, again))
			f.wantPage("ann", 0, 100, len(all), all...)
		}},
		{"payments/every status is kept", func(f *fixture) {
			statuses := []subscription.PaymentStatus{
				subscription.PaymentSucceeded, subscription.PaymentPending, subscription.PaymentFailed,
				subscription.PaymentRefunded, subscription.PaymentPartiallyRefunded, subscription.PaymentCanceled,
			}
			var all []*subscription.Payment
			for i, status := range statuses {
				p := f.invoice("ann", fmt.Sprintf("in_%d", i))
				p.Status, p.CreatedAt = status, at(-i)
				f.see(sawPayment(0, p))
				all = append(all, p)
			}
			f.wantPage("ann", 0, 10, len(all), all...)
		}},
		{"payments/subscriptions are none", func(f *fixture) {
			f.see(saw(0, f.sub("ann", "sub_1")))
			f.see(sawPayment(0, f.pay("bob", "pi_1")))
			f.wantPage("ann", 0, 10, 0)
			f.wantSubs("bob")
		}},
	}
}

// ledger stores payments of ann in a mixed order, some of the same second, between some of bob and some of nothing. It
// returns ann's as a page must have them.
func (f *fixture) ledger() []*subscription.Payment {
	f.Helper()
	var all []*subscription.Payment
	for i, minute := range []int{5, 1, 3, 3, 9, 3, -4, 1, 7} {
		p := f.invoice("ann", fmt.Sprintf("in_%d", i))
		p.CreatedAt, p.Amount = at(minute), int64(i+1)
		all = append(all, p)
		f.see(sawPayment(0, p))

		nothing, others := f.invoice("ann", fmt.Sprintf("in_free_%d", i)), f.pay("bob", fmt.Sprintf("pi_%d", i))
		nothing.Amount = 0
		f.see(sawPayment(0, nothing))
		f.see(sawPayment(0, others))
	}
	slices.SortFunc(all, func(a, b *subscription.Payment) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return int(b.Amount - a.Amount) // counted up like the ids
	})
	return all
}
