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

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func scope() project.Scope { return project.Scope{ProjectID: "p", Mode: project.ModeTest} }

// stripe is a Stripe with one subscription, whose quantity counts the changes made to it.
type fakeStripe struct {
	refetch.Stripe
	latency time.Duration
	fetches atomic.Int64
	changes atomic.Int64
	running atomic.Int64
	overlap atomic.Bool // two fetches were under way at once
	err     error
}

func (s *fakeStripe) Subscription(ctx context.Context, _ project.Credentials, id string) (subscription.Subscription, error) {
	s.fetches.Add(1)
	if s.running.Add(1) > 1 {
		s.overlap.Store(true)
	}
	defer s.running.Add(-1)
	seen := s.changes.Load()
	select {
	case <-time.After(s.latency):
	case <-ctx.Done():
		return subscription.Subscription{}, ctx.Err()
	}
	if s.err != nil {
		return subscription.Subscription{}, s.err
	}
	return subscription.Subscription{
		ID: id, CustomerID: "cus_1", Status: subscription.StatusActive, Items: []subscription.Item{{Quantity: seen}},
		Metadata: map[string]string{subscription.MetadataOwner: "u", subscription.MetadataProject: "p"},
	}, nil
}

func start(s *fakeStripe, store subscription.SubscriptionStore, hook subscription.OnChange) *refetch.Refetcher {
	return refetch.New(refetch.Config{Store: store, Customers: customers(store), Stripe: s, OnChange: hook, Now: time.Now})
}

func customers(store subscription.SubscriptionStore) *customer.Customers {
	return &customer.Customers{Store: store}
}

func target(id string) refetch.Target { return refetch.Target{Scope: scope(), Object: id} }

func stored(t *testing.T, store subscription.SubscriptionStore) subscription.Subscription {
	t.Helper()
	subs, err := store.Subscriptions(t.Context(), subscription.Owner{Scope: scope(), ID: "u"})
	if err != nil || len(subs) != 1 {
		t.Fatalf("%d subscriptions, %v", len(subs), err)
	}
	return subs[0]
}

func TestBurstOfEventsSharesTwoFetches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{latency: 150 * time.Millisecond}, memstore.New()
		r := start(s, store, nil)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				s.changes.Add(1)
				if _, err := r.Refetch(t.Context(), target("sub_1"), fmt.Sprintf("evt_%d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.fetches.Load(); n > 2 {
			t.Errorf("%d fetches", n)
		}
		if got := stored(t, store).Plan().Quantity; got != 8 {
			t.Errorf("the store has seen %d of 8 changes", got)
		}
		for i := range 8 {
			if _, err := r.Refetch(t.Context(), target("sub_1"), fmt.Sprintf("evt_%d", i)); err != nil {
				t.Error(err)
			}
		}
		if n := s.fetches.Load(); n > 2 {
			t.Errorf("%d fetches after duplicates", n)
		}
	})
}

func TestFetchesOfAnObjectNeverOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &fakeStripe{latency: 150 * time.Millisecond}
		r := start(s, memstore.New(), nil)
		var wg sync.WaitGroup
		for i := range 40 { // some three come during each fetch
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 60 * time.Millisecond) //nolint:forbidigo // in synctest's bubble
				if _, err := r.Refetch(t.Context(), target("sub_1"), fmt.Sprintf("evt_%d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s.overlap.Load() {
			t.Error("two fetches were under way at once")
		}
	})
}

// slowLoad is a store whose answers to Load are long on their way.
type slowLoad struct{ *memstore.Store }

func (s slowLoad) Load(ctx context.Context, scope project.Scope, object string, events []string) (subscription.Loaded, error) {
	loaded, err := s.Store.Load(ctx, scope, object, events)
	time.Sleep(10 * time.Millisecond) //nolint:forbidigo // in synctest's bubble: it is the answer that is on its way
	return loaded, err
}

func TestCallsThatComeDuringTheLoadShareItsFetch(t *testing.T) {
	t.Parallel()
	for name, recorded := range map[string]bool{"new event first": false, "duplicate first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := &fakeStripe{latency: 150 * time.Millisecond}, slowLoad{memstore.New()}
				r := start(s, store, nil)
				call := func(event string) {
					if _, err := r.Refetch(t.Context(), target("sub_1"), event); err != nil {
						t.Error(err)
					}
				}
				if recorded {
					call("evt_0")
				}
				fetches := s.fetches.Load()
				var wg sync.WaitGroup
				wg.Go(func() { call("evt_0") })
				synctest.Wait() // the object is loaded, the answer on its way
				for i := range 7 {
					s.changes.Add(1)
					wg.Go(func() { call(fmt.Sprintf("evt_%d", i+1)) })
				}
				wg.Wait()
				if n := s.fetches.Load() - fetches; n != 1 {
					t.Errorf("%d fetches, want 1", n)
				}
				if got := stored(t, store).Plan().Quantity; got != 7 {
					t.Errorf("the store has seen %d of 7 changes", got)
				}
			})
		})
	}
}

