package refetch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func TestABurstOverThreeReplicasCostsFourFetchesAtMost(t *testing.T) {
	t.Parallel()
	for name, spread := range map[string]time.Duration{"at once": 0, "one after the other": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := &fakeStripe{latency: 150 * time.Millisecond}, slowLoad{memstore.New()}
				replicas := []*refetch.Refetcher{start(s, store, nil), start(s, store, nil), start(s, store, nil)}
				var wg sync.WaitGroup
				for i := range 8 {
					s.changes.Add(1)
					wg.Go(func() {
						if _, err := replicas[i%3].Refetch(t.Context(), target("sub_1"), fmt.Sprintf("evt_%d", i)); err != nil {
							t.Error(err)
						}
					})
					<-time.After(spread)
				}
				wg.Wait()
				if n := s.fetches.Load(); n > 4 {
					t.Errorf("%d fetches", n)
				}
				if got := stored(t, store).Plan().Quantity; got != 8 {
					t.Errorf("the store has seen %d of 8 changes", got)
				}
				loaded, err := store.Load(t.Context(), scope(), "sub_1", []string{
					"evt_0", "evt_1", "evt_2", "evt_3", "evt_4", "evt_5", "evt_6", "evt_7",
				})
				if err != nil || len(loaded.Recorded) != 8 {
					t.Errorf("recorded: %q, %v", loaded.Recorded, err)
				}
			})
		})
	}
}

func TestWhoLosesASaveAnswersThoseWhoWaitToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{latency: 150 * time.Millisecond}, slowLoad{memstore.New()}
		slow, fast := start(s, store, nil), start(s, store, nil)
		var wg sync.WaitGroup
		refetchLater := func(r *refetch.Refetcher, wait time.Duration, event string) {
			wg.Go(func() {
				<-time.After(wait)
				s.changes.Add(1)
				if _, err := r.Refetch(t.Context(), target("sub_1"), event); err != nil {
					t.Error(err)
				}
			})
		}
		refetchLater(fast, 0, "evt_1")
		refetchLater(slow, 20*time.Millisecond, "evt_2")
		refetchLater(slow, 100*time.Millisecond, "evt_3") // waits for the fetch of evt_2, whose save is lost
		wg.Wait()
		if n := s.fetches.Load(); n != 3 {
			t.Errorf("%d fetches, want 3", n)
		}
		if got := stored(t, store).Plan().Quantity; got != 3 {
			t.Errorf("the store has seen %d of 3 changes", got)
		}
	})
}

// overtaken is a store whose saves are lost to others.
type overtaken struct {
	*memstore.Store

	lost atomic.Int64 // how many are still to be lost
}

func (o *overtaken) Save(ctx context.Context, w subscription.Write) (bool, error) {
	if o.lost.Add(-1) >= 0 {
		return false, nil
	}
	return o.Store.Save(ctx, w)
}

func TestARefetchThatIsOvertakenBeginsAgainAFewTimes(t *testing.T) {
	t.Parallel()
	for lost, fails := range map[int64]bool{1: false, 5: false, 6: true, 100: true} {
		s, store := &fakeStripe{}, &overtaken{Store: memstore.New()}
		store.lost.Store(lost)
		r := start(s, store, nil)
		_, err := r.Refetch(t.Context(), target("sub_1"), "evt_1")
		if (err != nil) != fails || refetch.IgnoreHookError(err) == nil && fails {
			t.Errorf("%d lost saves: %v", lost, err)
		}
		if n := s.fetches.Load(); n != min(lost+1, 6) {
			t.Errorf("%d lost saves: %d fetches", lost, n)
		}
		store.lost.Store(0)
		if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
			t.Error(err)
		}
		stored(t, store)
	}
}

func TestWhatIsStoredIsReturned(t *testing.T) {
	t.Parallel()
	hookErr := errors.New("not now")
	s := &fakeStripe{}
	r := start(s, memstore.New(), func(context.Context, subscription.Change) error { return hookErr })
	for i, want := range []struct {
		events []string
		err    error
		fetch  bool
	}{
		{[]string{"evt_1"}, refetch.ErrHook, true},
		{[]string{"evt_1"}, nil, true}, // the change is pending
		{[]string{"evt_1"}, nil, false},
		{nil, nil, true},
	} {
		before := s.fetches.Load()
		o, err := r.Refetch(t.Context(), target("sub_1"), want.events...)
		if !errors.Is(err, want.err) || refetch.IgnoreHookError(err) != nil || o.Subscription == nil || o.Subscription.ID != "sub_1" {
			t.Errorf("call %d: %+v, %v", i, o.Subscription, err)
		}
		if fetched := s.fetches.Load() > before; fetched != want.fetch {
			t.Errorf("call %d: fetched: %t", i, fetched)
		}
		hookErr = nil
	}
}

