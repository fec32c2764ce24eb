package subscription_test

import (
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
)

// see applies what a refetch saw at a second of the test.
func see(t *testing.T, o *subscription.Object, second int64, status subscription.Status) subscription.Change {
	t.Helper()
	return apply(t, o, second, status, false)
}

// backfill applies what a walk over an existing account saw.
func backfill(t *testing.T, o *subscription.Object, second int64, status subscription.Status) subscription.Change {
	t.Helper()
	return apply(t, o, second, status, true)
}

func apply(t *testing.T, o *subscription.Object, second int64, status subscription.Status, backfill bool) subscription.Change {
	t.Helper()
	o.Tickets++
	change, err := o.Apply(subscription.Snapshot{
		Object: o.ID, Ticket: o.Tickets, At: time.Unix(second, 0), Lease: 20 * time.Second, Backfill: backfill,
		Subscription: &subscription.Subscription{ID: o.ID, Owner: owner(), Status: status},
	})
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func TestAHostThatMayHaveBeenToldHearsOfTheWayBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*subscription.Object, subscription.Change){
		"the settling was lost": func(*subscription.Object, subscription.Change) {},
		"the hook failed":       func(o *subscription.Object, c subscription.Change) { o.Settle(c, false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &subscription.Object{ID: "sub_1"}
			o.Settle(see(t, o, 0, subscription.StatusActive), true)
			end(o, see(t, o, 100, subscription.StatusPastDue))
			back := see(t, o, 200, subscription.StatusActive)
			if back.ID == "" || back.New.Status != subscription.StatusActive {
				t.Fatalf("the host is told %+v", back)
			}
			o.Settle(back, true)
			if again := see(t, o, 300, subscription.StatusActive); again.ID != "" || o.Untold() {
				t.Errorf("then it is told again: %+v", again)
			}
		})
	}
}

func TestABackfillTellsOfChangesOnly(t *testing.T) {
	t.Parallel()
	o := &subscription.Object{ID: "sub_1"}
	if c := backfill(t, o, 0, subscription.StatusActive); c.ID != "" {
		t.Errorf("told of the first state: %+v", c)
	}
	if c := backfill(t, o, 100, subscription.StatusPastDue); c.ID == "" || c.Old.Status != subscription.StatusActive {
		t.Errorf("of a change that no event has told of: %+v", c)
	}
}
