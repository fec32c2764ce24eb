package storetest

import (
	"time"

	"github.com/paymount/paymount/subscription"
)

func notificationCases() []testCase {
	return []testCase{
		{"notifications/are zero for a new object that is saved without one", func(f *fixture) {
			w := f.over(f.object("sub_1"), f.sub("ann", "sub_1"))
			w.New.Notification = notified(3, f.sub("ann", "sub_1"))
			f.save(w)
			f.equal("the notification", f.object("sub_1").Notification, subscription.Notification{})
		}},
		{"notifications/come back with every field, by either way", func(f *fixture) {
			for _, state := range []any{f.sub("ann", "sub_1"), f.pay("ann", "pi_1"), "sub_2"} {
				id, version := f.of(state).ID, int64(0)
				for _, n := range f.notifications(id) {
					f.save(withNotification(f.over(f.object(id), state), n))
					version++
					n.Version = version
					f.equal("what was saved with the state of "+id, f.object(id).Notification, n)
				}
				for _, n := range f.notifications(id) {
					f.note(id, n)
					version++
					n.Version = version
					f.equal("what was saved without the state of "+id, f.object(id).Notification, n)
				}
			}
		}},
		{"notifications/stay as they are when the state alone is saved", func(f *fixture) {
			for _, n := range f.notifications("sub_1") {
				f.save(withNotification(f.over(f.object("sub_1"), f.sub("ann", "sub_1")), n))
				f.staysNotified(f.object("sub_1").Notification)
				f.save(f.over(f.object("sub_1"), f.sub("ann", "sub_1")))
				f.note("sub_1", n)
				f.staysNotified(f.object("sub_1").Notification)
			}
		}},
		{"notifications/are saved from their own version only", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.note("sub_1", notified(1, nil))
			f.note("sub_1", notified(2, nil))
			want := f.object("sub_1")
			for _, other := range []int64{-1, 0, 1, 3, 9} {
				n := notified(7, f.sub("ann", "sub_1"))
				n.Version = other
				f.wantNoted(false, "sub_1", n)
				old := want
				old.Notification.Version = other
				f.saveNot(withNotification(f.over(old, f.sub("bob", "sub_1"), "evt_1"), n))
			}
			f.wantObject(want)
			f.wantRecorded("sub_1", nil, "evt_1")
		}},
		{"notifications/of an object that is not known are not saved", func(f *fixture) {
			for _, id := range []string{"sub_1", "pi_1"} {
				f.wantNoted(false, id, notified(1, nil))
				f.wantObject(f.of(id))
			}
		}},
		{"notifications/do not get in the way of a save, nor does a save get in theirs", func(f *fixture) {
			f.save(withNotification(f.over(f.object("sub_1"), f.sub("ann", "sub_1")), notified(1, f.sub("ann", "sub_1"))))
			before, changed := f.object("sub_1"), f.sub("ann", "sub_1")
			changed.Status = subscription.StatusUnpaid
			f.note("sub_1", notified(2, f.sub("ann", "sub_1")))
			f.save(f.over(before, changed))
			f.wantVersions("sub_1", 2, 2)
			before = f.object("sub_1")
			f.see(f.sub("ann", "sub_1"))
			f.wantNoted(true, "sub_1", before.Notification)
			f.wantVersions("sub_1", 3, 3)
			f.wantSubs("ann", f.sub("ann", "sub_1"))
		}},
		{"notifications/change nothing of the state", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.pay("ann", "pi_1"))
			other := f.sub("bob", "sub_1")
			other.Status = subscription.StatusCanceled
			f.note("sub_1", notified(1, other))
			f.note("pi_1", notified(1, nil))
			f.wantSubs("ann", f.sub("ann", "sub_1"))
			f.wantSubs("bob")
			f.wantPage("ann", 0, 10, 1, f.pay("ann", "pi_1"))
		}},
		{"notifications/objects have their own", func(f *fixture) {
			f.see(f.sub("ann", "sub_1"))
			f.see(f.sub("ann", "sub_2"))
			f.note("sub_1", notified(1, f.sub("ann", "sub_1")))
			f.wantVersions("sub_1", 1, 1)
			f.wantVersions("sub_2", 1, 0)
		}},
		{"notifications/no metadata and empty metadata are the same state", func(f *fixture) {
			empty, none := f.sub("ann", "sub_1"), f.sub("ann", "sub_1")
			empty.Metadata, empty.Items = map[string]string{}, []subscription.Item{}
			none.Metadata, none.Items = nil, nil
			f.save(withNotification(f.over(f.object("sub_1"), empty), notified(1, none)))
			f.wantSubs("ann", none)
			if o := f.object("sub_1"); o.Pending() {
				f.Errorf("the state %s is not the same as %s", text(o.Subscription), text(o.Notification.Notified))
			}
		}},
	}
}

// notifications returns some of all kinds, with and without the state that the object has.
func (f *fixture) notifications(id string) []subscription.Notification {
	until := at(5).Add(123456 * time.Microsecond)
	claimed := subscription.Notification{Count: 4, Attempted: true, ClaimedUntil: until}
	failed := subscription.Notification{Count: 1 << 40, Attempted: true}
	if id == "sub_2" || id == "pi_1" {
		return []subscription.Notification{claimed, {Count: 5}, failed, {}, {Count: 1}}
	}
	other := f.sub("ann", id)
	other.Status = subscription.StatusTrialing
	claimed.Notified, failed.Notified = other, f.sub("ann", id)
	never := subscription.Notification{Attempted: true, ClaimedUntil: until}
	return []subscription.Notification{
		notified(1, f.sub("ann", id)), claimed, notified(2, other), failed, {}, never, notified(3, f.sub("ann", id)), notified(4, nil),
	}
}

// staysNotified saves states of sub_1 one after the other, also the same one again, and back to the first one.
func (f *fixture) staysNotified(want subscription.Notification) {
	f.Helper()
	for _, quantity := range []int64{1, 1, 9, 9, 8, 1} {
		sub := f.sub("ann", "sub_1")
		sub.Items[0].Quantity = quantity
		f.see(sub)
		f.equal("the notification after a save of the state", f.object("sub_1").Notification, want)
		f.equal("the state", f.object("sub_1").Subscription, sub)
	}
}
