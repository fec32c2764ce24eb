package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

type (
	scope    = project.Scope
	owner    = subscription.Owner
	snapshot = subscription.Snapshot
	change   = subscription.Change
	store    = subscription.SubscriptionStore
)

func brokenTickets() []broken {
	return []broken{
		{
			"an older ticket is applied", "tickets/every order of applies ends in the last ticket's state",
			func() store { return &takesEveryTicket{wrapper: intact(), applied: map[string]int64{}} },
		},
		{
			"an older ticket's events are forgotten", "events/an apply of an older ticket records them too",
			func() store { return &forgetsOlder{wrapper: intact(), applied: map[string]int64{}} },
		},
		{
			"events are recorded before the apply fails", "contexts/Apply does nothing once its context is done",
			func() store { return &recordsFirst{intact()} },
		},
		{
			"the state is not written with the events", "races/an event that is recorded has its state written",
			func() store { return &recordsFirst{intact()} },
		},
		{
			"events are recorded for all objects", "events/an event is recorded for its object alone",
			func() store { return &sharedEvents{wrapper: intact(), seen: map[string]bool{}} },
		},
		{
			"events that are named twice are counted twice", "events/an event that is named twice counts once",
			func() store { return &countsTwice{intact()} },
		},
		{
			"one recorded event is enough", "events/Draw draws until every event is recorded",
			func() store { return &brokenDraw{intact(), func(events []string) []string { return events[:1] }} },
		},
		{
			"Draw looks at the first hundred events", "events/hundreds of them are recorded at once",
			func() store {
				return &brokenDraw{intact(), func(events []string) []string { return events[:min(100, len(events))] }}
			},
		},
		{
			"Draw forgets what is untold", "telling/Draw draws for a recorded event until the host is told",
			func() store { return &forgetsUntold{wrapper: intact(), seen: map[string]bool{}} },
		},
		{
			"Draw draws also when it returns 0", "events/Draw draws none when it returns 0",
			func() store { return &wastesTickets{intact()} },
		},
		{
			"a ticket is drawn twice", "races/no ticket is drawn twice",
			func() store { return &racyDraw{wrapper: intact(), last: map[scope]map[string]int64{}} },
		},
		{
			"a stale caller settles", "telling/a caller whose lease is over settles nothing",
			func() store { return &anyoneSettles{wrapper: intact(), last: map[string]change{}} },
		},
		{
			"a failed telling is settled as told", "telling/what the host failed to take is told again at once, by the same id",
			func() store { return &alwaysTold{intact()} },
		},
		{
			"a lease never ends", "telling/a lease that is over lets the next caller tell, by the same id",
			func() store {
				return &brokenApply{intact(), func(s *snapshot) { s.Lease = 1000 * time.Hour }}
			},
		},
		{
			"nobody is ever telling", "telling/only one caller tells at a time, and the state is kept",
			func() store {
				return &brokenApply{intact(), func(s *snapshot) { s.Lease = 0 }}
			},
		},
		{
			"an apply fails wholly while another caller tells", "events/an apply while another caller tells the host keeps them",
			func() store { return &claimedFails{wrapper: intact(), claimed: map[string]bool{}} },
		},
	}
}

// brokenApply changes what is applied.
type brokenApply struct {
	*wrapper

	change func(s *snapshot)
}

func (b *brokenApply) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.change(&s)
	return b.wrapper.Apply(ctx, sc, s)
}

type takesEveryTicket struct {
	*wrapper

	mu      sync.Mutex
	applied map[string]int64
}

func (b *takesEveryTicket) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.applied[s.Object]++
	s.Ticket = b.applied[s.Object]
	return b.wrapper.Apply(ctx, sc, s)
}

type forgetsOlder struct {
	*wrapper

	mu      sync.Mutex
	applied map[string]int64
}

func (b *forgetsOlder) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.Ticket < b.applied[s.Object] {
		s.Events = nil
	}
	b.applied[s.Object] = max(b.applied[s.Object], s.Ticket)
	return b.wrapper.Apply(ctx, sc, s)
}

type recordsFirst struct{ *wrapper }

