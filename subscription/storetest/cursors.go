package storetest

import (
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func cursorCases() []testCase {
	return []testCase{
		{"cursors/the first one is swapped in from version 0, once", func(f *fixture) {
			f.swapCursor(0, []byte(`{"n":1}`))
			f.wantCursor(1, `{"n":1}`)
			f.wantCursorSwapped(false, 0, []byte(`{"n":2}`))
			f.wantCursor(1, `{"n":1}`)
		}},
		{"cursors/one is replaced from its own version only", func(f *fixture) {
			f.wantCursorSwapped(false, 1, []byte("{}"))
			f.wantCursor(0, "")
			f.swapCursor(0, []byte(`{"n":1}`))
			f.swapCursor(1, []byte(`{"n":2}`))
			for _, other := range []int64{-1, 0, 1, 3, 9} {
				f.wantCursorSwapped(false, other, []byte(`{"n":3}`))
			}
			f.wantCursor(2, `{"n":2}`)
		}},
		{"cursors/data is kept byte for byte", func(f *fixture) {
			for i, data := range []string{
				`{"b": 1,  "a":2, "a":3}`, " \n{}\t", `{"url":"https:\/\/x?a=1&b=\u00e9<>"}`, `1.50e+3`, `"ünï😀"`, "null",
			} {
				f.swapCursor(int64(i), []byte(data))
				f.wantCursor(int64(i)+1, data)
			}
		}},
		{"cursors/are no intents", func(f *fixture) {
			f.swapCursor(0, []byte("{}"))
			f.wantIntent("", "reconcile", 0, subscription.Intent{})
			f.swap("", "reconcile", 0, subscription.Intent{Attempt: "a"})
			f.wantCursor(1, "{}")
		}},
		{"cursors/of racing swaps from one version exactly one is done", func(f *fixture) {
			for version := range int64(4) {
				var winners collection[string]
				f.race(racers, func(i int) error {
					data := fmt.Sprintf(`{"racer":%d}`, i)
					swapped, err := f.store.SwapReconcileCursor(f.Context(), f.scope, version, []byte(data))
					if swapped {
						winners.add(data)
					}
					return err
				})
				won := winners.all()
				if len(won) != 1 {
					f.Fatalf("%d of %d racing swaps from version %d were done, want 1", len(won), racers, version)
				}
				f.wantCursor(version+1, won[0])
			}
		}},
	}
}

// swapCursor fails the case unless the swap is done.
func (f *fixture) swapCursor(version int64, data []byte) {
	f.Helper()
	f.wantCursorSwapped(true, version, data)
}

func (f *fixture) wantCursorSwapped(want bool, version int64, data []byte) {
	f.Helper()
	swapped, err := f.store.SwapReconcileCursor(f.Context(), f.scope, version, data)
	if err != nil || swapped != want {
		f.Fatalf("SwapReconcileCursor from version %d to %s = %t, %v; want %t", version, data, swapped, err, want)
	}
}

func (f *fixture) wantCursor(version int64, data string) {
	f.Helper()
	cursor, err := f.store.ReconcileCursor(f.Context(), f.scope)
	if err != nil || cursor.Version != version || string(cursor.Data) != data {
		f.Fatalf("ReconcileCursor = {%d %s}, %v; want {%d %s}", cursor.Version, cursor.Data, err, version, data)
	}
}
