package paymount_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// counted is a store that writes down its calls.
type counted struct {
	store *memstore.Store

	mu    sync.Mutex
	calls []string
}

func (c *counted) add(call string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

// take returns the calls since it was last called.
func (c *counted) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.calls = nil }()
	return strings.Join(c.calls, ", ")
}

func (c *counted) Load(ctx context.Context, s project.Scope, id string, events []string) (subscription.Loaded, error) {
	c.add("Load")
	return c.store.Load(ctx, s, id, events)
}

func (c *counted) Save(ctx context.Context, w subscription.Write) (bool, error) {
	c.add("Save")
	return c.store.Save(ctx, w)
}

func (c *counted) SaveNotification(
	ctx context.Context, s project.Scope, id string, n subscription.Notification,
) (bool, error) {
	c.add("SaveNotification")
	return c.store.SaveNotification(ctx, s, id, n)
}

func (c *counted) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	c.add("Subscriptions")
	return c.store.Subscriptions(ctx, o)
}

func (c *counted) Payments(
	ctx context.Context, o subscription.Owner, page subscription.Page,
) ([]subscription.Payment, int, error) {
	c.add("Payments")
	return c.store.Payments(ctx, o, page)
}

func (c *counted) Intent(
	ctx context.Context, o subscription.Owner, k subscription.IntentKind,
) (subscription.Intent, error) {
	c.add("Intent " + string(k))
	return c.store.Intent(ctx, o, k)
}

func (c *counted) SwapIntent(
	ctx context.Context, o subscription.Owner, k subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	c.add("SwapIntent " + string(k))
	return c.store.SwapIntent(ctx, o, k, version, next)
}

func (c *counted) AdoptCustomer(
	ctx context.Context, o subscription.Owner, id string, version int64, next subscription.Intent,
) (bool, error) {
	c.add("AdoptCustomer")
	return c.store.AdoptCustomer(ctx, o, id, version, next)
}

func (c *counted) CustomerOwner(ctx context.Context, s project.Scope, id string) (string, error) {
	c.add("CustomerOwner")
	return c.store.CustomerOwner(ctx, s, id)
}

func (c *counted) ReconcileCursor(ctx context.Context, s project.Scope) (subscription.Cursor, error) {
	c.add("ReconcileCursor")
	return c.store.ReconcileCursor(ctx, s)
}

func (c *counted) SwapReconcileCursor(ctx context.Context, s project.Scope, version int64, data []byte) (bool, error) {
	c.add("SwapReconcileCursor")
	return c.store.SwapReconcileCursor(ctx, s, version, data)
}

// countedWhole is a store that can load an owner at once, too.
type countedWhole struct{ *counted }

func (c countedWhole) LoadOwner(ctx context.Context, o subscription.Owner) (subscription.OwnerState, error) {
	c.add("LoadOwner")
	return c.store.LoadOwner(ctx, o)
}

// reading is how a purchase reads an owner, and a store that makes it read so.
type reading struct {
	read  string
	store func(*counted) subscription.SubscriptionStore
}

func readings() map[string]reading {
	return map[string]reading{
		"a store that loads owners": {
			"LoadOwner", func(c *counted) subscription.SubscriptionStore { return countedWhole{c} },
		},
		"any other store": {
			"Intent checkout, Subscriptions, Intent customer", func(c *counted) subscription.SubscriptionStore { return c },
		},
	}
}

// TestWhatAPurchaseCosts states the calls of each use case of a buyer. READ stands for reading the owner.
func TestWhatAPurchaseCosts(t *testing.T) {
	t.Parallel()
	const (
		look, get, create = "GET /v1/prices/ID", "GET /v1/checkout/sessions/ID", "POST /v1/checkout/sessions"
		customer, expire  = "POST /v1/customers", "POST /v1/checkout/sessions/ID/expire"
		begin             = "SwapIntent customer, AdoptCustomer"
		session           = "SwapIntent checkout, SwapIntent checkout"
	)
	for name, r := range readings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := &counted{store: memstore.New()}
			hooks := 0
			b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
				c.Store, o.Hold = r.store(calls), true
				c.CustomizeCheckout = func(context.Context, auth.Identity, *checkout.SessionParams) error {
					hooks++
					return nil
				}
			})
			var last string
			buy := func(changes map[string]any) func() {
				return func() { last = b.checkout(changes).text("session_id") }
			}
			status := func() { b.as(user, http.MethodGet, "/billing/checkout-session/"+last, nil) }
			once := map[string]any{"mode": "payment", "price_id": b.once.ID}
			for _, step := range []struct {
				name          string
				do            func()
				store, stripe string
				hooks         int
			}{
				{"a first purchase", buy(nil), "READ, " + begin + ", " + session, look + ", " + customer + ", " + create, 1},
				{"the same again", buy(nil), "READ", get, 1},
				{"its status", status, "", get, 0},
				{
					"another quantity", buy(map[string]any{"quantity": 2}),
					"READ, SwapIntent checkout, READ, " + session, expire + ", " + create, 1,
				},
				{"a one-time payment", buy(once), "READ", look + ", " + create, 1},
				{"it is paid", func() { b.must(b.stripe.Complete(last)) }, "", "", 0},
				{
					"the success page of a payment, before the webhook", status,
					"Load, CustomerOwner, Save", get + ", GET /v1/payment_intents/ID", 0,
				},
				{"a plan again", buy(nil), "READ, SwapIntent checkout, READ, " + session, expire + ", " + create, 1},
				{"the plan is paid", func() { b.must(b.stripe.Complete(last)) }, "", "", 0},
				{
					"the success page, before the webhook", status,
					"Subscriptions, Load, Save", get + ", GET /v1/subscriptions/ID", 0,
				},
				{"the success page, after it", status, "Subscriptions", get, 0},
				{"who has a plan already", buy(nil), "READ, Load, Save", "GET /v1/subscriptions/ID", 1},
			} {
				b.stripe.ResetCalls()
				calls.take()
				hooks = 0
				step.do()
				want(t, step.name+": calls to the store", calls.take(), strings.ReplaceAll(step.store, "READ", r.read))
				want(t, step.name+": calls to Stripe", shapes(b.stripe.Calls()), step.stripe)
				want(t, step.name+": CustomizeCheckout", hooks, step.hooks)
			}
		})
	}
}

// shapes lists calls without the ids in them.
func shapes(calls []stripetest.Call) string {
	var all []string
	for _, c := range calls {
		parts := strings.Split(c.Path, "/")
		for i, part := range parts {
			if strings.Contains(part, "_1") || strings.Contains(part, "_a1") {
				parts[i] = "ID"
			}
		}
		all = append(all, c.Method+" "+strings.Join(parts, "/"))
	}
	return strings.Join(all, ", ")
}
