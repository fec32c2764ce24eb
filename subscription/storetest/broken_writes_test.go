package storetest

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

type (
	scope        = project.Scope
	owner        = subscription.Owner
	loaded       = subscription.Loaded
	write        = subscription.Write
	notification = subscription.Notification
	store        = subscription.SubscriptionStore
)

func brokenWrites() []broken {
	loadsThat := func(change func(l *loaded, events []string)) func() store {
		return func() store { return &brokenLoad{intact(), change} }
	}
	return []broken{
		{
			"versions are not compared", "versions/of the saves from one version the first is done, in every order",
			func() store { return &lastWins{wrapper: intact()} },
		},
		{
			"a save that fails records its events", "versions/a save from another one changes nothing",
			func() store { return &recordsAll{intact()} },
		},
		{
			"a save from any version makes an object", "versions/a save from any but zero makes no object",
			func() store { return &makesObjects{intact()} },
		},
		{
			"the version is the caller's", "versions/are the store's, whatever those of the new object are",
			func() store { return &callersVersion{intact()} },
		},
		{
			"an unchanged state is not saved", "versions/are counted from one for each object",
			func() store { return &savesChanges{intact()} },
		},
		{
			"a save is a read and a write", "races/of saves from one version exactly one is done",
			func() store { return &racySave{intact()} },
		},
		{
			"a write that comes between is lost", "races/no save and no notification is lost",
			func() store { return &racySave{intact()} },
		},
		{
			"events are recorded before the save fails", "contexts/Save does nothing once its context is done",
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
			"an event that is asked for twice is named twice", "events/an event that is asked for twice is named once",
			loadsThat(func(l *loaded, events []string) {
				known := l.Recorded
				l.Recorded = nil
				for _, event := range events {
					if slices.Contains(known, event) {
						l.Recorded = append(l.Recorded, event)
					}
				}
			}),
		},
		{
			"one recorded event is enough", "events/Load names those that are recorded",
			loadsThat(func(l *loaded, events []string) {
				if len(l.Recorded) > 0 {
					l.Recorded = events
				}
			}),
		},
		{
			"Load looks at the first hundred events", "events/hundreds of them are recorded at once",
			loadsThat(func(l *loaded, _ []string) { l.Recorded = l.Recorded[:min(100, len(l.Recorded))] }),
		},
		{
			"Load records the events", "events/Load records none",
			func() store { return &recordsOnLoad{intact()} },
		},
		{
			"Load makes the object", "state/an unknown object has its scope and id alone, and is not known afterwards",
			func() store { return &makesOnLoad{intact()} },
		},
		{
			"the state is read after its version", "races/what is loaded was written at once",
			func() store { return &readsTwice{intact()} },
		},
		{
			"the events are read after the state", "races/what is loaded was written at once",
			func() store { return &readsTwice{intact()} },
		},
	}
}

// brokenSave changes what is saved.
type brokenSave struct {
	*wrapper

	change func(w *write)
}

func (b *brokenSave) Save(ctx context.Context, w write) (bool, error) {
	b.change(&w)
	return b.wrapper.Save(ctx, w)
}

// brokenLoad changes what is loaded.
type brokenLoad struct {
	*wrapper

	change func(l *loaded, events []string)
}

func (b *brokenLoad) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	l, err := b.wrapper.Load(ctx, sc, id, events)
	b.change(&l, events)
	return l, err
}

// force saves over whatever is stored.
func (w *wrapper) force(ctx context.Context, next write) (bool, error) {
	for {
		current, err := w.Load(ctx, next.New.Scope, next.New.ID, nil)
		if err != nil {
			return false, err
		}
		next.Old.Version, next.Old.Notification.Version = current.Version, current.Notification.Version
		if saved, err := w.Save(ctx, next); saved || err != nil {
			return saved, err
		}
	}
}

type lastWins struct{ *wrapper }

func (b *lastWins) Save(ctx context.Context, w write) (bool, error) { return b.force(ctx, w) }

