package storetest

import (
	"bytes"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func intentCases() []testCase {
	const checkout, customer = subscription.IntentCheckout, subscription.IntentCustomer
	first := subscription.Intent{Attempt: "attempt_1", Data: []byte(`{"price":"price_basic"}`)}
	second := subscription.Intent{Attempt: "attempt_2", ObjectID: "cs_2", Data: []byte(`{"price":"price_pro"}`)}
	return []testCase{
		{"intents/the first one is swapped in from version 0, once", func(f *fixture) {
			f.swap("ann", checkout, 0, first)
			f.wantIntent("ann", checkout, 1, first)
			f.swapNot("ann", checkout, 0, second)
			f.swapNot("ann", checkout, 0, first)
			f.wantIntent("ann", checkout, 1, first)
		}},
		{"intents/one is replaced from its own version only", func(f *fixture) {
			f.swapNot("ann", checkout, 1, second)
			f.wantIntent("ann", checkout, 0, subscription.Intent{})
			f.swap("ann", checkout, 0, first)
			for _, other := range []int64{-1, 2, 9} {
				f.swapNot("ann", checkout, other, second)
			}
			f.wantIntent("ann", checkout, 1, first)
			f.swap("ann", checkout, 1, second)
			f.wantIntent("ann", checkout, 2, second)
			f.swapNot("ann", checkout, 1, first)
			f.wantIntent("ann", checkout, 2, second)
		}},
		{"intents/each write of the same attempt raises the version", func(f *fixture) {
			f.swap("ann", checkout, 0, first)
			known := first
			known.ObjectID = "cs_1"
			f.swap("ann", checkout, 1, known)
			f.wantIntent("ann", checkout, 2, known)
			f.swap("ann", checkout, 2, known)
			f.swapNot("ann", checkout, 2, first)
			f.swapNot("ann", checkout, 1, first)
			f.wantIntent("ann", checkout, 3, known)
			f.swap("ann", checkout, 3, first)
			f.wantIntent("ann", checkout, 4, first)
		}},
		{"intents/the version is the store's, whatever the caller's is", func(f *fixture) {
			claimed := first
			claimed.Version = 7
			f.swap("ann", checkout, 0, claimed)
			f.wantIntent("ann", checkout, 1, first)
			f.swap("ann", checkout, 1, claimed)
			f.wantIntent("ann", checkout, 2, first)
		}},
		{"intents/kinds do not meet", func(f *fixture) {
			f.swap("ann", checkout, 0, first)
			f.wantIntent("ann", customer, 0, subscription.Intent{})
			f.swapNot("ann", customer, 1, second)
			f.swap("ann", customer, 0, second)
			f.wantIntent("ann", checkout, 1, first)
			f.wantIntent("ann", customer, 1, second)
		}},
		{"intents/users do not meet", func(f *fixture) {
			f.swap("ann", checkout, 0, first)
			f.wantIntent("bob", checkout, 0, subscription.Intent{})
			f.swapNot("bob", checkout, 1, second)
			f.swap("bob", checkout, 0, first)
			f.swap("bob", checkout, 1, second)
			f.wantIntent("ann", checkout, 1, first)
		}},
		{"intents/data is kept byte for byte", func(f *fixture) {
			for i, data := range []string{
				`{"b": 1,  "a":2, "a":3}`, " \n{}\t", `{"url":"https:\/\/example.com\/?a=1&b=\u00e9<>"}`,
				`1.50e+3`, `"ünï😀"`, "", "null",
			} {
				next := subscription.Intent{Attempt: "attempt for " + data, Data: []byte(data)}
				f.swap("ann", checkout, int64(i), next)
				f.wantIntent("ann", checkout, int64(i)+1, next)
			}
			f.swap("bob", checkout, 0, subscription.Intent{Attempt: "none"})
			f.wantIntent("bob", checkout, 1, subscription.Intent{Attempt: "none"})
		}},
		{"intents/of racing first swaps exactly one is done", func(f *fixture) {
			f.raceSwaps(0)
		}},
		{"intents/of racing swaps from one version exactly one is done", func(f *fixture) {
			f.raceSwaps(1)
		}},
	}
}

// raceSwaps swaps away from a version, 0 or 1, many at once and all with the same attempt.
func (f *fixture) raceSwaps(version int64) {
	f.Helper()
	const kind, attempt = subscription.IntentCheckout, "attempt_1"
	for round := range 4 {
		user := fmt.Sprintf("user_%d", round)
		if version > 0 {
			f.swap(user, kind, 0, subscription.Intent{Attempt: attempt})
		}
		var winners collection[subscription.Intent]
		f.race(racers, func(i int) error {
			next := subscription.Intent{Attempt: attempt, Data: fmt.Appendf(nil, "%d", i)}
			swapped, err := f.store.SwapIntent(f.Context(), f.owner(user), kind, version, next)
			if swapped {
				winners.add(next)
			}
			return err
		})
		won := winners.all()
		if len(won) != 1 {
			f.Fatalf("%d of %d racing swaps from version %d were done, want 1", len(won), racers, version)
		}
		f.wantIntent(user, kind, version+1, won[0])
	}
}

// swap fails the case unless the swap is done.
func (f *fixture) swap(user string, kind subscription.IntentKind, version int64, next subscription.Intent) {
	f.Helper()
	f.wantSwapped(true, user, kind, version, next)
}

// swapNot fails the case when the swap is done.
func (f *fixture) swapNot(user string, kind subscription.IntentKind, version int64, next subscription.Intent) {
	f.Helper()
	f.wantSwapped(false, user, kind, version, next)
}

func (f *fixture) wantSwapped(
	want bool, user string, kind subscription.IntentKind, version int64, next subscription.Intent,
) {
	f.Helper()
	swapped, err := f.store.SwapIntent(f.Context(), f.owner(user), kind, version, next)
	if err != nil {
		f.Fatalf("SwapIntent of %q from version %d: %v", user, version, err)
	}
	if swapped != want {
		f.Fatalf("SwapIntent(%q, %s, from version %d to %q) = %t, want %t", user, kind, version, next.Attempt, swapped, want)
	}
}

// wantIntent checks the current intent, whose version is the given one.
func (f *fixture) wantIntent(user string, kind subscription.IntentKind, version int64, want subscription.Intent) {
	f.Helper()
	got, err := f.store.Intent(f.Context(), f.owner(user), kind)
	if err != nil {
		f.Fatalf("Intent of %q: %v", user, err)
	}
	if got.Version != version || got.Attempt != want.Attempt || got.ObjectID != want.ObjectID || !bytes.Equal(got.Data, want.Data) {
		f.Fatalf("the %s intent of %q is {%d %q %q %q}, want {%d %q %q %q}", kind, user,
			got.Version, got.Attempt, got.ObjectID, got.Data, version, want.Attempt, want.ObjectID, want.Data)
	}
	f.wantWhole(user)
}
