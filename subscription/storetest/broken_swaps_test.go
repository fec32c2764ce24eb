package storetest

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/paymount/paymount/subscription"
)

func brokenSwaps() []broken {
	return []broken{
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
			"a customer is adopted by whoever came last",
			"customers/that have an owner are not adopted by another, whose intent stays",
			func() store { return &adoptsAgain{wrapper: intact(), latest: map[string]string{}} },
		},
		{
			"the intent is swapped for a customer of another",
			"customers/that have an owner are not adopted by another, whose intent stays",
			func() store { return &swapsFirst{intact()} },
		},
		{
			"a customer is adopted before the intent is swapped", "customers/get no owner when the intent has another version",
			func() store { return &adoptsFirst{wrapper: intact(), adopted: map[string]string{}} },
		},
		{
			"an adoption is a read and a write", "customers/of racing adoptions of one customer exactly one is done",
			func() store { return &racyAdoption{wrapper: intact(), adopted: map[string]string{}} },
		},
		{
			"a customer that is adopted becomes the intent's", "customers/are adopted beside the one of the intent",
			func() store { return &adoptsBySwap{intact()} },
		},
		{
			"a swap adopts the customer too", "customers/get no owner from a swap",
			func() store { return &swapAdopts{intact()} },
		},
		{
			"a cursor is swapped from any version", "cursors/one is replaced from its own version only",
			func() store { return &anyCursor{intact()} },
		},
		{
			"cursors are those of a project", "isolation/SwapReconcileCursor keeps to its mode",
			func() store { return &projectCursor{intact()} },
		},
		{
			"a cursor is an intent of nobody", "cursors/are no intents",
			func() store { return &cursorIntent{intact()} },
		},
		{
			"an unknown customer is no error", "customers/have the owner who adopted them, and the intent",
			func() store { return &neverNotFound{intact()} },
		},
	}
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

func (b *adoptsAgain) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.latest[customerID] = o.ID
	return b.SwapIntent(ctx, o, subscription.IntentCustomer, version, next)
}

func (b *adoptsAgain) CustomerOwner(_ context.Context, _ scope, customerID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user := b.latest[customerID]; user != "" {
		return user, nil
	}
	return "", subscription.ErrNotFound
}

// swapsFirst swaps the intent, and then looks whose the customer is.
type swapsFirst struct{ *wrapper }

func (b *swapsFirst) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	swapped, err := b.SwapIntent(ctx, o, subscription.IntentCustomer, version, next)
	if err != nil || !swapped {
		return false, err
	}
	return b.wrapper.AdoptCustomer(ctx, o, customerID, version+1, next)
}

// adoptsFirst gives a customer its owner, and then swaps the intent.
type adoptsFirst struct {
	*wrapper

	mu      sync.Mutex
	adopted map[string]string
}

func (b *adoptsFirst) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.adopted[customerID] = o.ID
	return b.SwapIntent(ctx, o, subscription.IntentCustomer, version, next)
}

func (b *adoptsFirst) CustomerOwner(_ context.Context, _ scope, customerID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user := b.adopted[customerID]; user != "" {
		return user, nil
	}
	return "", subscription.ErrNotFound
}

// racyAdoption looks whose the customer is, lets others run, and then swaps the intent.
type racyAdoption struct {
	*wrapper

	mu      sync.Mutex
	adopted map[string]string
}

func (b *racyAdoption) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	b.mu.Lock()
	user := b.adopted[customerID]
	b.mu.Unlock()
	if user != "" && user != o.ID {
		return false, nil
	}
	runtime.Gosched()
	b.mu.Lock()
	b.adopted[customerID] = o.ID
	b.mu.Unlock()
	return b.SwapIntent(ctx, o, subscription.IntentCustomer, version, next)
}

type adoptsBySwap struct{ *wrapper }

func (b *adoptsBySwap) AdoptCustomer(ctx context.Context, o owner, customerID string, version int64, next intent) (bool, error) {
	next.ObjectID = customerID
	return b.wrapper.AdoptCustomer(ctx, o, customerID, version, next)
}

type swapAdopts struct{ *wrapper }

func (b *swapAdopts) SwapIntent(ctx context.Context, o owner, kind intentKind, version int64, next intent) (bool, error) {
	if kind == subscription.IntentCustomer && next.ObjectID != "" {
		return b.AdoptCustomer(ctx, o, next.ObjectID, version, next)
	}
	return b.wrapper.SwapIntent(ctx, o, kind, version, next)
}

type anyCursor struct{ *wrapper }

func (b *anyCursor) SwapReconcileCursor(ctx context.Context, sc scope, _ int64, data []byte) (bool, error) {
	current, err := b.ReconcileCursor(ctx, sc)
	if err != nil {
		return false, err
	}
	return b.wrapper.SwapReconcileCursor(ctx, sc, current.Version, data)
}

type projectCursor struct{ *wrapper }

func (b *projectCursor) ReconcileCursor(ctx context.Context, sc scope) (subscription.Cursor, error) {
	return b.wrapper.ReconcileCursor(ctx, scope{ProjectID: sc.ProjectID})
}

func (b *projectCursor) SwapReconcileCursor(ctx context.Context, sc scope, version int64, data []byte) (bool, error) {
	return b.wrapper.SwapReconcileCursor(ctx, scope{ProjectID: sc.ProjectID}, version, data)
}

type cursorIntent struct{ *wrapper }

func (b *cursorIntent) ReconcileCursor(ctx context.Context, sc scope) (subscription.Cursor, error) {
	i, err := b.Intent(ctx, owner{Scope: sc}, "reconcile")
	return subscription.Cursor{Version: i.Version, Data: i.Data}, err
}

func (b *cursorIntent) SwapReconcileCursor(ctx context.Context, sc scope, version int64, data []byte) (bool, error) {
	return b.SwapIntent(ctx, owner{Scope: sc}, "reconcile", version, intent{Attempt: "a", Data: data})
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

func (b *forgetsCustomers) AdoptCustomer(ctx context.Context, o owner, id string, version int64, next intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	done, err := b.wrapper.AdoptCustomer(ctx, o, id, version, next)
	if done {
		b.current[o] = id
	}
	return done, err
}

func (b *forgetsCustomers) CustomerOwner(_ context.Context, sc scope, customerID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for o, id := range b.current {
		if id == customerID && o.Scope == sc {
			return o.ID, nil
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
