package paymount_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// syncBuffer is a log that handlers and the test share.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// take returns what was written since the last call.
func (b *syncBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.buf.Reset()
	return b.buf.String()
}

// unseen are credentials that New can't look at.
type unseen struct{ project.CredentialResolver }

// broken is a store whose database is away.
type broken struct{ subscription.SubscriptionStore }

var errBroken = errors.New("disk on fire")

func (broken) Subscriptions(context.Context, subscription.Owner) ([]subscription.Subscription, error) {
	return nil, errBroken
}

func (broken) Payments(context.Context, subscription.Owner, subscription.Page) ([]subscription.Payment, int, error) {
	return nil, 0, errBroken
}

func (broken) Load(context.Context, project.Scope, string, []string) (subscription.Loaded, error) {
	return subscription.Loaded{}, errBroken
}

// countingStore notes which of its methods are called.
type countingStore struct {
	subscription.SubscriptionStore

	mu    sync.Mutex
	calls []string
}

func (s *countingStore) note(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
}

// take returns the calls since it was last asked.
func (s *countingStore) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := strings.Join(s.calls, " ")
	s.calls = nil
	return calls
}

func (s *countingStore) Load(
	ctx context.Context, scope project.Scope, id string, events []string,
) (subscription.Loaded, error) {
	s.note("Load")
	return s.SubscriptionStore.Load(ctx, scope, id, events)
}

func (s *countingStore) Save(ctx context.Context, w subscription.Write) (bool, error) {
	s.note("Save")
	return s.SubscriptionStore.Save(ctx, w)
}

func (s *countingStore) SaveNotification(
	ctx context.Context, scope project.Scope, id string, n subscription.Notification,
) (bool, error) {
	s.note("SaveNotification")
	return s.SubscriptionStore.SaveNotification(ctx, scope, id, n)
}

func (s *countingStore) Subscriptions(ctx context.Context, owner subscription.Owner) ([]subscription.Subscription, error) {
	s.note("Subscriptions")
	return s.SubscriptionStore.Subscriptions(ctx, owner)
}

func (s *countingStore) Payments(
	ctx context.Context, owner subscription.Owner, page subscription.Page,
) ([]subscription.Payment, int, error) {
	s.note("Payments")
	return s.SubscriptionStore.Payments(ctx, owner, page)
}

func (s *countingStore) Intent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind,
) (subscription.Intent, error) {
	s.note("Intent")
	return s.SubscriptionStore.Intent(ctx, owner, kind)
}

func (s *countingStore) SwapIntent(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	s.note("SwapIntent")
	return s.SubscriptionStore.SwapIntent(ctx, owner, kind, version, next)
}

func (s *countingStore) CustomerOwner(ctx context.Context, scope project.Scope, customerID string) (string, error) {
	s.note("CustomerOwner")
	return s.SubscriptionStore.CustomerOwner(ctx, scope, customerID)
}

func (s *countingStore) AdoptCustomer(
	ctx context.Context, owner subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	s.note("AdoptCustomer")
	return s.SubscriptionStore.AdoptCustomer(ctx, owner, customerID, version, next)
}