func (b *recordsFirst) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	record := snapshot{Object: s.Object, Ticket: 0, Events: s.Events}
	if _, err := b.wrapper.Apply(context.WithoutCancel(ctx), sc, record); err != nil {
		return change{}, err
	}
	select {
	case <-time.After(time.Millisecond): // long enough for a reader to look
	case <-ctx.Done():
	}
	return b.wrapper.Apply(ctx, sc, s)
}

type sharedEvents struct {
	*wrapper

	mu   sync.Mutex
	seen map[string]bool
}

func (b *sharedEvents) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range s.Events {
		b.seen[event] = true
	}
	return b.wrapper.Apply(ctx, sc, s)
}

func (b *sharedEvents) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range events {
		if !b.seen[event] {
			return b.wrapper.Draw(ctx, sc, object, events)
		}
	}
	_, err := b.wrapper.Apply(ctx, sc, snapshot{Object: object, Events: events})
	return 0, errors.Join(err)
}

type countsTwice struct{ *wrapper }

func (b *countsTwice) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	different := map[string]bool{}
	for _, event := range events {
		different[event] = true
	}
	if len(different) < len(events) {
		return b.wrapper.Draw(ctx, sc, object, nil)
	}
	return b.wrapper.Draw(ctx, sc, object, events)
}

// brokenDraw looks at some of the events only.
type brokenDraw struct {
	*wrapper

	some func(events []string) []string
}

func (b *brokenDraw) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	if len(events) > 0 {
		events = b.some(events)
	}
	return b.wrapper.Draw(ctx, sc, object, events)
}

type forgetsUntold struct {
	*wrapper

	mu   sync.Mutex
	seen map[string]bool
}

func (b *forgetsUntold) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range s.Events {
		b.seen[s.Object+event] = true
	}
	return b.wrapper.Apply(ctx, sc, s)
}

func (b *forgetsUntold) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(events) == 1 && b.seen[object+events[0]] {
		return 0, nil
	}
	return b.wrapper.Draw(ctx, sc, object, events)
}

type wastesTickets struct{ *wrapper }

func (b *wastesTickets) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	ticket, err := b.wrapper.Draw(ctx, sc, object, events)
	if err == nil && ticket == 0 {
		_, err = b.wrapper.Draw(ctx, sc, object, nil)
	}
	return ticket, err
}

// racyDraw reads the counter, and writes it later.
type racyDraw struct {
	*wrapper

	mu   sync.Mutex
	last map[scope]map[string]int64
}

func (b *racyDraw) Draw(ctx context.Context, sc scope, object string, events []string) (int64, error) {
	if ticket, err := b.wrapper.Draw(ctx, sc, object, events); ticket == 0 {
		return 0, err
	}
	b.mu.Lock()
	ticket := b.last[sc][object] + 1
	b.mu.Unlock()
	runtime.Gosched()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last[sc] == nil {
		b.last[sc] = map[string]int64{}
	}
	b.last[sc][object] = ticket
	return ticket, nil
}

// anyoneSettles takes every settlement for that of the current caller.
type anyoneSettles struct {
	*wrapper

	mu   sync.Mutex
	last map[string]change
}

func (b *anyoneSettles) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	c, err := b.wrapper.Apply(ctx, sc, s)
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.ID != "" {
		b.last[s.Object] = c
	}
	return c, err
}

func (b *anyoneSettles) Settle(ctx context.Context, sc scope, c change, told bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wrapper.Settle(ctx, sc, b.last[c.Object()], told)
}

type alwaysTold struct{ *wrapper }

func (b *alwaysTold) Settle(ctx context.Context, sc scope, c change, _ bool) error {
	return b.wrapper.Settle(ctx, sc, c, true)
}

// claimedFails takes nothing over while another caller tells, as a store does that rolls back on ErrClaimed.
type claimedFails struct {
	*wrapper

	mu      sync.Mutex
	claimed map[string]bool
}

func (b *claimedFails) Apply(ctx context.Context, sc scope, s snapshot) (change, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.claimed[s.Object] {
		return change{}, subscription.ErrClaimed
	}
	c, err := b.wrapper.Apply(ctx, sc, s)
	b.claimed[s.Object] = c.ID != ""
	return c, err
}

func (b *claimedFails) Settle(ctx context.Context, sc scope, c change, told bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.claimed, c.Object())
	return b.wrapper.Settle(ctx, sc, c, told)
}
