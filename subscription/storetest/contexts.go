package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

// cut is a method that is called with a context that is done.
type cut struct {
	method string
	// prepare returns the call, check what must be as before it.
	prepare func(f *fixture) func(ctx context.Context) error
	check   func(f *fixture)
}

func contextCases() []testCase {
	const kind = subscription.IntentCustomer
	customer := subscription.Intent{Attempt: "a", ObjectID: "cus_1"}
	return cutCases([]cut{
		{"Subscriptions", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.Subscriptions(ctx, f.owner("ann"))
				return err
			}
		}, func(*fixture) {}},
		{"Payments", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, _, err := f.store.Payments(ctx, f.owner("ann"), 0, 10)
				return err
			}
		}, func(*fixture) {}},
		{"Draw", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.Draw(ctx, f.scope, "sub_1", nil)
				return err
			}
		}, func(f *fixture) { f.equal("the first ticket", f.draw("sub_1"), 1) }},
		{"Apply", func(f *fixture) func(ctx context.Context) error {
			s := saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1")
			return func(ctx context.Context) error {
				_, err := f.store.Apply(ctx, f.scope, s)
				return err
			}
		}, func(f *fixture) {
			f.wantSubs("ann")
			f.wantDrawn(true, "sub_1", "evt_1")
			f.applyChange(saw(1, f.sub("ann", "sub_1")))
		}},
		{"Settle", func(f *fixture) func(ctx context.Context) error {
			change := f.applyChange(saw(f.draw("sub_1"), f.sub("ann", "sub_1"), "evt_1"))
			return func(ctx context.Context) error { return f.store.Settle(ctx, f.scope, change, true) }
		}, func(f *fixture) { f.wantDrawn(true, "sub_1", "evt_1") }},
		{"Intent", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.Intent(ctx, f.owner("ann"), kind)
				return err
			}
		}, func(*fixture) {}},
		{"SwapIntent", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.SwapIntent(ctx, f.owner("ann"), kind, 0, customer)
				return err
			}
		}, func(f *fixture) {
			f.wantIntent("ann", kind, 0, subscription.Intent{})
			f.wantCustomerOwner("cus_1", "")
		}},
		{"AdoptCustomer", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error { return f.store.AdoptCustomer(ctx, f.owner("ann"), "cus_1") }
		}, func(f *fixture) { f.wantCustomerOwner("cus_1", "") }},
		{"CustomerOwner", func(f *fixture) func(ctx context.Context) error {
			f.swap("ann", kind, 0, customer)
			return func(ctx context.Context) error {
				_, err := f.store.CustomerOwner(ctx, f.scope, "cus_1")
				return err
			}
		}, func(*fixture) {}},
	})
}

// cutCases makes a case of each method: with a context that is done it fails with the context's error and does nothing.
func cutCases(cuts []cut) []testCase {
	all := make([]testCase, len(cuts))
	for i, c := range cuts {
		all[i] = testCase{fmt.Sprintf("contexts/%s does nothing once its context is done", c.method), func(f *fixture) {
			call := c.prepare(f)
			ctx, cancel := context.WithCancel(f.Context())
			cancel()
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				f.Errorf("%s with a canceled context returned %v, want context.Canceled", c.method, err)
			}
			c.check(f)
		}}
	}
	return all
}
