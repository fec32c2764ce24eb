package paymount_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func TestModesAreReconciledApart(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.must(b.stripe.Complete(b.mustCheckout()))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Live", Amount: 100, Interval: "month"})
	_, err := live.AddSubscription(live.AddCustomer("a@example.com").ID, price.ID, of(user))
	b.must(err)
	b.drop()
	liveScope := project.Scope{ProjectID: projectID, Mode: project.ModeLive}
	count := func(scope project.Scope) int {
		subs, err := b.store.Subscriptions(t.Context(), subscription.Owner{Scope: scope, ID: user})
		b.must(err)
		return len(subs)
	}
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "test subscriptions", count(testScope()), 1)
	want(t, "live subscriptions", count(liveScope), 0)
	_, err = b.service.Reconcile(t.Context(), liveScope, subscription.ReconcileOptions{CallsPerSecond: fast})
	b.must(err)
	want(t, "test subscriptions in the end", count(testScope()), 1)
	want(t, "live subscriptions in the end", count(liveScope), 1)
}

func TestAScopeThatIsNotServedIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Modes = []project.Mode{project.ModeTest} })
	for _, scope := range []project.Scope{
		{ProjectID: projectID, Mode: project.ModeLive}, {ProjectID: "other", Mode: project.ModeTest},
	} {
		_, err := b.service.Reconcile(t.Context(), scope, subscription.ReconcileOptions{})
		if !errors.Is(err, project.ErrNotConfigured) {
			t.Errorf("%v: %v", scope, err)
		}
	}
	if _, err := b.tryReconcile(subscription.ReconcileOptions{CallsPerSecond: 0.5}); err == nil {
		t.Error("half a call per second was accepted")
	}
}

func TestAKeyThatStripeDoesNotAcceptIsNamedClearly(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.stripe.RevokeKey(stripetest.TestKey)
	_, err := b.tryReconcile(subscription.ReconcileOptions{})
	if text := fmt.Sprint(err); !strings.Contains(text, "does not accept the key of project") || strings.Contains(text, "sk_test") {
		t.Errorf("error: %v", err)
	}
}

func TestObjectsThatFailAreTriedAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	failing, told := 3, 0
	b := held(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.OnChange = func(context.Context, subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			failing--
			if failing >= 0 {
				return errors.New("the mail server is away")
			}
			told++
			return nil
		}
	})
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	result, err := b.tryReconcile(subscription.ReconcileOptions{}) // fails in the list, among the events and in the end
	if err == nil || !strings.Contains(err.Error(), "the mail server is away") {
		t.Errorf("error: %v", err)
	}
	want(t, "failed", result.Failed, 1)
	want(t, "the status all the same", b.status(user), "active")
	want(t, "failed in the end", b.reconcile(subscription.ReconcileOptions{}).Failed, 0)
	want(t, "told", told, 1)
}

// unloaded is a store that can't be asked for objects.
type unloaded struct{ *memstore.Store }

func (unloaded) Load(context.Context, project.Scope, string, []string) (subscription.Loaded, error) {
	return subscription.Loaded{}, errBroken
}

func TestAStoreThatIsAwayEndsTheRun(t *testing.T) {
	t.Parallel()
	b := held(t, past)
	for range 101 {
		_, err := b.stripe.AddSubscription(b.stripe.AddCustomer("").ID, b.monthly.ID, of(user))
		b.must(err)
	}
	b.drop()
	store := memstore.New()
	twin := b.twin(unloaded{store})
	_, err := twin.tryReconcile(subscription.ReconcileOptions{})
	if !errors.Is(err, errBroken) {
		t.Errorf("error: %v", err)
	}
	b.twin(store).reconcile(subscription.ReconcileOptions{})
	subs, err := store.Subscriptions(t.Context(), subscription.Owner{Scope: testScope(), ID: user})
	b.must(err)
	want(t, "subscriptions", len(subs), 101)
}

// flaky is a store whose answers are lost now and then, before or after it has acted.
type flaky struct {
	*memstore.Store

	mu     sync.Mutex
	random *rand.Rand
}

