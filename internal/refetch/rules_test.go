package refetch

import (
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

func owner(user string) subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: "p", Mode: project.ModeTest}, ID: user}
}

func at(second int64) time.Time { return time.Unix(second, 0) }

// sub is what a fetch has seen of a subscription.
func sub(user string, status subscription.Status) seen {
	return seen{subscription: &subscription.Subscription{
		ID: "sub_1", Owner: owner(user), Status: status, Metadata: map[string]string{"a": "b"},
	}}
}

// paid is what a fetch has seen of a payment.
func paid(id string, status subscription.PaymentStatus) seen {
	return seen{payment: &subscription.Payment{ID: id, Owner: owner("ann"), Status: status, Amount: 100}}
}

// object is one that a single process writes, without a store.
type object struct {
	subscription.Object

	t *testing.T
}

func newObject(t *testing.T, id string) *object {
	t.Helper()
	return &object{subscription.Object{Scope: owner("").Scope, ID: id}, t}
}

// see saves what was seen at a second, and wants a decision.
func (o *object) see(second int64, s seen, want decision, change ...func(*terms)) {
	o.t.Helper()
	terms := terms{now: at(second)}
	for _, c := range change {
		c(&terms)
	}
	next := merge(o.Object, s, terms.now)
	var got decision
	next.Notification, got = decide(o.Object, next, terms)
	if got != want {
		o.t.Fatalf("at second %d the decision is %d, want %d", second, got, want)
	}
	next.Version++
	if got == skip || got == notify {
		next.Notification.Version++
	}
	o.Object = next
}

// change is what the host is told.
func (o *object) change() subscription.Change {
	o.t.Helper()
	c, err := changeOf(o.Object)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func (o *object) note(n subscription.Notification) {
	n.Version++
	o.Notification = n
}

func (o *object) ack() { o.note(acknowledged(o.Object)) }

func skipsInitial(t *terms) { t.skipInitial = true }
func tellsNobody(t *terms)  { t.nobody = true }

const (
	active   = subscription.StatusActive
	pastDue  = subscription.StatusPastDue
	unpaid   = subscription.StatusUnpaid
	canceled = subscription.StatusCanceled
	expired  = subscription.StatusIncompleteExpired
)

func TestAChangeIsToldFromWhatTheHostKnewToWhatIsNow(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	first := o.change()
	if first.Old != nil || first.New.Status != active || first.Object() != "sub_1" {
		t.Errorf("first: %+v", first)
	}
	o.ack()
	o.see(100, sub("ann", active), nothing)
	o.see(200, sub("ann", pastDue), notify)
	second := o.change()
	if second.Old.Status != active || second.New.Status != pastDue || second.ID == first.ID {
		t.Errorf("second: %+v", second)
	}
}

func TestWhatTheHostFailedToTakeIsToldAgainByTheSameID(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	first := o.change()
	o.note(failed(o.Object))
	if !o.Pending() {
		t.Error("nothing is pending")
	}
	o.see(1, sub("ann", active), notify)
	if again := o.change(); again.ID != first.ID || again.Old != nil {
		t.Errorf("again: %+v", again)
	}
	o.ack()
	if o.Pending() {
		t.Error("something is pending")
	}
	o.see(2, sub("ann", active), nothing)
}

func TestStepsThatTheHostMissedComeAsOne(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	o.ack()
	o.see(1, sub("ann", pastDue), notify)
	missed := o.change()
	o.note(failed(o.Object))
	o.see(2, sub("ann", canceled), notify)
	c := o.change()
	if c.Old.Status != active || c.New.Status != canceled || c.ID == missed.ID {
		t.Errorf("told: %+v", c)
	}
}

func TestOnlyOneCallerTellsAtATimeAndTheStateIsKept(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	telling := o.Object
	o.see(1, sub("ann", pastDue), leave)
	if o.Subscription.Status != pastDue || o.Notification.Version != 1 {
		t.Errorf("stored: %+v", o.Object)
	}
	o.note(acknowledged(telling))
	if !o.Pending() {
		t.Error("what changed in the meantime is not pending")
	}
	o.see(2, sub("ann", pastDue), notify)
	if c := o.change(); c.Old.Status != active || c.New.Status != pastDue {
		t.Errorf("told: %+v", c)
	}
}

func TestAClaimThatIsOverLetsTheNextCallerTellByTheSameID(t *testing.T) {
	t.Parallel()
	lasts := int64((claimLife + clockSkew) / time.Second)
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	first := o.change()
	o.see(lasts-1, sub("ann", active), leave)
	o.see(lasts-1, sub("ann", active), leave, func(t *terms) { t.lapsed = 7 })
	other := *o
	other.see(lasts-1, sub("ann", active), notify, func(t *terms) { t.lapsed = 1 })
	o.see(lasts, sub("ann", active), notify)
	for _, next := range []*object{o, &other} {
		if c := next.change(); c.ID != first.ID || next.Notification.Version != 2 {
			t.Errorf("told again: %+v, version %d", c, next.Notification.Version)
		}
	}
}

func TestAHostThatMayHaveBeenToldHearsOfTheWayBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*object){
		"the acknowledgement was lost": func(*object) {},
		"the hook failed":              func(o *object) { o.note(failed(o.Object)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newObject(t, "sub_1")
			o.see(0, sub("ann", active), notify)
			o.ack()
			o.see(1000, sub("ann", pastDue), notify)
			end(o)
			o.see(2000, sub("ann", active), notify)
			if c := o.change(); c.Old.Status != active || c.New.Status != active {
				t.Fatalf("the host is told %+v", c)
			}
			o.ack()
			o.see(3000, sub("ann", active), nothing)
			if o.Pending() {
				t.Error("something is pending")
			}
		})
	}
}

