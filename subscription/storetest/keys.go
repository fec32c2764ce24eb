package storetest

import (
	"fmt"

	"github.com/paymount/paymount/subscription"
)

func keyRaceCases() []testCase {
	return []testCase{
		{"idempotency/of racing reservations exactly one gets the key", raceReservations},
		{"idempotency/racing reservations and finishes do not fail", func(f *fixture) {
			f.race(racers, func(i int) error {
				for range 10 {
					holder := fmt.Sprintf("holder_%d", i)
					_, reserved, err := f.keys.ReserveKey(f.Context(), f.scope, "key", reservation(holder, 0))
					if err != nil {
						return err
					}
					if reserved {
						if err := f.keys.FinishKey(f.Context(), f.scope, "key", holder, nil); err != nil {
							return err
						}
					}
				}
				return nil
			})
			f.reserve("key", reservation("last", 0))
		}},
	}
}

func raceReservations(f *fixture) {
	taken := map[string]func(key string){
		"new":      func(string) {},
		"expired":  func(key string) { f.reserve(key, reservation("old", -10)); f.finish(key, "old", answer()) },
		"unlocked": func(key string) { f.reserve(key, reservation("old", -1)) },
		"finished": func(key string) { f.reserve(key, reservation("old", 0)); f.finish(key, "old", nil) },
	}
	for key, prepare := range taken {
		prepare(key)
		var winners, losers collection[string]
		f.race(racers, func(i int) error {
			r := reservation(fmt.Sprintf("holder_%d", i), 0)
			existing, reserved, err := f.keys.ReserveKey(f.Context(), f.scope, key, r)
			if reserved {
				winners.add(r.Holder)
			} else {
				losers.add(existing.Holder)
			}
			return err
		})
		won := winners.all()
		if len(won) != 1 {
			f.Fatalf("%d racers reserved the %s key, want 1", len(won), key)
		}
		for _, seen := range losers.all() {
			f.equal("the holder that a loser sees", seen, won[0])
		}
	}
}

func (f *fixture) reserveKey(key string, r subscription.Reservation) (subscription.Reservation, bool) {
	f.Helper()
	existing, reserved, err := f.keys.ReserveKey(f.Context(), f.scope, key, r)
	if err != nil {
		f.Fatalf("ReserveKey(%q): %v", key, err)
	}
	return existing, reserved
}

// reserve fails the case unless the key is free.
func (f *fixture) reserve(key string, r subscription.Reservation) {
	f.Helper()
	if existing, reserved := f.reserveKey(key, r); !reserved {
		f.Fatalf("ReserveKey(%q) for %q found %q, want it free", key, r.Holder, existing.Holder)
	}
}

// wantReserved fails the case unless the key is taken by want with that reply.
func (f *fixture) wantReserved(key string, r, want subscription.Reservation, reply *subscription.Reply) {
	f.Helper()
	existing, reserved := f.reserveKey(key, r)
	if reserved {
		f.Fatalf("ReserveKey(%q) for %q reserved it, want it taken by %q", key, r.Holder, want.Holder)
	}
	want.Reply = reply
	if reply != nil && existing.Reply != nil && len(reply.Body) == 0 && len(existing.Reply.Body) == 0 {
		existing.Reply.Body = reply.Body // no body and an empty one are the same
	}
	f.equal(fmt.Sprintf("the reservation of %q", key), existing, want)
}

func (f *fixture) finish(key, holder string, reply *subscription.Reply) {
	f.Helper()
	if err := f.keys.FinishKey(f.Context(), f.scope, key, holder, reply); err != nil {
		f.Fatalf("FinishKey(%q) by %q: %v", key, holder, err)
	}
}
