package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// objectKey is the key of an object, and of the subscription or payment that it is.
type objectKey struct {
	scope project.Scope
	id    string
}

func (k objectKey) args(more ...any) []any {
	return append([]any{k.scope.ProjectID, string(k.scope.Mode), k.id}, more...)
}

// Draw implements subscription.SubscriptionStore.
func (s *Store) Draw(
	ctx context.Context, scope project.Scope, object string, events []string,
) (ticket int64, err error) {
	query, args := s.queries.draw, objectKey{scope, object}.args()
	switch len(events) {
	case 0:
	case 1:
		query, args = s.queries.drawOne, append(args, events[0])
	default:
		list, err := encode(events)
		if err != nil {
			return 0, fmt.Errorf("sqlstore: draw: %w", err)
		}
		query, args = s.queries.drawSeveral, append(args, list)
	}
	err = s.get(ctx, query, args, &ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil // every event is recorded and nothing is untold
	}
	if err != nil {
		return 0, fmt.Errorf("sqlstore: draw: %w", err)
	}
	return ticket, nil
}

// Apply implements subscription.SubscriptionStore.
func (s *Store) Apply(
	ctx context.Context, scope project.Scope, snapshot subscription.Snapshot,
) (subscription.Change, error) {
	// Its first ticket has made the object's row, which need not be read then. If it was written since, the write fails.
	fresh := snapshot.Ticket == 1
	for {
		change, done, err := s.apply(ctx, objectKey{scope, snapshot.Object}, snapshot, fresh)
		switch {
		case errors.Is(err, subscription.ErrClaimed):
			return change, err
		case err != nil:
			return subscription.Change{}, fmt.Errorf("sqlstore: apply: %w", err)
		case done:
			return change, nil
		}
		// Another caller wrote the object in between. Each time this one tries again another has come further, so it ends.
		fresh = false
	}
}

// apply reads, decides and writes. It reports false, and has done nothing, when the object has changed since it was read. A
// fresh one is not read.
func (s *Store) apply(
	ctx context.Context, key objectKey, snapshot subscription.Snapshot, fresh bool,
) (change subscription.Change, done bool, err error) {
	stored := storedObject{Object: subscription.Object{ID: key.id}, key: key, exists: true}
	if !fresh {
		stored, err = s.load(ctx, key)
	}
	if err != nil {
		return change, false, err
	}
	if !stored.exists {
		_, err := s.exec(ctx, s.queries.create, key.args()...)
		return change, false, err
	}
	next := stored.Object
	change, claimed := next.Apply(snapshot)
	save, changed, err := stored.save(next)
	if err != nil {
		return change, false, err
	}
	events, err := encode(append([]string{}, snapshot.Events...))
	if err != nil {
		return change, false, err
	}
	record := key.args(s.dialect.value(snapshot.At), events)
	if !changed {
		if _, err := s.exec(ctx, s.queries.record, record...); err != nil {
			return change, false, err
		}
		return change, true, claimed
	}
	batch, state, err := s.stateOf(stored, next, snapshot.At)
	if err != nil {
		return change, false, err
	}
	written, err := s.write(ctx, batch, save, record, state)
	if err != nil || !written {
		return change, false, err
	}
	return change, true, claimed
}

// stateOf returns the batch that writes an object, its events and, where that is another one than before, its state; and the
// arguments for the state.
func (s *Store) stateOf(stored storedObject, next subscription.Object, at time.Time) (b batch, state []any, err error) {
	switch {
	case next.Subscription != stored.Subscription:
		state, err = s.subscriptions.row(s.dialect, stored.key, next.Subscription, at)
		return s.queries.applySubscription, state, err
	case next.Payment != stored.Payment:
		state, err = s.payments.row(s.dialect, stored.key, next.Payment, at)
		return s.queries.applyPayment, state, err
	}
	return s.queries.apply, nil, nil
}

// Settle implements subscription.SubscriptionStore.
func (s *Store) Settle(ctx context.Context, scope project.Scope, change subscription.Change, told bool) error {
	for {
		done, err := s.settle(ctx, objectKey{scope, change.Object()}, change, told)
		if err != nil {
			return fmt.Errorf("sqlstore: settle: %w", err)
		}
		if done {
			return nil
		}
	}
}

// settle reports false, and has done nothing, when the object has changed since it was read.
func (s *Store) settle(ctx context.Context, key objectKey, change subscription.Change, told bool) (done bool, err error) {
	stored, err := s.load(ctx, key)
	if err != nil {
		return false, err
	}
	next := stored.Object
	next.Settle(change, told)
	save, changed, err := stored.save(next)
	if err != nil || !changed {
		return true, err
	}
	rows, err := s.exec(ctx, s.queries.save, save...)
	return rows > 0, err
}

// storedObject is an object as it was read.
type storedObject struct {
	subscription.Object

	key     objectKey
	exists  bool
	version int64
}

func (s *Store) load(ctx context.Context, key objectKey) (storedObject, error) {
	o := storedObject{Object: subscription.Object{ID: key.id}, key: key}
	var tickets int64
	var untold bool
	var document, sub, payment []byte
	err := s.get(ctx, s.queries.load, key.args(), &tickets, &o.version, &untold, &document, &sub, &payment)
	if errors.Is(err, sql.ErrNoRows) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(document, &o.Object); err != nil {
		return o, fmt.Errorf("object %s: %w", key.id, err)
	}
	if sub != nil {
		if err := json.Unmarshal(sub, &o.Subscription); err != nil {
			return o, fmt.Errorf("subscription %s: %w", key.id, err)
		}
	}
	if payment != nil {
		if err := json.Unmarshal(payment, &o.Payment); err != nil {
			return o, fmt.Errorf("payment %s: %w", key.id, err)
		}
	}
	if !untold {
		o.Told = o.Subscription
	}
	o.exists, o.Tickets = true, tickets
	return o, nil
}

// save returns the arguments of the query save, and whether there is anything to save.
func (o storedObject) save(next subscription.Object) (args []any, changed bool, err error) {
	before, err := withoutState(o.Object)
	if err != nil {
		return nil, false, err
	}
	after, err := withoutState(next)
	if err != nil {
		return nil, false, err
	}
	changed = before != after || o.Subscription != next.Subscription || o.Payment != next.Payment
	return append([]any{next.Untold(), after}, o.key.args(o.version)...), changed, nil
}

// withoutState returns the document of an object: its state is kept in a row of its own, that teams can query. What the host
// was told is that state, unless the object is untold.
func withoutState(o subscription.Object) (string, error) {
	if !o.Untold() {
		o.Told = nil
	}
	o.Subscription, o.Payment = nil, nil
	return encode(o)
}