func TestWhereNobodyIsToldNothingIsLeftToTell(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), skip, tellsNobody)
	o.see(1, sub("ann", active), nothing, tellsNobody)
	o.see(2, sub("ann", pastDue), skip, tellsNobody)
	if o.Pending() || o.Notification.Notified.Status != pastDue || o.Notification.Count != 2 {
		t.Errorf("noted: %+v", o.Notification)
	}
	o.see(3, sub("ann", unpaid), notify)
	o.see(4, sub("ann", unpaid), skip, tellsNobody) // it overtakes who was telling
	if o.Pending() || o.Notification.Attempted {
		t.Errorf("noted: %+v", o.Notification)
	}
}

func TestTheInitialStateCanBeSkipped(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, seen{}, nothing, skipsInitial) // it was nobody's
	o.see(0, sub("ann", active), skip, skipsInitial)
	o.see(100, sub("ann", pastDue), notify, skipsInitial) // no event has told of it
	if c := o.change(); c.Old.Status != active || c.New.Status != pastDue {
		t.Errorf("told: %+v", c)
	}
}

func TestAOneTimePaymentIsToldOnceItIsPaid(t *testing.T) {
	t.Parallel()
	o := newObject(t, "pi_1")
	o.see(0, paid("pi_1", subscription.PaymentPending), nothing)
	o.see(1, paid("pi_1", subscription.PaymentSucceeded), notify)
	first := o.change()
	o.see(2, paid("pi_1", subscription.PaymentRefunded), leave)
	o.note(failed(o.Object))
	o.see(3, paid("pi_1", subscription.PaymentRefunded), notify)
	again := o.change()
	for _, c := range []subscription.Change{first, again} {
		if c.ID != "pi_1" || c.Payment.Status != subscription.PaymentSucceeded || c.New != nil || c.Object() != "pi_1" {
			t.Errorf("told: %+v", c)
		}
	}
	o.ack()
	o.see(4, paid("pi_1", subscription.PaymentPartiallyRefunded), nothing)
	if o.Payment.Status != subscription.PaymentPartiallyRefunded {
		t.Errorf("stored: %+v", o.Payment)
	}
	free := newObject(t, "cs_1")
	nothingPaid := paid("cs_1", subscription.PaymentSucceeded)
	nothingPaid.payment.Amount = 0
	free.see(0, nothingPaid, notify)
}

func TestAPaymentOfASubscriptionIsNeverTold(t *testing.T) {
	t.Parallel()
	o := newObject(t, "in_1")
	o.see(0, paid("in_1", subscription.PaymentSucceeded), nothing)
	if o.Pending() {
		t.Error("it is pending")
	}
}

func TestChangesOfTwoScopesHaveDifferentIDs(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, scope := range []project.Scope{
		{ProjectID: "p", Mode: project.ModeTest}, {ProjectID: "p", Mode: project.ModeLive}, {ProjectID: "q"},
	} {
		o := newObject(t, "sub_1")
		o.Scope = scope
		o.see(0, sub("ann", active), notify)
		ids = append(ids, o.change().ID)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 3 {
		t.Errorf("ids: %q", ids)
	}
}

func TestWhatTheHostDoesWithAChangeChangesNothing(t *testing.T) {
	t.Parallel()
	o := newObject(t, "sub_1")
	o.see(0, sub("ann", active), notify)
	o.ack()
	o.see(1, sub("ann", pastDue), notify)
	c := o.change()
	for _, s := range []*subscription.Subscription{c.Old, c.New} {
		s.Status, s.Metadata["a"] = "spoiled", "spoiled"
	}
	again := o.change()
	if again.ID != c.ID || again.Old.Status != active || again.New.Status != pastDue || again.New.Metadata["a"] != "b" {
		t.Errorf("told again: %+v", again)
	}
}

func TestWhoseAnObjectIsAndWhatIsStoredOfIt(t *testing.T) {
	t.Parallel()
	gone := seen{gone: true}
	for name, tt := range map[string]struct {
		seen   []seen
		user   string
		status subscription.Status
	}{
		"it is its user's":                           {[]seen{sub("ann", active)}, "ann", active},
		"it becomes another user's":                  {[]seen{sub("ann", active), sub("bob", unpaid)}, "bob", unpaid},
		"nobody's is left out":                       {[]seen{sub("", active)}, "", ""},
		"what is not ours is left out":               {[]seen{{}}, "", ""},
		"what is gone and was never there is none":   {[]seen{gone}, "", ""},
		"what names nobody any more is followed":     {[]seen{sub("ann", active), sub("", unpaid)}, "ann", unpaid},
		"what is not ours any more keeps its state":  {[]seen{sub("ann", active), {}}, "ann", active},
		"what was nobody's becomes somebody's":       {[]seen{{}, sub("", active), sub("ann", active)}, "ann", active},
		"what is gone is canceled":                   {[]seen{sub("ann", active), gone}, "ann", canceled},
		"what had ended when it went stays as it is": {[]seen{sub("ann", expired), gone}, "ann", expired},
	} {
		o := subscription.Object{ID: "sub_1"}
		for i, s := range tt.seen {
			o = merge(o, s, at(int64(i)))
		}
		var status subscription.Status
		if o.Subscription != nil {
			status = o.Subscription.Status
		}
		if o.Owner().ID != tt.user || status != tt.status {
			t.Errorf("%s: %q of %q", name, status, o.Owner().ID)
		}
		if status == canceled && !o.Subscription.EndedAt.Equal(at(1)) {
			t.Errorf("%s: ended at %v", name, o.Subscription.EndedAt)
		}
	}
}