func (f *flaky) do(act func() error) error {
	f.mu.Lock()
	x := f.random.IntN(40)
	f.mu.Unlock()
	if x == 0 {
		return errBroken
	}
	if err := act(); err != nil || x > 1 {
		return err
	}
	return errBroken
}

func (f *flaky) Load(
	ctx context.Context, s project.Scope, object string, events []string,
) (loaded subscription.Loaded, err error) {
	err = f.do(func() (err error) {
		loaded, err = f.Store.Load(ctx, s, object, events)
		return err
	})
	return loaded, err
}

func (f *flaky) Save(ctx context.Context, w subscription.Write) (saved bool, err error) {
	err = f.do(func() (err error) {
		saved, err = f.Store.Save(ctx, w)
		return err
	})
	return saved, err
}

func (f *flaky) AdoptCustomer(
	ctx context.Context, o subscription.Owner, customerID string, version int64, next subscription.Intent,
) (adopted bool, err error) {
	err = f.do(func() (err error) {
		adopted, err = f.Store.AdoptCustomer(ctx, o, customerID, version, next)
		return err
	})
	return adopted, err
}

func (f *flaky) SwapReconcileCursor(ctx context.Context, s project.Scope, version int64, data []byte) (swapped bool, err error) {
	err = f.do(func() (err error) {
		swapped, err = f.Store.SwapReconcileCursor(ctx, s, version, data)
		return err
	})
	return swapped, err
}

func TestAFailingStripeAndStoreDelayButLoseNothing(t *testing.T) {
	t.Parallel()
	b := held(t, past)
	users := b.populate()
	b.drop()
	whole := memstore.New()
	b.twin(whole).reconcile(subscription.ReconcileOptions{})
	for seed := range uint64(8) {
		store := &flaky{Store: memstore.New(), random: rand.New(rand.NewPCG(seed, 1))}
		random := rand.New(rand.NewPCG(seed, 2))
		var mu sync.Mutex
		twin := b.twin(store, func(c *paymount.Config, _ *stripetest.Options) {
			began, asked := time.Now(), 0
			c.Now = func() time.Time { // leases end soon
				mu.Lock()
				defer mu.Unlock()
				asked++
				return began.Add(time.Duration(asked) * time.Second)
			}
			c.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				fails := random.IntN(15) == 0
				mu.Unlock()
				if fails {
					return nil, errors.New("connection reset")
				}
				return http.DefaultTransport.RoundTrip(r)
			})}
		})
		done := false
		for range 400 {
			if _, err := twin.tryReconcile(subscription.ReconcileOptions{}); err == nil {
				done = true
				break
			}
		}
		if !done {
			t.Fatal("the runs come to no end")
		}
		want(t, fmt.Sprintf("the store of seed %d", seed),
			picture(t, store, testScope(), users...), picture(t, whole, testScope(), users...))
	}
}

func TestOnlyOneRunIsUnderWay(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	var inner error
	b.onAnswer("/v1/subscriptions", 1, func() { _, inner = b.tryReconcile(subscription.ReconcileOptions{}) })
	b.reconcile(subscription.ReconcileOptions{})
	if !errors.Is(inner, subscription.ErrReconcileRunning) {
		t.Errorf("a run meanwhile: %v", inner)
	}
}

func TestTenReplicasThatStartAtOnceMakeTheCallsOfOne(t *testing.T) {
	t.Parallel()
	b := held(t)
	users := b.populate()
	b.drop()
	b.stripe.ResetCalls()
	var wg sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		twin := b.twin(b.store)
		wg.Go(func() { _, errs[i] = twin.tryReconcile(subscription.ReconcileOptions{}) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, subscription.ErrReconcileRunning) {
			t.Error(err)
		}
	}
	want(t, "walks over the subscriptions", len(b.stripe.Calls("GET", "/v1/subscriptions")), 1)
	whole := memstore.New()
	b.twin(whole).reconcile(subscription.ReconcileOptions{})
	want(t, "the store", picture(t, b.store, testScope(), users...), picture(t, whole, testScope(), users...))
}

