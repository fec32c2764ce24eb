package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// objectKey is the key of an object.
type objectKey struct {
	scope project.Scope
	id    string
}

func (k objectKey) args(more ...any) []any {
	return append([]any{k.scope.ProjectID, string(k.scope.Mode), k.id}, more...)
}

// rows returns the statements for the object.
func (s *Store) rows(id string) statements {
	if isSubscription(id) {
		return s.subscriptions.rows
	}
	return s.payments.rows
}

func isSubscription(id string) bool { return strings.HasPrefix(id, "sub_") }

// Load implements subscription.SubscriptionStore.
func (s *Store) Load(
	ctx context.Context, scope project.Scope, id string, events []string,
) (subscription.Loaded, error) {
	loaded, err := s.load(ctx, scope, id, events)
	if err != nil {
		return subscription.Loaded{}, fmt.Errorf("sqlstore: load: %w", err)
	}
	return loaded, nil
}

func (s *Store) load(
	ctx context.Context, scope project.Scope, id string, events []string,
) (loaded subscription.Loaded, err error) {
	loaded.Object = subscription.Object{Scope: scope, ID: id}
	args, err := eventArgs(events)
	if err != nil {
		return loaded, err
	}
	o, n := &loaded.Object, &loaded.Notification
	var recorded, document, notified []byte
	var claimed sql.Null[timestamp]
	err = s.get(ctx, s.rows(id).load[min(len(events), several)], append(args, objectKey{scope, id}.args()...),
		&recorded, &o.Version, &document, &notified, &n.Count, &claimed, &n.Version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return loaded, nil
	case err != nil:
		return loaded, err
	}
	n.Attempted, n.ClaimedUntil = claimed.Valid, claimed.V.Time
	if recorded != nil {
		err = json.Unmarshal(recorded, &loaded.Recorded)
	}
	return loaded, errors.Join(err, decode(o, document, notified))
}

// decode reads the state of an object, and of a subscription which one the host knows.
func decode(o *subscription.Object, document, notified []byte) error {
	if !isSubscription(o.ID) {
		return json.Unmarshal(document, &o.Payment)
	}
	if err := json.Unmarshal(document, &o.Subscription); err != nil {
		return err
	}
	if notified == nil {
		o.Notification.Notified = o.Clone().Subscription
		return nil
	}
	return json.Unmarshal(notified, &o.Notification.Notified)
}

// eventArgs are the arguments about events, for the statements about so many of them.
func eventArgs(events []string) ([]any, error) {
	switch len(events) {
	case 0:
		return nil, nil
	case 1:
		return []any{events[0]}, nil
	}
	list, err := encode(events)
	return []any{list}, err
}

// Save implements subscription.SubscriptionStore.
func (s *Store) Save(ctx context.Context, w subscription.Write) (bool, error) {
	saved, err := s.save(ctx, w)
	if err != nil {
		return false, fmt.Errorf("sqlstore: save: %w", err)
	}
	return saved, nil
}

func (s *Store) save(ctx context.Context, w subscription.Write) (bool, error) {
	key := objectKey{w.New.Scope, w.New.ID}
	events, err := eventArgs(w.Events)
	if err != nil {
		return false, err
	}
	at := s.dialect.value(w.At)
	state, err := s.state(w.New, w.At)
	if err != nil {
		return false, err
	}
	notification, err := s.notification(w)
	if err != nil {
		return false, err
	}
	rows, i := s.rows(w.New.ID), min(len(w.Events), several)
	owner := w.New.Owner()
	ofCustomer := objectKey{w.New.Scope, w.New.CustomerID()}.args(owner.ID)
	version := key.args(w.Old.Version)
	record := append(key.args(at), events...)
	if i == 0 {
		record = nil
	}
	switch {
	case w.Old.Version == 0:
		version := 0
		if w.WithNotification {
			version = 1
		}
		return s.write(ctx, rows.insert[i], slices.Concat(key.args(), state, notification, []any{version}, ofCustomer), record)
	case w.WithNotification:
		args := slices.Concat(state, notification, version, ofCustomer, []any{w.Old.Notification.Version})
		return s.write(ctx, rows.both[i], args, record)
	case w.Old.SameState(w.New):
		return s.write(ctx, rows.touch[i], slices.Concat([]any{at}, version, ofCustomer), record)
	}
	return s.write(ctx, rows.replace[i], slices.Concat(state, []any{w.New.Pending()}, version, ofCustomer), record)
}

// state returns the arguments for the columns of an object's state.
func (s *Store) state(o subscription.Object, at time.Time) ([]any, error) {
	if isSubscription(o.ID) {
		return s.subscriptions.state(s.dialect, o.Subscription, at)
	}
	return s.payments.state(s.dialect, o.Payment, at)
}

// notification returns the arguments for pending, notified, notifications and claimed_until.
func (s *Store) notification(w subscription.Write) ([]any, error) {
	o := w.New
	if w.Old.Version == 0 && !w.WithNotification {
		o.Notification = subscription.Notification{}
	}
	notified := any(nil) // the state that is stored
	if known := (subscription.Object{Subscription: o.Notification.Notified, Payment: o.Payment}); !known.SameState(o) {
		document, err := encode(o.Notification.Notified)
		if err != nil {
			return nil, err
		}
		notified = document
	}
	return []any{o.Pending(), notified, o.Notification.Count, s.claimed(o.Notification)}, nil
}

// claimed returns the column claimed_until: NULL where no attempt is open.
func (s *Store) claimed(n subscription.Notification) any {
	if !n.Attempted {
		return nil
	}
	return s.dialect.value(n.ClaimedUntil)
}

// SaveNotification implements subscription.SubscriptionStore.
func (s *Store) SaveNotification(
	ctx context.Context, scope project.Scope, id string, n subscription.Notification,
) (bool, error) {
	notified := any(nil) // of a payment no state is kept: it is notified of once
	if isSubscription(id) {
		document, err := encode(n.Notified)
		if err != nil {
			return false, fmt.Errorf("sqlstore: save notification: %w", err)
		}
		notified = document
	}
	args := append([]any{n.Count, s.claimed(n), n.Attempted, notified, notified, notified}, objectKey{scope, id}.args(n.Version)...)
	rows, err := s.exec(ctx, s.rows(id).notification, args...)
	if err != nil {
		return false, fmt.Errorf("sqlstore: save notification: %w", err)
	}
	return rows > 0, nil
}
