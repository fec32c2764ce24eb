package paymount_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// meanwhile is a store that lets something else happen before one of the steps of a checkout.
type meanwhile struct {
	*memstore.Store

	mu    sync.Mutex
	steps int // until it happens; 0 for never
	what  func()
}

func (m *meanwhile) before(steps int, what func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps, m.what = steps, what
}

func (m *meanwhile) step() {
	m.mu.Lock()
	if m.steps > 0 {
		m.steps--
	}
	what := m.what
	if m.steps > 0 {
		what = nil
	} else {
		m.what = nil
	}
	m.mu.Unlock()
	if what != nil {
		what()
	}
}

func (m *meanwhile) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	m.step()
	return m.Store.Subscriptions(ctx, o)
}

func (m *meanwhile) LoadOwner(ctx context.Context, o subscription.Owner) (subscription.OwnerState, error) {
	m.step()
	return m.Store.LoadOwner(ctx, o)
}

func (m *meanwhile) Intent(ctx context.Context, o subscription.Owner, k subscription.IntentKind) (subscription.Intent, error) {
	m.step()
	return m.Store.Intent(ctx, o, k)
}

func (m *meanwhile) SwapIntent(
	ctx context.Context, o subscription.Owner, k subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	m.step()
	return m.Store.SwapIntent(ctx, o, k, version, next)
}

func (m *meanwhile) AdoptCustomer(
	ctx context.Context, o subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	m.step()
	return m.Store.AdoptCustomer(ctx, o, customerID, version, next)
}

func TestWhatIsBoughtWhileACheckoutIsUnderWayIsNotSoldAgain(t *testing.T) {
	t.Parallel()
	for steps := 1; steps <= 8; steps++ {
		for name, begun := range map[string]bool{"a newcomer": false, "with a session open": true} {
			t.Run(fmt.Sprintf("%s, step %d", name, steps), func(t *testing.T) {
				t.Parallel()
				store := &meanwhile{Store: memstore.New()}
				var config paymount.Config
				b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
					c.Store, o.Hold = store, true
					config = *c
				})
				config.StripeURL = b.stripe.URL
				other := b.replica(config)
				if begun {
					b.mustCheckout()
				}
				store.before(steps, other.buyNow)
				slow := b.checkout(map[string]any{"price_id": b.yearly.ID})
				store.before(0, nil)
				if session, _ := b.stripe.Session(slow.text("session_id")); session.Status == "open" {
					b.pay(session.ID)
				}
				want(t, "subscriptions", len(b.stripe.Subscriptions()), 1)
			})
		}
	}
}

// replica is another process of the app: in one process, the requests of a user that make something wait for each other.
func (b *bundle) replica(config paymount.Config) *bundle {
	b.t.Helper()
	other := *b
	var err error
	other.service, err = paymount.New(config)
	if err != nil {
		b.t.Fatal(err)
	}
	other.serve(b.t)
	return &other
}

// buyNow checks out and pays, and delivers the events itself.
func (b *bundle) buyNow() {
	a := b.checkout()
	if a.status != http.StatusOK {
		b.t.Errorf("checkout: %d %s", a.status, a.raw)
		return
	}
	b.pay(a.text("session_id"))
}

func (b *bundle) pay(session string) {
	if err := b.stripe.Complete(session); err != nil {
		b.t.Error(err)
	}
	for _, d := range b.stripe.Pending() {
		if _, err := b.stripe.Deliver(b.t.Context(), d); err != nil {
			b.t.Error(err)
		}
	}
}
