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
	scope project.Scope
}

func newFixture(t tester, store subscription.SubscriptionStore) *fixture {
	keys, _ := store.(subscription.IdempotencyStore)
	open, _ := store.(subscription.OpenLister)
	scope := project.Scope{ProjectID: "shop", Mode: project.ModeTest}
	return &fixture{tester: t, store: store, keys: keys, open: open, scope: scope}
}

// in returns a fixture for the same store in another scope.
func (f *fixture) in(scope project.Scope) *fixture {
	g := *f
	g.scope = scope
	return &g
}

func (f *fixture) owner(user string) subscription.Owner {
	return subscription.Owner{Scope: f.scope, UserID: user}
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

// invoice returns a payment for a subscription, of which the host is never told.
func (f *fixture) invoice(user, id string) *subscription.Payment {
	p := f.pay(user, id)
	p.SubscriptionID, p.HostedInvoiceURL, p.InvoicePDF = "sub_of_"+user, "https://pay.example/"+id, "https://pay.example/"+id+".pdf"
	return p
}

// saw returns the snapshot of a refetch that saw sub at at(0), with a lease of a minute.
func saw(ticket int64, sub *subscription.Subscription, events ...string) subscription.Snapshot {
	return subscription.Snapshot{
		Object: sub.ID, Ticket: ticket, Events: events, Subscription: sub, At: at(0), Lease: time.Minute,
	}
}

// sawPayment is saw for a payment.
func sawPayment(ticket int64, p *subscription.Payment, events ...string) subscription.Snapshot {
	return subscription.Snapshot{Object: p.ID, Ticket: ticket, Events: events, Payment: p, At: at(0), Lease: time.Minute}
}

func (f *fixture) draw(object string, events ...string) int64 {
	f.Helper()
	ticket, err := f.store.Draw(f.Context(), f.scope, object, events)
	if err != nil {
		f.Fatalf("Draw(%q, %q): %v", object, events, err)
	}
	return ticket
}

// apply fails the case on any error, ErrClaimed included.
func (f *fixture) apply(s subscription.Snapshot) subscription.Change {
	f.Helper()
	change, err := f.store.Apply(f.Context(), f.scope, s)
	if err != nil {
		f.Fatalf("Apply of ticket %d of %q: %v", s.Ticket, s.Object, err)
	}
	return change
}

// applyChange is apply where there must be a change to tell.
func (f *fixture) applyChange(s subscription.Snapshot) subscription.Change {
	f.Helper()
	change := f.apply(s)
	if change.ID == "" {
		f.Fatalf("Apply of ticket %d of %q returned no change to tell", s.Ticket, s.Object)
	}
	return change
}

// applyNothing is apply where there must be nothing to tell.
func (f *fixture) applyNothing(s subscription.Snapshot) {
	f.Helper()
	if change := f.apply(s); change.ID != "" || change.New != nil || change.Payment != nil {
		f.Fatalf("Apply of ticket %d of %q returned a change, want none: %s", s.Ticket, s.Object, text(change))
	}
}

// applyClaimed is Apply where another caller must be telling the host. It returns that caller's claim.
func (f *fixture) applyClaimed(s subscription.Snapshot) (claim int64) {
	f.Helper()
	change, err := f.store.Apply(f.Context(), f.scope, s)
	if !errors.Is(err, subscription.ErrClaimed) {
		f.Fatalf("Apply of ticket %d of %q returned %v, want ErrClaimed", s.Ticket, s.Object, err)
	}
	return change.Claim()
}

// see draws a ticket and applies what was seen, with nobody to tell.
func (f *fixture) see(s subscription.Snapshot) {
	f.Helper()
	s.Ticket, s.Quiet = f.draw(s.Object), true
	f.applyNothing(s)
}

func (f *fixture) settle(c subscription.Change, told bool) {
	f.Helper()
	if err := f.store.Settle(f.Context(), f.scope, c, told); err != nil {
		f.Fatalf("Settle(%t) of a change of %q: %v", told, c.Object(), err)
	}
}

// wantDrawn checks whether Draw still sees something to fetch.
func (f *fixture) wantDrawn(want bool, object string, events ...string) {
	f.Helper()
	if ticket := f.draw(object, events...); (ticket != 0) != want {
		f.Fatalf("Draw(%q, %q) = %d, want one drawn: %t", object, events, ticket, want)
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
}

// wantPage checks a page of user's payments.
func (f *fixture) wantPage(user string, offset, limit, total int, want ...*subscription.Payment) {
	f.Helper()
	got, n, err := f.store.Payments(f.Context(), f.owner(user), offset, limit)
	if err != nil {
		f.Fatalf("Payments(%q, %d, %d): %v", user, offset, limit, err)
	}
	if n != total {
		f.Errorf("Payments(%q, %d, %d) counts %d payments in all, want %d", user, offset, limit, n, total)
	}
	texts, wants := textOfEach(got), textOfEach(want)
	if !slices.Equal(texts, wants) {
		f.Fatalf("Payments(%q, %d, %d) =\n  %s\nwant\n  %s",
			user, offset, limit, strings.Join(texts, "\n  "), strings.Join(wants, "\n  "))
	}
}

// wantChange checks what a change tells.
func (f *fixture) wantChange(c subscription.Change, previous, current *subscription.Subscription) {
	f.Helper()
	f.equal("Change.Old", c.Old, previous)
	f.equal("Change.New", c.New, current)
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
