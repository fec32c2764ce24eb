package storetest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

type (
	sub        = subscription.Subscription
	payment    = subscription.Payment
	intent     = subscription.Intent
	intentKind = subscription.IntentKind
)

func brokenReads() []broken {
	subsThat := func(change func(subs []sub) []sub) func() store {
		return func() store { return &brokenSubscriptions{intact(), change} }
	}
	pagesThat := func(change func(page []payment, offset int, total *int) []payment) func() store {
		return func() store { return &brokenPayments{intact(), change} }
	}
	return []broken{
		{
			"modes are shared", "isolation/Subscriptions keeps to its mode",
			func() store { return &sharedModes{intact()} },
		},
		{
			"tickets are shared by modes", "isolation/Draw keeps to its mode",
			func() store { return &sharedModes{intact()} },
		},
		{
			"contexts are ignored", "contexts/Draw does nothing once its context is done",
			func() store { return &deaf{intact()} },
		},
		{
			"ended subscriptions are left out", "state/all subscriptions of a user come back, and nobody else's",
			subsThat(func(subs []sub) []sub {
				return slices.DeleteFunc(subs, func(s sub) bool { return s.Status.Ended() })
			}),
		},
		{
			"metadata is cut off at 255 characters", "values/metadata is kept up to Stripe's limits",
			subsThat(func(subs []sub) []sub {
				for i := range subs {
					maps.DeleteFunc(subs[i].Metadata, func(_, v string) bool { return len(v) > 255 })
				}
				return subs
			}),
		},
		{
			"times come back in another zone", "state/a subscription comes back with every field",
			subsThat(func(subs []sub) []sub {
				for i := range subs {
					subs[i].CreatedAt = subs[i].CreatedAt.In(time.FixedZone("CET", 3600))
				}
				return subs
			}),
		},
		{
			"a zero time comes back as another one", "state/fields that Stripe has no value for stay zero",
			subsThat(func(subs []sub) []sub {
				for i := range subs {
					subs[i].TrialEnd = subs[i].TrialEnd.Add(time.Second)
				}
				return subs
			}),
		},
		{
			"numbers are floats", "values/numbers are exact",
			subsThat(func(subs []sub) []sub {
				for i := range subs {
					for j := range subs[i].Items {
						subs[i].Items[j].Quantity = int64(float64(subs[i].Items[j].Quantity) / 2 * 2)
					}
				}
				return subs
			}),
		},
		{
			"users differ in case only", "values/ids that are nearly equal are different",
			func() store { return &caseless{intact()} },
		},
		{
			"results are shared", "state/what the caller does with a result changes nothing",
			func() store { return &sharesResults{wrapper: intact(), cache: map[owner][]sub{}} },
		},
		{
			"ended ones are listed as open", "open/what has ended is left out",
			func() store { return &brokenLister{intact(), func(s sub) bool { return s.Status.Ended() }} },
		},
		{
			"the open ones are those of all scopes", "open/all users of the scope are in it, and no other scope",
			func() store {
				return &brokenLister{intact(), func(s sub) bool { return s.Owner.Mode == project.ModeLive }}
			},
		},
		{
			"payments come oldest first", "payments/come newest first, and by id descending where they are equally new",
			pagesThat(func(page []payment, _ int, _ *int) []payment {
				slices.Reverse(page)
				return page
			}),
		},
		{
			"the total is that of the page", "payments/every page holds its part of the whole",
			pagesThat(func(page []payment, _ int, total *int) []payment {
				*total = len(page)
				return page
			}),
		},
		{
			"a page beyond the end has no total", "payments/a page beyond the end is empty and counts all",
			pagesThat(func(page []payment, offset int, total *int) []payment {
				if offset >= *total {
					*total = 0
				}
				return page
			}),
		},
		{
			"payments of nothing are counted", "payments/of nothing are left out until there is an amount",
			func() store { return &countsNothing{intact()} },
		},
		{
			"a swap is a read and a write", "intents/of racing first swaps exactly one is done",
			func() store { return &racySwap{intact()} },
		},
		{
			"a swap from a version is a read and a write", "intents/of racing swaps from one version exactly one is done",
			func() store { return &racySwap{intact()} },
		},
		{
			"a swap compares the attempt alone", "intents/each write of the same attempt raises the version",
			func() store { return &attemptSwap{wrapper: intact(), attempts: map[int64]string{}} },
		},
		{
			"data is kept as JSON", "intents/data is kept byte for byte",
			func() store {
				return &brokenSwap{intact(), func(next *intent) { next.Data = bytes.ReplaceAll(next.Data, []byte(" "), nil) }}
			},
		},
		{
			"the kinds of intents are one", "intents/kinds do not meet",
			func() store { return &oneKind{intact()} },
		},
		{
			"a customer has an owner only while it is the current one", "customers/keep their owner after they were replaced",
			func() store { return &forgetsCustomers{wrapper: intact(), current: map[owner]string{}} },
		},
		{
			"a customer is adopted by whoever came last", "customers/that have an owner are not adopted by another",
			func() store { return &adoptsAgain{wrapper: intact(), latest: map[string]string{}} },
		},
		{
			"a customer that is adopted becomes the intent's", "customers/are adopted beside the one of the intent",
			func() store { return &adoptsBySwap{intact()} },
		},
		{
			"an unknown customer is no error", "customers/have the owner who swapped them in",
			func() store { return &neverNotFound{intact()} },
		},
	}
}

