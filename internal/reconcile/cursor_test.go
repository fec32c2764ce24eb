package reconcile

import (
	"errors"
	"testing"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func TestARunGoesOnWhereItCan(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	events := func(days int) cursor { return cursor{Since: ago(days), List: listEvents, After: "evt_1"} }
	invoices := func(days int) cursor { return cursor{Began: ago(days), List: listInvoices, After: "in_1", Full: true} }
	lastList, hooked := events(1), invoices(1)
	lastList.Full, hooked.Owned = true, true
	keyed := func(c cursor, key string) cursor { c.Key = key; return c }
	for name, tt := range map[string]struct {
		cursor  cursor
		options subscription.ReconcileOptions
		hooked  bool
		list    string
		after   string
	}{
		"a new store is walked whole":   {cursor{}, subscription.ReconcileOptions{}, false, listSubscriptions, ""},
		"at rest the events are walked": {cursor{Since: ago(1)}, subscription.ReconcileOptions{}, false, listEvents, ""},
		"an old store is walked whole":  {cursor{Since: ago(30)}, subscription.ReconcileOptions{}, false, listSubscriptions, ""},
		"a full walk can be asked for": {
			cursor{Since: ago(1)}, subscription.ReconcileOptions{Full: true}, false, listSubscriptions, "",
		},
		"events are resumed":                  {events(1), subscription.ReconcileOptions{}, false, listEvents, "evt_1"},
		"events that are gone by now are not": {events(30), subscription.ReconcileOptions{}, false, listSubscriptions, ""},
		"a full walk comes before the rest":   {events(1), subscription.ReconcileOptions{Full: true}, false, listSubscriptions, ""},
		"a full walk is resumed":              {invoices(1), subscription.ReconcileOptions{}, false, listInvoices, "in_1"},
		"also when it is asked for":           {invoices(1), subscription.ReconcileOptions{Full: true}, false, listInvoices, "in_1"},
		"also in its events":                  {lastList, subscription.ReconcileOptions{Full: true}, false, listEvents, "evt_1"},
		"not when its events are gone by now": {invoices(30), subscription.ReconcileOptions{}, false, listSubscriptions, ""},
		"events are resumed by the same key": {
			keyed(events(1), "a key"), subscription.ReconcileOptions{}, false, listEvents, "evt_1",
		},
		"another key walks whole lists": {
			keyed(cursor{Since: ago(1)}, "another"), subscription.ReconcileOptions{}, false, listSubscriptions, "",
		},
		"another key goes on with no walk": {
			keyed(invoices(1), "another"), subscription.ReconcileOptions{}, false, listSubscriptions, "",
		},
		"one with the hook is resumed without": {hooked, subscription.ReconcileOptions{}, false, listInvoices, "in_1"},
		"one without it begins anew with it":   {invoices(1), subscription.ReconcileOptions{}, true, listSubscriptions, ""},
	} {
		c := tt.cursor
		c.begin(now, tt.options, tt.hooked, "a key")
		if c.List != tt.list || c.After != tt.after {
			t.Errorf("%s: it begins in %s after %q, want %s after %q", name, c.List, c.After, tt.list, tt.after)
		}
		if c.List == listSubscriptions && (!c.Began.Equal(now) || !c.Full || !c.Since.IsZero()) {
			t.Errorf("%s: the full walk is %+v", name, c)
		}
	}
}

func TestNothingBetweenTwoRunsIsLeftOut(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	var c cursor
	c.begin(began, subscription.ReconcileOptions{}, false, "a key")
	now := began
	for _, list := range []string{listSubscriptions, listStored, listInvoices, listPayments} {
		if c.List != list || !c.Began.Equal(began) {
			t.Fatalf("the walk is %+v, want it in %s", c, list)
		}
		now = now.Add(time.Hour)
		c.advance("x_100", true, now)
		if c.List != list || c.After != "x_100" {
			t.Fatalf("after a page of many: %+v", c)
		}
		now = now.Add(time.Hour)
		c.advance("x_200", false, now)
	}
	if c.List != listEvents || c.After != "" || c.Since.After(began.Add(-overlap)) {
		t.Errorf("the events are walked by %+v, which leaves out some since %v", c, began)
	}
	events := c.Began
	if events.Before(now) {
		t.Errorf("the events began at %v, before %v", events, now)
	}
	c.advance("evt_1", false, now.Add(time.Hour))
	if c.List != "" || c.Full || c.Since.After(events.Add(-overlap)) {
		t.Errorf("at rest: %+v, which leaves out events since %v", c, events)
	}
}

func TestACursorIsWrittenByOneRunAlone(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	scope := project.Scope{ProjectID: "p", Mode: project.ModeTest}
	one, two := log{store: store, scope: scope}, log{store: store, scope: scope}
	for _, l := range []*log{&one, &two} {
		if _, err := l.read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.write(t.Context(), cursor{After: "one"}); err != nil {
		t.Fatal(err)
	}
	if err := two.write(t.Context(), cursor{After: "two"}); !errors.Is(err, subscription.ErrReconcileRunning) {
		t.Errorf("the second one: %v", err)
	}
	if err := one.write(t.Context(), cursor{After: "one again"}); err != nil {
		t.Error(err)
	}
	if c, err := two.read(t.Context()); err != nil || c.After != "one again" {
		t.Errorf("%+v, %v", c, err)
	}
}
