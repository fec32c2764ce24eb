package storetest

import (
	"context"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// openCases are for stores with the ability of subscription.OpenLister.
func openCases() []testCase {
	list := cut{"OpenSubscriptions", func(f *fixture) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := f.open.OpenSubscriptions(ctx, f.scope, at(1), "", 10)
			return err
		}
	}, func(*fixture) {}}
	return append(cutCases([]cut{list}), []testCase{
		{"open/an empty store has none", func(f *fixture) { f.wantOpen(at(1), "", 10) }},
		{"open/every page holds its part of the whole", func(f *fixture) {
			for _, id := range []string{"sub_c", "sub_a", "sub_d", "sub_b", "sub_e"} {
				f.see(f.sub("ann", id))
			}
			f.see(f.pay("ann", "pi_1"))
			f.wantOpen(at(1), "", 2, f.sub("ann", "sub_a"), f.sub("ann", "sub_b"))
			f.wantOpen(at(1), "sub_b", 2, f.sub("ann", "sub_c"), f.sub("ann", "sub_d"))
			f.wantOpen(at(1), "sub_d", 2, f.sub("ann", "sub_e"))
			f.wantOpen(at(1), "sub_e", 2)
		}},
		{"open/all users of the scope are in it, and no other scope", func(f *fixture) {
			live := f.in(project.Scope{ProjectID: f.scope.ProjectID, Mode: project.ModeLive})
			other := f.in(project.Scope{ProjectID: "other", Mode: f.scope.Mode})
			f.see(f.sub("ann", "sub_1"))
			f.see(f.sub("bob", "sub_2"))
			live.see(live.sub("ann", "sub_3"))
			other.see(other.sub("ann", "sub_4"))
			f.wantOpen(at(1), "", 10, f.sub("ann", "sub_1"), f.sub("bob", "sub_2"))
		}},
		{"open/what has ended is left out", func(f *fixture) {
			for id, status := range map[string]subscription.Status{
				"sub_1": subscription.StatusCanceled, "sub_2": subscription.StatusIncompleteExpired, "sub_3": subscription.StatusUnpaid,
			} {
				s := f.sub("ann", id)
				s.Status = status
				f.save(withNotification(f.over(f.object(id), s), notified(1, s)))
			}
			f.see("sub_4") // nobody's
			unpaid := f.sub("ann", "sub_3")
			unpaid.Status = subscription.StatusUnpaid
			f.wantOpen(at(1), "", 10, unpaid)
		}},
		{"open/what has ended is in it until the host is notified", func(f *fixture) {
			ended := f.sub("ann", "sub_1")
			ended.Status = subscription.StatusCanceled
			pending := func(want bool) {
				f.Helper()
				if want {
					f.wantOpen(at(1), "", 10, ended)
				} else {
					f.wantOpen(at(1), "", 10)
				}
			}
			claimed := subscription.Notification{Count: 1, Notified: ended, Attempted: true, ClaimedUntil: at(5)}
			failed := subscription.Notification{Count: 1, Notified: ended, Attempted: true}
			for _, save := range []func(n subscription.Notification){
				func(n subscription.Notification) { f.note("sub_1", n) },
				func(n subscription.Notification) { f.save(withNotification(f.over(f.object("sub_1"), ended), n)) },
			} {
				f.see(f.sub("ann", "sub_1"))
				f.note("sub_1", notified(1, f.sub("ann", "sub_1")))
				f.see(ended)
				pending(true)
				f.see(ended)
				pending(true)
				save(notified(1, f.sub("ann", "sub_1")))
				pending(true)
				save(claimed)
				pending(true)
				save(failed)
				pending(true)
				save(notified(2, ended))
				pending(false)
				f.see(ended)
				pending(false)
			}
		}},
		{"open/what was written at the time or later is left out", func(f *fixture) {
			for id, minute := range map[string]int{"sub_1": 4, "sub_2": 5, "sub_3": 6} {
				w := f.over(f.object(id), f.sub("ann", id))
				w.At = at(minute)
				f.save(w)
			}
			f.wantOpen(at(5), "", 10, f.sub("ann", "sub_1"))
			f.note("sub_1", notified(1, f.sub("ann", "sub_1"))) // a notification does not count
			f.wantOpen(at(5), "", 10, f.sub("ann", "sub_1"))
			again := f.over(f.object("sub_1"), f.sub("ann", "sub_1")) // an unchanged state counts as written too
			again.At = at(7)
			f.save(again)
			f.wantOpen(at(5), "", 10)
		}},
	}...)
}

func (f *fixture) wantOpen(before time.Time, after string, limit int, want ...*subscription.Subscription) {
	f.Helper()
	got, err := f.open.OpenSubscriptions(f.Context(), f.scope, before, after, limit)
	if err != nil {
		f.Fatalf("OpenSubscriptions(%v, %q, %d): %v", before, after, limit, err)
	}
	f.equal("the open subscriptions", textOfEach(got), textOfEach(want))
}