type recordsAll struct{ *wrapper }

func (b *recordsAll) Save(ctx context.Context, w write) (bool, error) {
	saved, err := b.wrapper.Save(ctx, w)
	current, loadErr := b.Load(ctx, w.New.Scope, w.New.ID, nil)
	if saved || err != nil || loadErr != nil || current.Version == 0 {
		return saved, err
	}
	_, err = b.wrapper.Save(ctx, write{Old: current.Object, New: current.Object, Events: w.Events})
	return false, err
}

type makesObjects struct{ *wrapper }

func (b *makesObjects) Save(ctx context.Context, w write) (bool, error) {
	if current, err := b.Load(ctx, w.New.Scope, w.New.ID, nil); err == nil && current.Version == 0 {
		w.Old.Version = 0
	}
	return b.wrapper.Save(ctx, w)
}

type callersVersion struct{ *wrapper }

func (b *callersVersion) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	l, err := b.wrapper.Load(ctx, sc, id, events)
	if l.Version > 0 {
		l.Version += 7
	}
	return l, err
}

type savesChanges struct{ *wrapper }

func (b *savesChanges) Save(ctx context.Context, w write) (bool, error) {
	if w.Old.Version > 0 && w.Old.SameState(w.New) {
		return true, nil
	}
	return b.wrapper.Save(ctx, w)
}

// racySave reads, lets others run, and writes without looking again.
type racySave struct{ *wrapper }

func (b *racySave) Save(ctx context.Context, w write) (bool, error) {
	current, err := b.Load(ctx, w.New.Scope, w.New.ID, nil)
	if err != nil || current.Version != w.Old.Version {
		return false, err
	}
	runtime.Gosched()
	return b.force(ctx, w)
}

type recordsFirst struct{ *wrapper }

func (b *recordsFirst) Save(ctx context.Context, w write) (bool, error) {
	record := write{Old: w.Old, New: w.Old, Events: w.Events}
	if saved, err := b.wrapper.Save(context.WithoutCancel(ctx), record); err != nil || !saved {
		return saved, err
	}
	select {
	case <-time.After(time.Millisecond): // long enough for a reader to look
	case <-ctx.Done():
	}
	w.Old.Version++
	return b.wrapper.Save(ctx, w)
}

type sharedEvents struct {
	*wrapper

	mu   sync.Mutex
	seen map[string]bool
}

func (b *sharedEvents) Save(ctx context.Context, w write) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range w.Events {
		b.seen[event] = true
	}
	return b.wrapper.Save(ctx, w)
}

func (b *sharedEvents) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, err := b.wrapper.Load(ctx, sc, id, events)
	l.Recorded = nil
	for _, event := range events {
		if b.seen[event] {
			l.Recorded = append(l.Recorded, event)
		}
	}
	return l, err
}

type recordsOnLoad struct{ *wrapper }

func (b *recordsOnLoad) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	l, err := b.wrapper.Load(ctx, sc, id, events)
	if err == nil && l.Version > 0 {
		_, err = b.Save(ctx, write{Old: l.Object, New: l.Object, Events: events})
	}
	return l, err
}

type makesOnLoad struct{ *wrapper }

func (b *makesOnLoad) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	l, err := b.wrapper.Load(ctx, sc, id, events)
	if err == nil && l.Version == 0 {
		_, err = b.Save(ctx, write{Old: l.Object, New: l.Object})
	}
	return l, err
}

// readsTwice reads the versions first, and the rest later.
type readsTwice struct{ *wrapper }

func (b *readsTwice) Load(ctx context.Context, sc scope, id string, events []string) (loaded, error) {
	first, err := b.wrapper.Load(ctx, sc, id, nil)
	if err != nil {
		return first, err
	}
	runtime.Gosched()
	l, err := b.wrapper.Load(ctx, sc, id, events)
	l.Version, l.Notification.Version = first.Version, first.Notification.Version
	return l, err
}
