package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// fixture is one case's store, and the scope that it works in. Its methods fail the case when the store fails.
type fixture struct {
	tester

	store subscription.SubscriptionStore
	keys  subscription.IdempotencyStore // store again, nil where it is none
	open  subscription.OpenLister       // store again, nil where it is none
	whole subscription.OwnerLoader      // store again, nil where it is none
	scope project.Scope
}

func newFixture(t tester, store subscription.SubscriptionStore) *fixture {
	keys, _ := store.(subscription.IdempotencyStore)
	open, _ := store.(subscription.OpenLister)
	whole, _ := store.(subscription.OwnerLoader)
	scope := project.Scope{ProjectID: "shop", Mode: project.ModeTest}
	return &fixture{tester: t, store: store, keys: keys, open: open, whole: whole, scope: scope}
}

// in returns a fixture for the same store in another scope.
func (f *fixture) in(scope project.Scope) *fixture {
	g := *f
	g.scope = scope
	return &g
}

// elsewhere returns another scope.
func (f *fixture) elsewhere() project.Scope {
	return project.Scope{ProjectID: f.scope.ProjectID, Mode: project.ModeLive}
}

func (f *fixture) owner(user string) subscription.Owner {
	return subscription.Owner{Scope: f.scope, ID: user}
}

// at returns a time in whole seconds, some minutes after the suite's own beginning of time.
func at(minutes int) time.Time {
	return time.Date(2024, time.February, 29, 23, 30, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// sub returns a subscription with every field set.
func (f *fixture) sub(user, id string) *subscription.Subscription {
	return &subscription.Subscription{
		ID: id, Owner: f.owner(user), CustomerID: "cus_" + user, Status: subscription.StatusActive,
		Items: []subscription.Item{
			{ID: "si_1", PriceID: "price_basic", ProductID: "prod_basic", PlanName: "Basic", Quantity: 1},
			{ID: "si_2", PriceID: "price_seat", ProductID: "prod_seat", PlanName: "Seat", Quantity: 7},
		},
		CurrentPeriodStart: at(0), CurrentPeriodEnd: at(43200), CancelAt: at(43201), CanceledAt: at(3), EndedAt: at(43202),
		TrialEnd: at(5), CreatedAt: at(-1), PastDueSince: at(2), CollectionPaused: true, ScheduleID: "sub_sched_1",
		Metadata: map[string]string{"user_id": user, "team": "red"},
	}
}

// pay returns a one-time payment that has come in, with every field set that such a one has.
func (f *fixture) pay(user, id string) *subscription.Payment {
	return &subscription.Payment{
		ID: id, Owner: f.owner(user), CustomerID: "cus_" + user, PaymentIntentID: "pi_" + id,
		Status: subscription.PaymentSucceeded, Amount: 1299, AmountRefunded: 300, Currency: "usd",
		Description: "A book", Disputed: true, Metadata: map[string]string{"user_id": user}, CreatedAt: at(0),
	}
}

// invoice returns a payment for a subscription.
func (f *fixture) invoice(user, id string) *subscription.Payment {
	p := f.pay(user, id)
	p.SubscriptionID, p.HostedInvoiceURL, p.InvoicePDF = "sub_of_"+user, "https://pay.example/"+id, "https://pay.example/"+id+".pdf"
	return p
}

// of returns an object with the state, which is of the fixture's scope.
func (f *fixture) of(state any) subscription.Object {
	o := subscription.Object{Scope: f.scope}
	switch state := state.(type) {
	case *subscription.Subscription:
		o.ID, o.Subscription = state.ID, state
	case *subscription.Payment:
		o.ID, o.Payment = state.ID, state
	case string: // the id of an object that is nobody's
		o.ID = state
	default:
		f.Fatalf("%T is no state", state)
	}
	return o
}

// over returns the write of a state over what was loaded, at at(0).
func (f *fixture) over(old subscription.Object, state any, events ...string) subscription.Write {
	o := f.of(state)
	o.Notification = old.Notification
	return subscription.Write{Old: old, New: o, Events: events, At: at(0)}
}

// withNotification returns the write with another notification as well.
func withNotification(w subscription.Write, n subscription.Notification) subscription.Write {
	w.WithNotification, w.New.Notification = true, n
	return w
}

// notified is the notification of a host that has taken the state after so many changes.
func notified(count int64, sub *subscription.Subscription) subscription.Notification {
	return subscription.Notification{Count: count, Notified: sub}
}

func (f *fixture) load(id string, events ...string) subscription.Loaded {
	f.Helper()
	loaded, err := f.store.Load(f.Context(), f.scope, id, events)
	if err != nil {
		f.Fatalf("Load(%q, %q): %v", id, events, err)
	}
	return loaded
}

// object returns what Load says of an object besides events.
func (f *fixture) object(id string) subscription.Object {
	f.Helper()
	return f.load(id).Object
}

// see saves a state over the one that is stored.
func (f *fixture) see(state any, events ...string) {
	f.Helper()
	f.save(f.over(f.object(f.of(state).ID), state, events...))
}

// save fails the case unless the write is done.
func (f *fixture) save(w subscription.Write) {
	f.Helper()
	f.wantSaved(true, w)
}

// saveNot fails the case when the write is done.
func (f *fixture) saveNot(w subscription.Write) {
	f.Helper()
	f.wantSaved(false, w)
}

func (f *fixture) wantSaved(want bool, w subscription.Write) {
	f.Helper()
	saved, err := f.store.Save(f.Context(), w)
	if err != nil {
		f.Fatalf("Save of %q: %v", w.New.ID, err)
	}
	if saved != want {
		f.Fatalf("Save of %q over version %d, with the notification over version %d (%t): %t, want %t",
			w.New.ID, w.Old.Version, w.Old.Notification.Version, w.WithNotification, saved, want)
	}
}

// note writes the notification of an object over the version that is stored.
func (f *fixture) note(id string, n subscription.Notification) {
	f.Helper()
	n.Version = f.object(id).Notification.Version
	f.wantNoted(true, id, n)
}

func (f *fixture) wantNoted(want bool, id string, n subscription.Notification) {
	f.Helper()
	saved, err := f.store.SaveNotification(f.Context(), f.scope, id, n)
	if err != nil {
		f.Fatalf("SaveNotification of %q: %v", id, err)
	}
	if saved != want {
		f.Fatalf("SaveNotification of %q over version %d = %t, want %t", id, n.Version, saved, want)
	}
}

// wantObject checks all that is stored of an object.
func (f *fixture) wantObject(want subscription.Object) {
	f.Helper()
	f.equal("what is loaded of "+want.ID, f.object(want.ID), want)
}

// wantVersions checks the versions of both parts of an object.
func (f *fixture) wantVersions(id string, version, notification int64) {
	f.Helper()
	o := f.object(id)
	f.equal("the versions of "+id, []int64{o.Version, o.Notification.Version}, []int64{version, notification})
}

// wantRecorded checks which of some events are recorded for an object: those in want, and no others.
func (f *fixture) wantRecorded(id string, want []string, events ...string) {
	f.Helper()
	got := slices.Sorted(slices.Values(f.load(id, events...).Recorded))
	if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		f.Fatalf("of %q there are recorded for %q %q, want %q", events, id, got, want)
	}
}

// wantSubs checks the subscriptions of user, in any order.
func (f *fixture) wantSubs(user string, want ...*subscription.Subscription) {
	f.Helper()
	got, err := f.store.Subscriptions(f.Context(), f.owner(user))
	if err != nil {
		f.Fatalf("Subscriptions of %q: %v", user, err)
	}
	texts, wants := textOfEach(got), textOfEach(want)
	slices.Sort(texts)
	slices.Sort(wants)
	if !slices.Equal(texts, wants) {
		f.Fatalf("the subscriptions of %q are\n  %s\nwant\n  %s", user, strings.Join(texts, "\n  "), strings.Join(wants, "\n  "))
	}
	f.wantWhole(user)
}

// wantPage checks a page of user's payments by its offset.
func (f *fixture) wantPage(user string, offset, limit, total int, want ...*subscription.Payment) {
	f.Helper()
	f.wantPayments(user, subscription.Page{Offset: offset, Limit: limit}, total, want...)
}

func (f *fixture) wantPayments(user string, page subscription.Page, total int, want ...*subscription.Payment) {
	f.Helper()
	got, n, err := f.store.Payments(f.Context(), f.owner(user), page)
	if err != nil {
		f.Fatalf("Payments(%q, %+v): %v", user, page, err)
	}
	if n != total {
		f.Errorf("Payments(%q, %+v) counts %d payments in all, want %d", user, page, n, total)
	}
	texts, wants := textOfEach(got), textOfEach(want)
	if !slices.Equal(texts, wants) {
		f.Fatalf("Payments(%q, %+v) =\n  %s\nwant\n  %s", user, page, strings.Join(texts, "\n  "), strings.Join(wants, "\n  "))
	}
}

// equal compares JSON forms: they hold every field, and take nil and empty for the same.
func (f *fixture) equal(what string, got, want any) {
	f.Helper()
	if text(got) != text(want) {
		f.Fatalf("%s = %s, want %s", what, text(got), text(want))
	}
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func textOfEach[T any](list []T) []string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = text(list[i])
	}
	return texts
}

// race calls work n times at once and waits for all of them.
func (f *fixture) race(n int, work func(i int) error) {
	f.Helper()
	var group sync.WaitGroup
	start, failures := make(chan struct{}), make([]error, n)
	for i := range n {
		group.Go(func() {
			<-start
			if err := work(i); err != nil {
				failures[i] = fmt.Errorf("racer %d: %w", i, err)
			}
		})
	}
	close(start)
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		f.Fatalf("%v", err)
	}
}
