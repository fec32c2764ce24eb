package paymount_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

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

func TestWhatManagingCostsInCalls(t *testing.T) {
	t.Parallel()
	store := &countingStore{}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		store.SubscriptionStore = c.Store
		c.Store = store
	})
	b.buy()
	b.stripe.Hold() // no webhook is counted
	account := b.service.For(ownerOf(user))
	entitled := func() error { _, _, err := account.Entitled(t.Context()); return err }
	b.must(entitled())
	const once = "Subscriptions Load Save"
	const before, andAfter = once, " Load Save"
	for _, step := range []struct {
		name   string
		do     func() error
		store  string
		stripe int
	}{
		{"my-subscription", func() error { _, _, err := account.Subscription(t.Context()); return err }, "Subscriptions", 0},
		{"my-payments", func() error { _, err := account.Payments(t.Context(), 1, 10); return err }, "Payments", 0},
		{"entitled, from memory", entitled, "", 0},
		{"portal", func() error {
			_, err := account.Portal(t.Context(), subscription.Portal{ReturnURL: origin})
			return err
		}, "Intent", 1},
		// Each asks Stripe before and after its change. The owner of the customer is remembered.
		{"cancel", func() error {
			_, err := account.Cancel(t.Context(), subscription.Cancellation{})
			return err
		}, before + andAfter, 3},
		{"cancel again", func() error {
			_, err := account.Cancel(t.Context(), subscription.Cancellation{})
			return err
		}, once, 1},
		{"resume", func() error { _, err := account.Resume(t.Context(), ""); return err }, before + andAfter, 3},
		{"update of a price, which is looked at once", func() error {
			_, err := account.Update(t.Context(), subscription.Update{PriceID: b.team.ID})
			return err
		}, before + andAfter, 4},
		{"seats", func() error {
			_, err := account.SetQuantity(t.Context(), "", "", 3)
			return err
		}, before + andAfter, 3},
		{"the same seats", func() error {
			_, err := account.SetQuantity(t.Context(), "", "", 3)
			return err
		}, once, 1},
		{"preview", func() error {
			_, err := account.Preview(t.Context(), subscription.Update{PriceID: b.monthly.ID})
			return err
		}, once, 2},
	} {
		store.take()
		b.stripe.ResetCalls()
		b.must(step.do())
		want(t, step.name+": calls of the store", store.take(), step.store)
		want(t, step.name+": calls to Stripe", len(b.stripe.Calls()), step.stripe)
	}
}
