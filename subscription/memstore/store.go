package memstore

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Store keeps everything in memory. It implements subscription.SubscriptionStore, IdempotencyStore, OpenLister and
// OwnerLoader, and is safe for concurrent use. A method fails only with the error of a context that was done when it was
// called, and has then done nothing.
type Store struct {
	mu        sync.Mutex
	objects   map[key]*object
	owned     map[subscription.Owner]map[key]*object
	intents   map[intentKey]subscription.Intent
	customers map[key]string
	cursors   map[project.Scope]subscription.Cursor
	keys      map[key]subscription.Reservation
}

// key is an id within a scope.
type key struct {
	scope project.Scope
	id    string
}

type intentKey struct {
	owner subscription.Owner
	kind  subscription.IntentKind
}

type object struct {
	subscription.Object

	events map[string]bool
	// writtenAt is the Write.At of the state.
	writtenAt time.Time
}

var (
	_ subscription.SubscriptionStore = (*Store)(nil)
	_ subscription.IdempotencyStore  = (*Store)(nil)
	_ subscription.OpenLister        = (*Store)(nil)
	_ subscription.OwnerLoader       = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		objects:   map[key]*object{},
		owned:     map[subscription.Owner]map[key]*object{},
		intents:   map[intentKey]subscription.Intent{},
		customers: map[key]string{},
		cursors:   map[project.Scope]subscription.Cursor{},
		keys:      map[key]subscription.Reservation{},
	}
}

// Load implements subscription.SubscriptionStore.
func (s *Store) Load(
	ctx context.Context, scope project.Scope, id string, events []string,
) (subscription.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return subscription.Loaded{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key{scope, id}]
	if !ok {
		return subscription.Loaded{Object: subscription.Object{Scope: scope, ID: id}}, nil
	}
	loaded := subscription.Loaded{Object: o.Clone()}
	for _, event := range events {
		if o.events[event] && !slices.Contains(loaded.Recorded, event) {
			loaded.Recorded = append(loaded.Recorded, event)
		}
	}
	return loaded, nil
}

// Save implements subscription.SubscriptionStore.
func (s *Store) Save(ctx context.Context, w subscription.Write) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{w.New.Scope, w.New.ID}
	o, ok := s.objects[k]
	if !ok {
		o = &object{events: map[string]bool{}}
	}
	if o.Version != w.Old.Version || w.WithNotification && o.Notification.Version != w.Old.Notification.Version {
		return false, nil
	}
	if owner, owned := s.customers[key{k.scope, w.New.CustomerID()}]; owned && owner != w.New.Owner().ID {
		return false, nil
	}
	next := w.New.Clone()
	next.Version, next.Notification.Version = w.Old.Version+1, w.Old.Notification.Version+1
	if !w.WithNotification {
		next.Notification = o.Notification
	}
	delete(s.owned[o.Owner()], k)
	o.Object, o.writtenAt = next, w.At
	s.objects[k] = o
	s.own(k, o)
	for _, event := range w.Events {
		o.events[event] = true
	}
	return true, nil
}

// SaveNotification implements subscription.SubscriptionStore.
func (s *Store) SaveNotification(
	ctx context.Context, scope project.Scope, id string, n subscription.Notification,
) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key{scope, id}]
	if !ok || o.Notification.Version != n.Version {
		return false, nil
	}
	o.Notification = n.Clone()
	o.Notification.Version++
	return true, nil
}

// own lists o under its owner, when it has one. The caller holds the mutex.
func (s *Store) own(k key, o *object) {
	owner := o.Owner()
	if owner.ID == "" {
		return
	}
	if s.owned[owner] == nil {
		s.owned[owner] = map[key]*object{}
	}
	s.owned[owner][k] = o
}