type brokenSubscriptions struct {
	*wrapper

	change func(subs []sub) []sub
}

func (b *brokenSubscriptions) Subscriptions(ctx context.Context, o owner) ([]sub, error) {
	subs, err := b.wrapper.Subscriptions(ctx, o)
	return b.change(subs), err
}

type brokenPayments struct {
	*wrapper

	change func(page []payment, offset int, total *int) []payment
}

func (b *brokenPayments) Payments(ctx context.Context, o owner, offset, limit int) ([]payment, int, error) {
	page, total, err := b.wrapper.Payments(ctx, o, offset, limit)
	page = b.change(page, offset, &total)
	return page, total, err
}

type countsNothing struct{ *wrapper }

func (b *countsNothing) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	if s.Payment != nil && s.Payment.Amount == 0 {
		p := *s.Payment
		p.Amount = 1
		s.Payment = &p
	}
	return b.wrapper.Apply(ctx, sc, s)
}

type sharedModes struct{ *wrapper }

func (b *sharedModes) Subscriptions(ctx context.Context, o owner) ([]sub, error) {
	o.Mode = project.ModeTest
	return b.wrapper.Subscriptions(ctx, o)
}

func (b *sharedModes) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	sc.Mode = project.ModeTest
	return b.wrapper.Draw(ctx, sc, object, events)
}

type deaf struct{ *wrapper }

func (b *deaf) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	return b.wrapper.Draw(context.WithoutCancel(ctx), sc, object, events)
}

type caseless struct{ *wrapper }

func (b *caseless) Intent(ctx context.Context, o owner, kind intentKind) (intent, error) {
	o.UserID = strings.ToLower(o.UserID)
	return b.wrapper.Intent(ctx, o, kind)
}

func (b *caseless) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	o.UserID = strings.ToLower(o.UserID)
	return b.wrapper.SwapIntent(ctx, o, kind, version, next)
}

// sharesResults gives every caller the same slices and maps.
type sharesResults struct {
	*wrapper

	mu    sync.Mutex
	cache map[owner][]sub
}

func (b *sharesResults) Subscriptions(ctx context.Context, o owner) ([]sub, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if subs, ok := b.cache[o]; ok {
		return subs, nil
	}
	subs, err := b.wrapper.Subscriptions(ctx, o)
	b.cache[o] = subs
	return subs, err
}

// racySwap reads, lets others run, and writes without looking again.
type racySwap struct{ *wrapper }

