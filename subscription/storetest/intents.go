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
		{"intents/the first one is swapped in from the empty attempt, once", func(f *fixture) {
			f.swap("ann", checkout, "", first)
			f.wantIntent("ann", checkout, first)
			f.swapNot("ann", checkout, "", second)
			f.swapNot("ann", checkout, "", first)
			f.wantIntent("ann", checkout, first)
		}},
		{"intents/one is replaced from its own attempt only", func(f *fixture) {
			f.swapNot("ann", checkout, "attempt_1", second)
			f.wantIntent("ann", checkout, subscription.Intent{})
			f.swap("ann", checkout, "", first)
			f.swapNot("ann", checkout, "attempt_9", second)
			f.wantIntent("ann", checkout, first)
			f.swap("ann", checkout, "attempt_1", second)
			f.wantIntent("ann", checkout, second)
			f.swapNot("ann", checkout, "attempt_1", first)
			f.wantIntent("ann", checkout, second)
		}},
		{"intents/one is rewritten under the same attempt", func(f *fixture) {
			f.swap("ann", checkout, "", first)
			known := first
			known.ObjectID = "cs_1"
			f.swap("ann", checkout, "attempt_1", known)
			f.wantIntent("ann", checkout, known)
			f.swap("ann", checkout, "attempt_1", known)
			f.swap("ann", checkout, "attempt_1", first)
			f.wantIntent("ann", checkout, first)
		}},
		{"intents/kinds do not meet", func(f *fixture) {
			f.swap("ann", checkout, "", first)
			f.wantIntent("ann", customer, subscription.Intent{})
			f.swapNot("ann", customer, "attempt_1", second)
			f.swap("ann", customer, "", second)
			f.wantIntent("ann", checkout, first)
			f.wantIntent("ann", customer, second)
		}},
		{"intents/users do not meet", func(f *fixture) {
			f.swap("ann", checkout, "", first)
			f.wantIntent("bob", checkout, subscription.Intent{})
			f.swapNot("bob", checkout, "attempt_1", second)
			f.swap("bob", checkout, "", first)
			f.swap("bob", checkout, "attempt_1", second)
			f.wantIntent("ann", checkout, first)
		}},
		{"intents/data is kept byte for byte", func(f *fixture) {
			attempt := ""
			for _, data := range []string{
				`{"b": 1,  "a":2, "a":3}`, " \n{}\t", `{"url":"https:\/\/example.com\/?a=1&b=\u00e9<>"}`,
				`1.50e+3`, `"ünï😀"`, "", "null",
			} {
				next := subscription.Intent{Attempt: "attempt for " + data, Data: []byte(data)}
				f.swap("ann", checkout, attempt, next)
				attempt = next.Attempt
				f.wantIntent("ann", checkout, next)
			}
			f.swap("ann", checkout, attempt, subscription.Intent{Attempt: "none"})
			f.wantIntent("ann", checkout, subscription.Intent{Attempt: "none"})
		}},
		{"intents/those of no user are kept as others are", func(f *fixture) {
			const kind = subscription.IntentReconcile
			one, two := subscription.Intent{Attempt: "a", Data: []byte(`{}`)}, subscription.Intent{Attempt: "b"}
			f.swap("", kind, "", one)
			f.wantIntent("ann", kind, subscription.Intent{})
			f.swap("ann", kind, "", two)
			f.wantIntent("", kind, one)
			f.swapNot("", kind, "", two)
			f.swap("", kind, "a", two)
			f.wantIntent("", kind, two)
		}},
		{"intents/of racing first swaps exactly one is done", func(f *fixture) {
			f.raceSwaps("")
		}},
		{"intents/of racing swaps from one attempt exactly one is done", func(f *fixture) {
			f.swap("ann", checkout, "", first)
			f.raceSwaps("attempt_1")
		}},
	}
}

// raceSwaps swaps away from attempt, many at once.
func (f *fixture) raceSwaps(attempt string) {
	f.Helper()
	const kind = subscription.IntentCheckout
	for round := range 4 {
		user := fmt.Sprintf("user_%d", round)
		if attempt != "" {
			f.swap(user, kind, "", subscription.Intent{Attempt: attempt})
		}
		var winners collection[subscription.Intent]
		f.race(racers, func(i int) error {
			next := subscription.Intent{Attempt: fmt.Sprintf("racer_%d", i), Data: fmt.Appendf(nil, "%d", i)}
			swapped, err := f.store.SwapIntent(f.Context(), f.owner(user), kind, attempt, next)
			if swapped {
				winners.add(next)
			}
			return err
		})
		won := winners.all()
		if len(won) != 1 {
			f.Fatalf("%d of %d racing swaps from %q were done, want 1", len(won), racers, attempt)
		}
		f.wantIntent(user, kind, won[0])
	}
}

// swap fails the case unless the swap is done.
func (f *fixture) swap(user string, kind subscription.IntentKind, attempt string, next subscription.Intent) {
	f.Helper()
	f.wantSwapped(true, user, kind, attempt, next)
}

// swapNot fails the case when the swap is done.
func (f *fixture) swapNot(user string, kind subscription.IntentKind, attempt string, next subscription.Intent) {
	f.Helper()
	f.wantSwapped(false, user, kind, attempt, next)
}

func (f *fixture) wantSwapped(
	want bool, user string, kind subscription.IntentKind, attempt string, next subscription.Intent,
) {
	f.Helper()
	swapped, err := f.store.SwapIntent(f.Context(), f.owner(user), kind, attempt, next)
	if err != nil {
		f.Fatalf("SwapIntent of %q from %q: %v", user, attempt, err)
	}
	if swapped != want {
		f.Fatalf("SwapIntent(%q, %s, from %q to %q) = %t, want %t", user, kind, attempt, next.Attempt, swapped, want)
	}
}

func (f *fixture) wantIntent(user string, kind subscription.IntentKind, want subscription.Intent) {
	f.Helper()
	got, err := f.store.Intent(f.Context(), f.owner(user), kind)
	if err != nil {
		f.Fatalf("Intent of %q: %v", user, err)
	}
	if got.Attempt != want.Attempt || got.ObjectID != want.ObjectID || !bytes.Equal(got.Data, want.Data) {
		f.Fatalf("the %s intent of %q is {%q %q %q}, want {%q %q %q}", kind, user,
			got.Attempt, got.ObjectID, got.Data, want.Attempt, want.ObjectID, want.Data)
	}
}
