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
			f.see(none)
			f.see(refund)
			f.wantPage("ann", 0, 10, 0)
			f.see(some)
			f.wantPage("ann", 0, 10, 1, some)
			f.see(none)
			f.wantPage("ann", 0, 10, 0)
		}},
		{"payments/those after a mark come without what is before it", func(f *fixture) {
			all := f.ledger()
			for i, p := range all {
				for limit := range all {
					page := subscription.Page{After: p.Mark(), Limit: limit}
					f.wantPayments("ann", page, 0, all[i+1:min(i+1+limit, len(all))]...)
				}
			}
			f.wantPayments("ann", subscription.Page{After: all[1].Mark(), Offset: 2, Limit: 3}, 0, all[4:7]...)
			f.wantPayments("ann", subscription.Page{After: all[1].Mark(), Offset: 100, Limit: 3}, 0)
			f.wantPayments("carl", subscription.Page{After: all[1].Mark(), Limit: 3}, 0)
		}},
		{"payments/a mark need not be that of a payment", func(f *fixture) {
			all := f.ledger()
			before, after := subscription.Mark{CreatedAt: at(1000)}, subscription.Mark{CreatedAt: at(-1000), ID: "zzz"}
			f.wantPayments("ann", subscription.Page{After: before, Limit: 100}, 0, all...)
			f.wantPayments("ann", subscription.Page{After: after, Limit: 100}, 0)
		}},
		{"payments/a later save moves none twice into a page", func(f *fixture) {
			all := f.ledger()
			again := all[3]
			again.Status = subscription.PaymentRefunded
			f.see(again)
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
				f.see(p)
				all = append(all, p)
			}
			f.wantPage("ann", 0, 10, len(all), all...)
		}},
		{"payments/subscriptions are none", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("bob", "pi_1"))
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
		f.see(p)

		nothing, others := f.invoice("ann", fmt.Sprintf("in_free_%d", i)), f.pay("bob", fmt.Sprintf("pi_%d", i))
		nothing.Amount = 0
		f.see(nothing)
		f.see(others)
	}
	slices.SortFunc(all, func(a, b *subscription.Payment) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return int(b.Amount - a.Amount) // counted up like the ids
	})
	return all
}