func TestReplicasLeaveTheLatestStateWhateverFetchEndsLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memstore.New()
		slow, fast := &fakeStripe{latency: time.Second}, &fakeStripe{latency: time.Millisecond}
		var wg sync.WaitGroup
		slow.changes.Store(1)
		wg.Go(func() {
			if _, err := start(slow, store, nil).Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		slow.changes.Store(2) // its fetch is under way
		fast.changes.Store(2)
		if _, err := start(fast, store, nil).Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if got := stored(t, store).Plan().Quantity; got != 2 {
			t.Errorf("state %d", got)
		}
	})
}

func TestCallerThatLeavesDoesNotSpoilTheSharedFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{latency: time.Second}, memstore.New()
		r := start(s, store, nil)
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = r.Refetch(ctx, target("sub_1"), "evt_1") })
		synctest.Wait()
		leave()
		if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		stored(t, store)
	})
}

func TestWaiterHonoursItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(&fakeStripe{latency: 10 * time.Second}, memstore.New(), nil)
		var wg sync.WaitGroup
		for _, event := range []string{"evt_1", "evt_2"} {
			wg.Go(func() { _, _ = r.Refetch(t.Context(), target("sub_1"), event) })
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Refetch(ctx, target("sub_1"), "evt_3"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error: %v", err)
		}
		wg.Wait()
	})
}

func TestFailedFetchRecordsNothing(t *testing.T) {
	t.Parallel()
	s, store := &fakeStripe{err: &stripe.Error{Kind: stripe.Unreachable}}, memstore.New()
	r := start(s, store, nil)
	if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); !stripe.Is(err, stripe.Unreachable) {
		t.Fatalf("error: %v", err)
	}
	s.err = nil
	if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
		t.Fatal(err)
	}
	stored(t, store)
}

func TestObjectThatIsGoneAtStripeEnds(t *testing.T) {
	t.Parallel()
	s, store := &fakeStripe{}, memstore.New()
	r := start(s, store, nil)
	if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
		t.Fatal(err)
	}
	s.err = &stripe.Error{Kind: stripe.Missing}
	if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, store).Status; got != subscription.StatusCanceled {
		t.Errorf("status %s", got)
	}
}

func TestHookThatFailsIsToldTheSameChangeAgain(t *testing.T) {
	t.Parallel()
	var told []string
	fail := errors.New("not now")
	r := start(&fakeStripe{}, memstore.New(), func(_ context.Context, c subscription.Change) error {
		told = append(told, c.ID)
		return fail
	})
	_, err := r.Refetch(t.Context(), target("sub_1"), "evt_1")
	if !errors.Is(err, refetch.ErrHook) || !errors.Is(err, fail) || refetch.IgnoreHookError(err) != nil {
		t.Fatalf("error: %v", err)
	}
	fail = nil
	for range 2 {
		if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 || told[0] != told[1] {
		t.Errorf("told: %v", told)
	}
}

func TestReplicasTellTheHostOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{latency: time.Millisecond}, memstore.New()
		var told atomic.Int64
		hook := func(context.Context, subscription.Change) error {
			told.Add(1)
			time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock: a slow hook
			return nil
		}
		var wg sync.WaitGroup
		var claimed atomic.Int64
		for range 4 {
			wg.Go(func() {
				_, err := start(s, store, hook).Refetch(t.Context(), target("sub_1"), "evt_1")
				if errors.Is(err, refetch.ErrClaimed) {
					claimed.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if told.Load() != 1 {
			t.Errorf("told %d times, claimed %d", told.Load(), claimed.Load())
		}
	})
}

func TestReplicasWhoseClocksDifferTellTheHostOnceAtATime(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{30 * time.Second, 5 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := &fakeStripe{}, memstore.New()
				var telling, told atomic.Int64
				hook := func(context.Context, subscription.Change) error {
					if telling.Add(1) > 1 {
						t.Error("two are told at once")
					}
					<-time.After(9 * time.Second)
					telling.Add(-1)
					told.Add(1)
					return nil
				}
				fast := refetch.New(refetch.Config{
					Store: store, Customers: customers(store), Stripe: s, OnChange: hook,
					Now: func() time.Time { return time.Now().Add(ahead) },
				})
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := start(s, store, hook).Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil {
						t.Error(err)
					}
				})
				<-time.After(5 * time.Second)
				s.changes.Add(1)
				if _, err := fast.Refetch(t.Context(), target("sub_1"), "evt_2"); !errors.Is(err, refetch.ErrClaimed) {
					t.Errorf("got %v, want that it is told elsewhere", err)
				}
				wg.Wait()
				if _, err := fast.Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil || told.Load() != 2 {
					t.Errorf("told %d times, %v", told.Load(), err)
				}
			})
		})
	}
}