func TestARunThatCrashedIsTakenOverAfterItsLease(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := held(t, func(c *paymount.Config, _ *stripetest.Options) { c.Now = func() time.Time { return now } })
	func() {
		defer func() { _ = recover() }()
		crash := func(context.Context, subscription.ReconcileResult) error { panic("crash") }
		_, _ = b.tryReconcile(subscription.ReconcileOptions{Progress: crash})
	}()
	if _, err := b.tryReconcile(subscription.ReconcileOptions{}); !errors.Is(err, subscription.ErrReconcileRunning) {
		t.Errorf("right after the crash: %v", err)
	}
	now = now.Add(5 * time.Minute)
	b.reconcile(subscription.ReconcileOptions{})
}

func TestWhatEventsDoNotReachIsWalkedWhole(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := held(t, func(c *paymount.Config, _ *stripetest.Options) { c.Now = func() time.Time { return now } })
	want(t, "the first run is full", b.reconcile(subscription.ReconcileOptions{}).Full, true)
	now = now.Add(28 * 24 * time.Hour)
	want(t, "after 28 days", b.reconcile(subscription.ReconcileOptions{}).Full, false)
	now = now.Add(30 * 24 * time.Hour)
	want(t, "after 30 days more", b.reconcile(subscription.ReconcileOptions{}).Full, true)
	want(t, "when asked for", b.reconcile(subscription.ReconcileOptions{Full: true}).Full, true)
}

func TestAWalkWhoseMarkIsGoneBeginsItsListAnew(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	_, err := b.store.SwapReconcileCursor(t.Context(), testScope(), 0,
		fmt.Appendf(nil, `{"list":"subscriptions","after":"sub_gone","began":%q,"full":true}`, time.Now().UTC().Format(time.RFC3339)))
	b.must(err)
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "the status", b.status(user), "active")
}

// pages is a Stripe without a network: its lists are endless pages of events that say nothing.
type pages struct {
	mu    sync.Mutex
	times []time.Time
	limit int // pages
	busy  int // calls that are too many
}

func (p *pages) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times = append(p.times, time.Now())
	body, status := `{"object":"list","data":[],"has_more":false}`, http.StatusOK
	switch {
	case p.busy > 0:
		p.busy--
		body, status = `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, http.StatusTooManyRequests
	case strings.HasSuffix(r.URL.Path, "/events"):
		p.limit--
		body = fmt.Sprintf(`{"object":"list","data":[{"id":"evt_%d","object":"event"}],"has_more":%t}`, p.limit, p.limit > 0)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func without(t *testing.T, network http.RoundTripper) *paymount.Service {
	t.Helper()
	service, err := paymount.New(paymount.Config{
		Store: memstore.New(), Authenticator: auth.AuthenticatorFunc(plainBearer),
		Credentials: project.Static{projectID: {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		HTTPClient:  &http.Client{Transport: network}, EntitlementMode: project.ModeTest, RedirectOrigins: []string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestCallsKeepToTheirRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stripe := &pages{limit: 47}
		began := time.Now()
		result, err := without(t, stripe).Reconcile(t.Context(), testScope(), subscription.ReconcileOptions{CallsPerSecond: 5})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "calls", result.Calls, 50) // three lists, and the pages of events
		want(t, "time", time.Since(began), 49*time.Second/5)
		for i := 5; i < len(stripe.times); i++ {
			if took := stripe.times[i].Sub(stripe.times[i-5]); took < time.Second {
				t.Fatalf("calls %d to %d came within %v", i-5, i, took)
			}
		}
	})
}

func TestStripesRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		result, err := without(t, &pages{limit: 1, busy: 3}).Reconcile(t.Context(), testScope(), subscription.ReconcileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "calls", result.Calls, 7)
		if took := time.Since(began); took < 7*time.Second { // 1, 2 and 4 seconds
			t.Errorf("it took %v", took)
		}
	})
}