func TestAnAcknowledgementMakesNoRefetchBeginAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{latency: 150 * time.Millisecond}, memstore.New()
		var told []int64
		hook := func(_ context.Context, c subscription.Change) error {
			<-time.After(100 * time.Millisecond)
			told = append(told, c.New.Plan().Quantity)
			return nil
		}
		var wg sync.WaitGroup
		refetchAt := func(wait time.Duration, event string) {
			wg.Go(func() {
				<-time.After(wait)
				s.changes.Add(1)
				if _, err := start(s, store, hook).Refetch(t.Context(), target("sub_1"), event); err != nil {
					t.Errorf("%s: %v", event, err)
				}
			})
		}
		refetchAt(0, "evt_1")                    // fetches until 150, tells until 250
		refetchAt(200*time.Millisecond, "evt_2") // loads while the first one tells, and saves after it
		wg.Wait()
		if n := s.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want 2", n)
		}
		if fmt.Sprint(told) != "[1 2]" {
			t.Errorf("told %v, want both changes", told)
		}
	})
}

// shop is a Stripe whose objects are gone, or name nobody.
type shop struct {
	refetch.Stripe

	gone bool
	meta map[string]string
}

func (s *shop) Subscription(_ context.Context, _ project.Credentials, id string) (subscription.Subscription, error) {
	if s.gone {
		return subscription.Subscription{}, &stripe.Error{Kind: stripe.Missing}
	}
	return subscription.Subscription{ID: id, CustomerID: "cus_1", Status: subscription.StatusActive, Metadata: s.meta}, nil
}

func named(user string) map[string]string {
	return map[string]string{subscription.MetadataOwner: user, subscription.MetadataProject: "p"}
}

func adopt(t *testing.T, store subscription.SubscriptionStore, user string) {
	t.Helper()
	owner := subscription.Owner{Scope: scope(), ID: user}
	next := subscription.Intent{Attempt: "a", ObjectID: "cus_1"}
	if adopted, err := store.AdoptCustomer(t.Context(), owner, "cus_1", 0, next); err != nil || !adopted {
		t.Fatalf("adopted: %t, %v", adopted, err)
	}
}

// adopting is a store in which somebody adopts the customer before one of the saves.
type adopting struct {
	*memstore.Store

	saves int // until it happens
	what  func()
}

func (a *adopting) Save(ctx context.Context, w subscription.Write) (bool, error) {
	a.saves--
	if a.saves == 0 {
		a.what()
	}
	return a.Store.Save(ctx, w)
}

func TestNothingIsStoredForAUserWhoHasLostTheCustomer(t *testing.T) {
	t.Parallel()
	for saves := 1; saves <= 2; saves++ { // a new object, and one that is known and has not changed
		store := &adopting{Store: memstore.New(), saves: saves}
		store.what = func() { adopt(t, store, "bob") }
		r := refetch.New(refetch.Config{
			Store: store, Customers: customers(store), Stripe: &shop{meta: named("ann")}, Now: time.Now,
		})
		for i := range saves {
			want := "ann"
			if i+1 == saves {
				want = "bob"
			}
			o, err := r.Refetch(t.Context(), target("sub_1"), fmt.Sprintf("evt_%d", i))
			if err != nil || o.Owner().ID != want {
				t.Errorf("save %d of %d: it is stored for %q, %v", i+1, saves, o.Owner().ID, err)
			}
		}
	}
}

func TestWhatNamesNobodyFollowsItsCustomer(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*shop){
		"gone":        func(s *shop) { s.gone = true },
		"no metadata": func(s *shop) { s.meta = nil },
	} {
		s, store := &shop{meta: named("ann")}, memstore.New()
		var applied []string
		r := refetch.New(refetch.Config{
			Store: store, Customers: customers(store), Stripe: s, Now: time.Now,
			Applied: func(o subscription.Owner) { applied = append(applied, o.ID) },
		})
		if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
			t.Fatal(err)
		}
		end(s)
		if o, err := r.Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil || o.Owner().ID != "ann" {
			t.Errorf("%s: it is stored for %q, %v", name, o.Owner().ID, err)
		}
		adopt(t, store, "bob")
		if o, err := r.Refetch(t.Context(), target("sub_1"), "evt_3"); err != nil || o.Owner().ID != "bob" {
			t.Errorf("%s: then it is stored for %q, %v", name, o.Owner().ID, err)
		}
		if got := strings.Join(applied, ""); got != "annannannbob" {
			t.Errorf("%s: caches were told of %q", name, got)
		}
	}
}

func TestAClaimIsWatchedFromWhenItWasSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{}, memstore.New()
		late := start(s, &late{SubscriptionStore: store, way: 25 * time.Second}, func(context.Context, subscription.Change) error {
			t.Error("told while the other replica tells")
			return nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { // it looks at its clock, and reaches the store when the other replica has begun to tell
			for range 2 {
				if _, err := late.Refetch(t.Context(), target("sub_1"), "evt_1"); !errors.Is(err, refetch.ErrClaimed) {
					t.Errorf("got %v, want that it is told elsewhere", err)
				}
			}
		})
		<-time.After(22 * time.Second)
		hook := func(context.Context, subscription.Change) error { <-time.After(9 * time.Second); return nil }
		if _, err := start(s, store, hook).Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

// late is a store whose first Load is long on its way.
type late struct {
	subscription.SubscriptionStore

	way  time.Duration
	once sync.Once
}

func (l *late) Load(ctx context.Context, sc project.Scope, id string, events []string) (subscription.Loaded, error) {
	l.once.Do(func() { <-time.After(l.way) })
	return l.SubscriptionStore.Load(ctx, sc, id, events)
}
