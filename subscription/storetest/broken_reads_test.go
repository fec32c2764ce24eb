package storetest

import (
	"context"
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
	pagesThat := func(change func(list []payment, page subscription.Page, total *int) []payment) func() store {
		return func() store { return &brokenPayments{intact(), change} }
	}
	return []broken{
		{
			"modes are shared", "isolation/Subscriptions keeps to its mode",
			func() store { return &sharedModes{intact()} },
		},
		{
			"objects are shared by modes", "isolation/Load keeps to its mode",
			func() store { return &sharedModes{intact()} },
		},
		{
			"contexts are ignored", "contexts/Load does nothing once its context is done",
			func() store { return &deaf{intact()} },
		},
		{
			"a list ignores its context", "contexts/OpenSubscriptions does nothing once its context is done",
			func() store { return &deafList{intact()} },
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
			"an end is not listed before the host is notified", "open/what has ended is in it until the host is notified",
			func() store { return &listsLiving{intact()} },
		},
		{
			"the open ones are those of all scopes", "open/all users of the scope are in it, and no other scope",
			func() store {
				return &brokenLister{intact(), func(s sub) bool { return s.Owner.Mode == project.ModeLive }}
			},
		},
		{
			"payments come oldest first", "payments/come newest first, and by id descending where they are equally new",
			pagesThat(func(list []payment, _ subscription.Page, _ *int) []payment {
				slices.Reverse(list)
				return list
			}),
		},
		{
			"the total is that of the page", "payments/every page holds its part of the whole",
			pagesThat(func(list []payment, _ subscription.Page, total *int) []payment {
				*total = len(list)
				return list
			}),
		},
		{
			"a page beyond the end has no total", "payments/a page beyond the end is empty and counts all",
			pagesThat(func(list []payment, page subscription.Page, total *int) []payment {
				if page.Offset >= *total {
					*total = 0
				}
				return list
			}),
		},
		{
			"a mark is left out", "payments/those after a mark come without what is before it",
			func() store { return &brokenMark{intact(), func(*subscription.Mark) {}} },
		},
		{
			"a mark is its time alone", "payments/those after a mark come without what is before it",
			func() store { return &brokenMark{intact(), func(m *subscription.Mark) { m.ID = "" }} },
		},
		{
			"an owner is read piece by piece", "owner/is loaded as it stood at one moment",
			func() store { return &piecemeal{intact()} },
		},
		{
			"an owner is loaded without the customer's intent", "customers/have the owner who adopted them, and the intent",
			func() store {
				return &brokenOwner{intact(), func(s *subscription.OwnerState) { s.Customer = intent{} }}
			},
		},
		{
			"an owner is loaded without what has ended", "state/all subscriptions of a user come back, and nobody else's",
			func() store {
				return &brokenOwner{intact(), func(s *subscription.OwnerState) {
					s.Subscriptions = slices.DeleteFunc(s.Subscriptions, func(s sub) bool { return s.Status.Ended() })
				}}
			},
		},
		{
			"payments of nothing are counted", "payments/of nothing are left out until there is an amount",
			func() store { return &countsNothing{intact()} },
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

type brokenOwner struct {
	*wrapper

	change func(s *subscription.OwnerState)
}

func (b *brokenOwner) LoadOwner(ctx context.Context, o owner) (subscription.OwnerState, error) {
	state, err := b.wrapper.LoadOwner(ctx, o)
	b.change(&state)
	return state, err
}

// piecemeal reads the intents of an owner after the subscriptions.
type piecemeal struct{ *wrapper }

func (b *piecemeal) LoadOwner(ctx context.Context, o owner) (state subscription.OwnerState, err error) {
	if state.Subscriptions, err = b.Subscriptions(ctx, o); err != nil {
		return state, err
	}
	runtime.Gosched()
	if state.Customer, err = b.Intent(ctx, o, subscription.IntentCustomer); err != nil {
		return state, err
	}
	state.Checkout, err = b.Intent(ctx, o, subscription.IntentCheckout)
	return state, err
}

type brokenPayments struct {
	*wrapper

	change func(list []payment, page subscription.Page, total *int) []payment
}

func (b *brokenPayments) Payments(ctx context.Context, o owner, page subscription.Page) ([]payment, int, error) {
	list, total, err := b.wrapper.Payments(ctx, o, page)
	list = b.change(list, page, &total)
	return list, total, err
}

// brokenMark leaves out what comes after another mark, or nothing.
type brokenMark struct {
	*wrapper

	change func(m *subscription.Mark)
}

func (b *brokenMark) Payments(ctx context.Context, o owner, page subscription.Page) ([]payment, int, error) {
	after := page.After
	b.change(&page.After)
	if page.After == after {
		page.After = subscription.Mark{}
	}
	list, _, err := b.wrapper.Payments(ctx, o, page)
	return list, 0, err
}

type countsNothing struct{ *wrapper }

func (b *countsNothing) Save(ctx context.Context, w write) (bool, error) {
	if w.New.Payment != nil && w.New.Payment.Amount == 0 {
		p := *w.New.Payment
		p.Amount = 1
		w.New.Payment = &p
	}
	return b.wrapper.Save(ctx, w)
}

type sharedModes struct{ *wrapper }

func (b *sharedModes) Subscriptions(ctx context.Context, o owner) ([]sub, error) {
	o.Mode = project.ModeTest
	return b.wrapper.Subscriptions(ctx, o)
}

func (b *sharedModes) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	sc.Mode = project.ModeTest
	return b.wrapper.Load(ctx, sc, id, events)
}

type deafList struct{ *wrapper }

func (b *deafList) OpenSubscriptions(ctx context.Context, sc scope, before time.Time, after string, limit int) ([]sub, error) {
	return b.wrapper.OpenSubscriptions(context.WithoutCancel(ctx), sc, before, after, limit)
}

type deaf struct{ *wrapper }

func (b *deaf) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	return b.wrapper.Load(context.WithoutCancel(ctx), sc, id, events)
}

type caseless struct{ *wrapper }

func (b *caseless) Intent(ctx context.Context, o owner, kind intentKind) (intent, error) {
	o.ID = strings.ToLower(o.ID)
	return b.wrapper.Intent(ctx, o, kind)
}

func (b *caseless) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	o.ID = strings.ToLower(o.ID)
	return b.wrapper.AdoptCustomer(ctx, o, customerID, version, next)
}

func (b *caseless) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	o.ID = strings.ToLower(o.ID)
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
		subs, _ := b.Subscriptions(ctx, owner{Scope: project.Scope{ProjectID: sc.ProjectID, Mode: mode}, ID: "ann"})
		for _, s := range subs {
			if b.also(s) {
				list = append(list, s)
			}
		}
	}
	return list, err
}

type listsLiving struct{ *wrapper }

func (b *listsLiving) OpenSubscriptions(
	ctx context.Context, sc project.Scope, before time.Time, after string, limit int,
) ([]sub, error) {
	list, err := b.wrapper.OpenSubscriptions(ctx, sc, before, after, limit)
	return slices.DeleteFunc(list, func(s sub) bool { return s.Status.Ended() }), err
}
