package memstore

import (
	"context"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Store keeps everything in memory. It implements subscription.SubscriptionStore, subscription.IdempotencyStore and
// subscription.OpenLister and is safe for concurrent use. A method fails only with the error of a context that was done when
// it was called.
type Store struct {
	mu        sync.Mutex
	objects   map[key]*object
	owned     map[subscription.Owner]map[key]*object
	intents   map[intentKey]subscription.Intent
	customers map[key]string
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
	// writtenAt is the Snapshot.At of the state.
	writtenAt time.Time
}

var (
	_ subscription.SubscriptionStore = (*Store)(nil)
	_ subscription.IdempotencyStore  = (*Store)(nil)
	_ subscription.OpenLister        = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		objects:   map[key]*object{},
		owned:     map[subscription.Owner]map[key]*object{},
		intents:   map[intentKey]subscription.Intent{},
		customers: map[key]string{},
		keys:      map[key]subscription.Reservation{},
	}
}

// Draw implements subscription.SubscriptionStore.
func (s *Store) Draw(ctx context.Context, scope project.Scope, id string, events []string) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.object(key{scope, id})
	if len(events) > 0 && !o.Untold() && o.recorded(events) {
		return 0, nil
	}
	o.Tickets++
	return o.Tickets, nil
}

// Apply implements subscription.SubscriptionStore.
func (s *Store) Apply(
	ctx context.Context, scope project.Scope, snapshot subscription.Snapshot,
) (subscription.Change, error) {
	if err := ctx.Err(); err != nil {
		return subscription.Change{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{scope, snapshot.Object}
	o := s.object(k)
	delete(s.owned[o.Owner()], k)
	snapshot.Subscription, snapshot.Payment = cloneSubscription(snapshot.Subscription), clonePayment(snapshot.Payment)
	before := o.Object
	change, err := o.Apply(snapshot)
	if o.Subscription != before.Subscription || o.Payment != before.Payment {
		o.writtenAt = snapshot.At
	}
	s.own(k, o)
	for _, event := range snapshot.Events {
		o.events[event] = true
	}
	return cloneChange(change), err
}

// Settle implements subscription.SubscriptionStore.
func (s *Store) Settle(ctx context.Context, scope project.Scope, change subscription.Change, told bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := s.objects[key{scope, change.Object()}]; ok {
		o.Settle(cloneChange(change), told)
	}
	return nil
}

// object returns the object, a new one where there is none. The caller holds the mutex.
func (s *Store) object(k key) *object {
	o, ok := s.objects[k]
	if !ok {
		o = &object{Object: subscription.Object{ID: k.id}, events: map[string]bool{}}
		s.objects[k] = o
	}
	return o
}

// own lists o under its owner, when it has one. The caller holds the mutex.
func (s *Store) own(k key, o *object) {
	if o.Subscription == nil && o.Payment == nil {
		return
	}
	owner := o.Owner()
	if s.owned[owner] == nil {
		s.owned[owner] = map[key]*object{}
	}
	s.owned[owner][k] = o
}

func (o *object) recorded(events []string) bool {
	for _, event := range events {
		if !o.events[event] {
			return false
		}
	}
	return true
}
