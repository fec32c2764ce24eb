package paymount_test

import (
	"bytes"
	"context"
	"errors"
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