func (b *racySwap) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	current, err := b.Intent(ctx, o, kind)
	if err != nil || current.Version != version {
		return false, err
	}
	runtime.Gosched()
	for {
		current, err := b.Intent(ctx, o, kind)
		if err != nil {
			return false, err
		}
		if done, err := b.wrapper.SwapIntent(ctx, o, kind, current.Version, next); done || err != nil {
			return done, err
		}
	}
}

// attemptSwap lets whoever has read an intent of the current attempt write, also when it has been written since.
type attemptSwap struct {
	*wrapper

	mu       sync.Mutex
	attempts map[int64]string // by version
}

func (b *attemptSwap) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	current, err := b.Intent(ctx, o, kind)
	if err != nil || current.Attempt != b.attempts[version] {
		return false, err
	}
	b.attempts[current.Version+1] = next.Attempt
	return b.wrapper.SwapIntent(ctx, o, kind, current.Version, next)
}

type adoptsAgain struct {
	*wrapper

	mu     sync.Mutex
	latest map[string]string
}

func (b *adoptsAgain) AdoptCustomer(_ context.Context, o owner, customerID string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.latest[customerID] = o.UserID
	return nil
}

func (b *adoptsAgain) CustomerOwner(ctx context.Context, sc scope, customerID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user := b.latest[customerID]; user != "" {
		return user, nil
	}
	return b.wrapper.CustomerOwner(ctx, sc, customerID)
}

type adoptsBySwap struct{ *wrapper }

func (b *adoptsBySwap) AdoptCustomer(ctx context.Context, o owner, customerID string) error {
	current, err := b.Intent(ctx, o, subscription.IntentCustomer)
	if err != nil {
		return err
	}
	_, err = b.SwapIntent(ctx, o, subscription.IntentCustomer, current.Version, intent{Attempt: "adopted", ObjectID: customerID})
	return err
}

type brokenSwap struct {
	*wrapper

	change func(next *intent)
}

func (b *brokenSwap) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	b.change(&next)
	return b.wrapper.SwapIntent(ctx, o, kind, version, next)
}

type oneKind struct{ *wrapper }

func (b *oneKind) Intent(ctx context.Context, o owner, _ intentKind) (intent, error) {
	return b.wrapper.Intent(ctx, o, subscription.IntentCustomer)
}

func (b *oneKind) SwapIntent(ctx context.Context, o owner, _ intentKind, version int64, next intent) (bool, error) {
	return b.wrapper.SwapIntent(ctx, o, subscription.IntentCustomer, version, next)
}

type forgetsCustomers struct {
	*wrapper

	mu      sync.Mutex
	current map[owner]string
}

func (b *forgetsCustomers) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	done, err := b.wrapper.SwapIntent(ctx, o, kind, version, next)
	if done {
		b.current[o] = next.ObjectID
	}
	return done, err
}

func (b *forgetsCustomers) CustomerOwner(_ context.Context, sc scope, customerID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for o, id := range b.current {
		if id == customerID && o.Scope == sc {
			return o.UserID, nil
		}
	}
	return "", subscription.ErrNotFound
}

type neverNotFound struct{ *wrapper }

func (b *neverNotFound) CustomerOwner(ctx context.Context, sc scope, customerID string) (string, error) {
	user, err := b.wrapper.CustomerOwner(ctx, sc, customerID)
	if errors.Is(err, subscription.ErrNotFound) {
		return "", nil
	}
	return user, err
}

// brokenLister also lists those of ann's subscriptions that it should not.
type brokenLister struct {
	*wrapper

	also func(s sub) bool
}

func (b *brokenLister) OpenSubscriptions(
	ctx context.Context, sc project.Scope, before time.Time, after string, limit int,
) ([]sub, error) {
	list, err := b.wrapper.OpenSubscriptions(ctx, sc, before, after, limit)
	for _, mode := range []project.Mode{project.ModeTest, project.ModeLive} {
		subs, _ := b.Subscriptions(ctx, owner{Scope: project.Scope{ProjectID: sc.ProjectID, Mode: mode}, UserID: "ann"})
		for _, s := range subs {
			if b.also(s) {
				list = append(list, s)
			}
		}
	}
	return list, err
}