func TestTheClaimOfAProcessThatDiedLapsesForWhoHasWatchedIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{}, memstore.New()
		dying := &unacknowledged{SubscriptionStore: store}
		hook := func(context.Context, subscription.Change) error { return nil }
		_, _ = start(s, dying, hook).Refetch(t.Context(), target("sub_1"), "evt_1")
		var told atomic.Int64
		other := refetch.New(refetch.Config{
			Store: store, Customers: customers(store), Stripe: s, Now: func() time.Time { return time.Now().Add(-time.Minute) },
			OnChange: func(context.Context, subscription.Change) error { told.Add(1); return nil },
		})
		for _, wait := range []time.Duration{0, 15 * time.Second} {
			<-time.After(wait)
			if _, err := other.Refetch(t.Context(), target("sub_1"), "evt_1"); !errors.Is(err, refetch.ErrClaimed) {
				t.Errorf("after %s: %v, want that it is told elsewhere", wait, err)
			}
		}
		<-time.After(6 * time.Second)
		if _, err := other.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil || told.Load() != 1 {
			t.Errorf("once the claim has lapsed: told %d times, %v", told.Load(), err)
		}
	})
}

// unacknowledged is the store of a process that dies before it can acknowledge a change.
type unacknowledged struct{ subscription.SubscriptionStore }

func (u *unacknowledged) SaveNotification(context.Context, project.Scope, string, subscription.Notification) (bool, error) {
	return false, errors.New("the process has died")
}

func TestAPanicOfTheHookIsAnErrorAndTheChangeIsToldAgain(t *testing.T) {
	t.Parallel()
	var told atomic.Int64
	r := start(&fakeStripe{}, memstore.New(), func(context.Context, subscription.Change) error {
		if told.Add(1) == 1 {
			panic("the host's mistake")
		}
		return nil
	})
	_, err := r.Refetch(t.Context(), target("sub_1"), "evt_1")
	if !errors.Is(err, refetch.ErrHook) || !strings.Contains(err.Error(), "the host's mistake") {
		t.Errorf("error: %v", err)
	}
	if _, err := r.Refetch(t.Context(), target("sub_1"), "evt_1"); err != nil || told.Load() != 2 {
		t.Errorf("error: %v, told %d times", err, told.Load())
	}
}

// panicking is a store that panics once.
type panicking struct {
	subscription.SubscriptionStore

	calls atomic.Int64
}

func (p *panicking) Save(ctx context.Context, w subscription.Write) (bool, error) {
	if p.calls.Add(1) == 1 {
		panic("the store's mistake")
	}
	return p.SubscriptionStore.Save(ctx, w)
}

func TestPanicReleasesThoseWhoWait(t *testing.T) {
	t.Parallel()
	r := start(&fakeStripe{}, &panicking{SubscriptionStore: memstore.New()}, nil)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = r.Refetch(t.Context(), target("sub_1"), "evt_1")
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := r.Refetch(ctx, target("sub_1"), "evt_1"); err != nil {
		t.Errorf("error: %v", err)
	}
}

// stalling is a store whose process stands still after each Save.
type stalling struct {
	subscription.SubscriptionStore

	stall time.Duration
}

func (s stalling) Save(ctx context.Context, w subscription.Write) (bool, error) {
	saved, err := s.SubscriptionStore.Save(ctx, w)
	<-time.After(s.stall)
	return saved, err
}

func TestAReplicaThatStoodStillTellsNoOldChangeAfterANewOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &fakeStripe{}, memstore.New()
		var told []int64
		hook := func(_ context.Context, c subscription.Change) error {
			told = append(told, c.New.Plan().Quantity)
			return nil
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := start(s, stalling{store, 5*time.Minute + 22*time.Second}, hook).Refetch(t.Context(), target("sub_1"), "evt_1")
			if !errors.Is(err, refetch.ErrClaimed) {
				t.Errorf("got %v, want that it is told elsewhere", err)
			}
		})
		<-time.After(5*time.Minute + 21*time.Second)
		s.changes.Add(1)
		if _, err := start(s, store, hook).Refetch(t.Context(), target("sub_1"), "evt_2"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if len(told) != 1 || told[0] != 1 {
			t.Errorf("told %v, want the new change alone", told)
		}
	})
}
