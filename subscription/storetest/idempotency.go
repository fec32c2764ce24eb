package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// reservation returns one made at at(minute), locked for one minute and forgotten after ten.
func reservation(holder string, minute int) subscription.Reservation {
	return subscription.Reservation{
		Holder: holder, Fingerprint: "fingerprint of " + holder,
		At: at(minute), LockedUntil: at(minute + 1), ExpiresAt: at(minute + 10),
	}
}

func answer() *subscription.Reply {
	return &subscription.Reply{Status: 201, ContentType: "application/json", Body: []byte(`{"ok":true}`)}
}

func idempotencyCases() []testCase {
	return slices.Concat(reserveCases(), replyCases(), keyRaceCases(), keyIsolationCases(), cutCases(keyCuts()))
}

func reserveCases() []testCase {
	return []testCase{
		{"idempotency/a key is reserved once", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			f.wantReserved("key", reservation("two", 0), reservation("one", 0), nil)
			f.reserve("other key", reservation("two", 0))
		}},
		{"idempotency/a lock that has ended frees the key", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			last := reservation("two", 0)
			last.At = at(1).Add(-time.Second)
			f.wantReserved("key", last, reservation("one", 0), nil)
			f.reserve("key", reservation("two", 1))
			f.finish("key", "one", answer())
			f.finish("key", "one", nil)
			f.wantReserved("key", reservation("three", 1), reservation("two", 1), nil)
			f.finish("key", "two", answer())
			f.wantReserved("key", reservation("three", 3), reservation("two", 1), answer())
		}},
		{"idempotency/a key in flight that has expired is free", func(f *fixture) {
			long := reservation("one", 0)
			long.LockedUntil = at(60)
			f.reserve("key", long)
			f.reserve("key", reservation("two", 10))
		}},
		{"idempotency/finishing without a reply frees the key", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			f.finish("key", "one", nil)
			f.reserve("key", reservation("two", 0))
		}},
		{"idempotency/a key that is reserved anew lives until its new expiry", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			f.finish("key", "one", nil)
			f.reserve("key", reservation("two", 9))
			f.finish("key", "two", answer())
			f.reserve("other key", reservation("three", 11))
			f.wantReserved("key", reservation("four", 11), reservation("two", 9), answer())
		}},
		{"idempotency/only the holder finishes, and once", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			f.finish("key", "two", answer())
			f.finish("key", "two", nil)
			f.wantReserved("key", reservation("two", 0), reservation("one", 0), nil)
			f.finish("key", "one", answer())
			f.finish("key", "one", &subscription.Reply{Status: 500})
			f.finish("key", "one", nil)
			f.wantReserved("key", reservation("two", 0), reservation("one", 0), answer())
			f.finish("unknown", "one", answer())
			f.reserve("unknown", reservation("two", 0))
		}},
	}
}

func replyCases() []testCase {
	return []testCase{
		{"idempotency/a reply is kept until the key expires", func(f *fixture) {
			f.reserve("key", reservation("one", 0))
			f.finish("key", "one", answer())
			f.wantReserved("key", reservation("two", 0), reservation("one", 0), answer())
			f.wantReserved("key", reservation("two", 5), reservation("one", 0), answer())
			last := reservation("two", 0)
			last.At = at(10).Add(-time.Second)
			f.wantReserved("key", last, reservation("one", 0), answer())
			f.reserve("key", reservation("two", 10))
			f.wantReserved("key", reservation("three", 10), reservation("two", 10), nil)
		}},
		{"idempotency/a reply is kept byte for byte", func(f *fixture) {
			every := make([]byte, 256)
			for i := range every {
				every[i] = byte(i)
			}
			bodies := [][]byte{nil, {}, []byte("null"), every, slices.Repeat(every, 300)}
			for i, body := range bodies {
				key, reply := fmt.Sprintf("key_%d", i), &subscription.Reply{Status: 200 + i, Body: body}
				f.reserve(key, reservation("one", 0))
				f.finish(key, "one", reply)
				f.wantReserved(key, reservation("two", 0), reservation("one", 0), reply)
			}
		}},
		{"idempotency/texts of any kind are kept", func(f *fixture) {
			for _, odd := range oddTexts() {
				r := reservation(odd, 0)
				r.Fingerprint = odd
				f.reserve(odd, r)
				f.wantReserved(odd, reservation("two", 0), r, nil)
				f.finish(odd, odd, answer())
				f.wantReserved(odd, reservation("two", 0), r, answer())
			}
		}},
		{"idempotency/what the caller does with a reply changes nothing", func(f *fixture) {
			body := []byte("body")
			f.reserve("key", reservation("one", 0))
			f.finish("key", "one", &subscription.Reply{Status: 200, Body: body})
			body[0] = '!'
			existing, _ := f.reserveKey("key", reservation("two", 0))
			if existing.Reply != nil && len(existing.Reply.Body) > 0 {
				existing.Reply.Body[0] = '?'
			}
			f.wantReserved("key", reservation("two", 0), reservation("one", 0),
				&subscription.Reply{Status: 200, Body: []byte("body")})
		}},
	}
}

func keyIsolationCases() []testCase {
	var all []testCase
	for name, scope := range map[string]project.Scope{
		"project": {ProjectID: "shop2", Mode: project.ModeTest},
		"mode":    {ProjectID: "shop", Mode: project.ModeLive},
	} {
		all = append(all, testCase{"isolation/ReserveKey and FinishKey keep to their " + name, func(f *fixture) {
			there := f.in(scope)
			f.reserve("key", reservation("one", 0))
			there.finish("key", "one", answer())
			there.reserve("key", reservation("one", 0))
			f.finish("key", "one", answer())
			f.wantReserved("key", reservation("two", 0), reservation("one", 0), answer())
			there.wantReserved("key", reservation("two", 0), reservation("one", 0), nil)
		}})
	}
	return all
}

func keyCuts() []cut {
	return []cut{
		{"ReserveKey", func(f *fixture) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, _, err := f.keys.ReserveKey(ctx, f.scope, "key", reservation("one", 0))
				return err
			}
		}, func(f *fixture) { f.reserve("key", reservation("two", 0)) }},
		{"FinishKey", func(f *fixture) func(ctx context.Context) error {
			f.reserve("key", reservation("one", 0))
			return func(ctx context.Context) error {
				return f.keys.FinishKey(ctx, f.scope, "key", "one", answer())
			}
		}, func(f *fixture) { f.wantReserved("key", reservation("two", 0), reservation("one", 0), nil) }},
	}
}
