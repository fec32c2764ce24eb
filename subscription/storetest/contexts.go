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
				_, _, err := f.store.Payments(ctx, f.owner("ann"), subscription.Page{Limit: 10})
				return err
			}
		}, func(*fixture) {}},
		{"Load", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.Load(ctx, f.scope, "sub_1", nil)
				return err
			}
		}, func(*fixture) {}},
		{"Save", func(f *fixture) func(ctx context.Context) error {
			w := f.over(f.object("sub_1"), f.sub("ann", "sub_1"), "evt_1")
			return func(ctx context.Context) error {
				_, err := f.store.Save(ctx, w)
				return err
			}
		}, func(f *fixture) {
			f.wantSubs("ann")
			f.wantObject(f.of("sub_1"))
			f.wantRecorded("sub_1", nil, "evt_1")
		}},
		{"SaveNotification", func(f *fixture) func(ctx context.Context) error {
			f.see(f.sub("ann", "sub_1"))
			return func(ctx context.Context) error {
				_, err := f.store.SaveNotification(ctx, f.scope, "sub_1", notified(1, nil))
				return err
			}
		}, func(f *fixture) { f.wantVersions("sub_1", 1, 0) }},
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
		}, func(f *fixture) { f.wantIntent("ann", kind, 0, subscription.Intent{}) }},
		{"AdoptCustomer", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.AdoptCustomer(ctx, f.owner("ann"), "cus_1", 0, customer)
				return err
			}
		}, func(f *fixture) {
			f.wantIntent("ann", kind, 0, subscription.Intent{})
			f.wantCustomerOwner("cus_1", "")
		}},
		{"CustomerOwner", func(f *fixture) func(ctx context.Context) error {
			f.adopt("ann", "cus_1", 0, customer)
			return func(ctx context.Context) error {
				_, err := f.store.CustomerOwner(ctx, f.scope, "cus_1")
				return err
			}
		}, func(*fixture) {}},
		{"ReconcileCursor", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.ReconcileCursor(ctx, f.scope)
				return err
			}
		}, func(*fixture) {}},
		{"SwapReconcileCursor", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := f.store.SwapReconcileCursor(ctx, f.scope, 0, []byte("{}"))
				return err
			}
		}, func(f *fixture) { f.wantCursor(0, "") }},
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
