package storetest

import (
	"context"
	"sync"
	"time"
)

func brokenNotifications() []broken {
	savesThat := func(change func(w *write)) func() store {
		return func() store { return &brokenSave{intact(), change} }
	}
	loadsThat := func(change func(l *loaded, events []string)) func() store {
		return func() store { return &brokenLoad{intact(), change} }
	}
	return []broken{
		{
			"a save of the state forgets the notification", "notifications/stay as they are when the state alone is saved",
			savesThat(func(w *write) {
				if !w.WithNotification {
					w.WithNotification, w.New.Notification = true, notification{}
				}
			}),
		},
		{
			"a host that knew the state knows the next one", "notifications/stay as they are when the state alone is saved",
			func() store { return &knowsTheNext{intact()} },
		},
		{
			"every save writes the notification", "notifications/are zero for a new object that is saved without one",
			savesThat(func(w *write) { w.WithNotification = true }),
		},
		{
			"the notification's version is not compared by a save", "notifications/are saved from their own version only",
			func() store { return &comparesState{wrapper: intact()} },
		},
		{
			"the notification's version is not compared", "notifications/are saved from their own version only",
			func() store { return &comparesNothing{intact()} },
		},
		{
			"a notification is a write of the object", "notifications/do not get in the way of a save, nor does a save get in theirs",
			func() store { return &oneVersion{intact()} },
		},
		{
			"a notification counts as a write", "open/what was written at the time or later is left out",
			func() store { return &datesNotifications{intact()} },
		},
		{
			"notifications are kept of known objects and others", "notifications/of an object that is not known are not saved",
			func() store { return &notesUnknown{intact()} },
		},
		{
			"claims end in whole seconds", "notifications/come back with every field, by either way",
			loadsThat(func(l *loaded, _ []string) {
				l.Notification.ClaimedUntil = l.Notification.ClaimedUntil.Truncate(time.Second)
			}),
		},
		{
			"an attempt without a claim is none", "notifications/come back with every field, by either way",
			loadsThat(func(l *loaded, _ []string) { l.Notification.Attempted = !l.Notification.ClaimedUntil.IsZero() }),
		},
		{
			"the owner of the customer is not looked at", "customers/nothing is saved for a user whose customer belongs to another",
			func() store { return &ignoresOwners{wrapper: intact(), adopted: map[string]string{}} },
		},
		{
			"only new objects are compared with the owner of the customer",
			"customers/nothing is saved for a user whose customer belongs to another",
			func() store { return &ignoresOwners{wrapper: intact(), adopted: map[string]string{}, updates: true} },
		},
	}
}

// knowsTheNext keeps of a state that the host knows only that it is the one that is stored.
type knowsTheNext struct{ *wrapper }

func (b *knowsTheNext) Save(ctx context.Context, w write) (bool, error) {
	if !w.WithNotification && text(w.Old.Notification.Notified) == text(w.Old.Subscription) {
		w.WithNotification, w.New.Notification = true, w.Old.Notification
		w.New.Notification.Notified = w.New.Subscription
	}
	return b.wrapper.Save(ctx, w)
}

// comparesState compares the version of the state alone.
type comparesState struct{ *wrapper }

func (b *comparesState) Save(ctx context.Context, w write) (bool, error) {
	current, err := b.Load(ctx, w.New.Scope, w.New.ID, nil)
	if err != nil {
		return false, err
	}
	w.Old.Notification.Version = current.Notification.Version
	return b.wrapper.Save(ctx, w)
}

type comparesNothing struct{ *wrapper }

func (b *comparesNothing) SaveNotification(ctx context.Context, sc scope, id string, n notification) (bool, error) {
	current, err := b.Load(ctx, sc, id, nil)
	if err != nil {
		return false, err
	}
	n.Version = current.Notification.Version
	return b.wrapper.SaveNotification(ctx, sc, id, n)
}

type oneVersion struct{ *wrapper }

func (b *oneVersion) SaveNotification(ctx context.Context, sc scope, id string, n notification) (bool, error) {
	current, err := b.Load(ctx, sc, id, nil)
	if err != nil || current.Notification.Version != n.Version {
		return false, err
	}
	w := write{Old: current.Object, New: current.Object, WithNotification: true}
	w.New.Notification = n
	return b.Save(ctx, w)
}

type datesNotifications struct{ *wrapper }

func (b *datesNotifications) SaveNotification(ctx context.Context, sc scope, id string, n notification) (bool, error) {
	current, err := b.Load(ctx, sc, id, nil)
	if err != nil {
		return false, err
	}
	if _, err := b.Save(ctx, write{Old: current.Object, New: current.Object, At: at(1000)}); err != nil {
		return false, err
	}
	return b.wrapper.SaveNotification(ctx, sc, id, n)
}

type notesUnknown struct{ *wrapper }

func (b *notesUnknown) SaveNotification(ctx context.Context, sc scope, id string, n notification) (bool, error) {
	current, err := b.Load(ctx, sc, id, nil)
	if err != nil || current.Version > 0 {
		return false, err
	}
	w := write{Old: current.Object, New: current.Object, WithNotification: true}
	w.New.Notification = n
	return b.Save(ctx, w)
}

// ignoresOwners keeps customers for itself, so that a save does not see whose they are; with updates, not that of a known object.
type ignoresOwners struct {
	*wrapper

	updates bool
	mu      sync.Mutex
	adopted map[string]string
}

func (b *ignoresOwners) AdoptCustomer(_ context.Context, o owner, customerID string, _ int64, _ intent) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.adopted[customerID] = o.ID
	return true, nil
}

func (b *ignoresOwners) Save(ctx context.Context, w write) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	user := b.adopted[w.New.CustomerID()]
	if b.updates && w.Old.Version == 0 && user != "" && user != w.New.Owner().ID {
		return false, nil
	}
	return b.wrapper.Save(ctx, w)
}
