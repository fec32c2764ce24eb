package paymount_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// loadingStore is a countingStore that can load an owner at once, too.
type loadingStore struct {
	*countingStore

	loader subscription.OwnerLoader
}

func (s loadingStore) LoadOwner(ctx context.Context, owner subscription.Owner) (subscription.OwnerState, error) {
	s.note("LoadOwner")
	return s.loader.LoadOwner(ctx, owner)
}

// TestWhatAPurchaseCosts states the calls of each use case of a buyer. READ stands for reading the owner.
func TestWhatAPurchaseCosts(t *testing.T) {
	t.Parallel()
	for read, loads := range map[string]bool{"LoadOwner": true, "Intent Subscriptions Intent": false} {
		t.Run(read, func(t *testing.T) {
			t.Parallel()
			store, hooks := &countingStore{}, 0
			b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
				store.SubscriptionStore = c.Store
				c.Store, o.Hold = store, true
				if loads {
					c.Store = loadingStore{store, store.SubscriptionStore.(subscription.OwnerLoader)}
				}
				c.CustomizeCheckout = func(context.Context, auth.Identity, *checkout.SessionParams) error {
					hooks++
					return nil
				}
			})
			whatAPurchaseCosts(b, read, store, &hooks)
		})
	}
}

func whatAPurchaseCosts(b *bundle, read string, store *countingStore, hooks *int) {
	const (
		look, get, create = "GET /v1/prices/ID", "GET /v1/checkout/sessions/ID", "POST /v1/checkout/sessions"
		customer, expire  = "POST /v1/customers", "POST /v1/checkout/sessions/ID/expire"
		swap              = "SwapIntent"
		begin             = swap + " AdoptCustomer"
		session           = swap + " " + swap // the intent before the call, and what came of it
	)
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
		{"a first purchase", buy(nil), "READ " + begin + " " + session, look + ", " + customer + ", " + create, 1},
		{"the same again", buy(nil), "READ", get, 1},
		{"its status", status, "", get, 0},
		{
			"another quantity", buy(map[string]any{"quantity": 2}),
			"READ SwapIntent READ " + session, expire + ", " + create, 1,
		},
		{"a one-time payment", buy(once), "READ", look + ", " + create, 1},
		{"it is paid", func() { b.must(b.stripe.Complete(last)) }, "", "", 0},
		{
			"the success page of a payment, before the webhook", status,
			"Load CustomerOwner Save", get + ", GET /v1/payment_intents/ID", 0,
		},
		{"a plan again", buy(nil), "READ SwapIntent READ " + session, expire + ", " + create, 1},
		{"the plan is paid", func() { b.must(b.stripe.Complete(last)) }, "", "", 0},
		{
			"the success page, before the webhook", status,
			"Subscriptions Load Save", get + ", GET /v1/subscriptions/ID", 0,
		},
		{"the success page, after it", status, "Subscriptions", get, 0},
		{"who has a plan already", buy(nil), "READ Load Save", "GET /v1/subscriptions/ID", 1},
	} {
		b.stripe.ResetCalls()
		store.take()
		*hooks = 0
		step.do()
		want(b.t, step.name+": calls to the store", store.take(), strings.ReplaceAll(step.store, "READ", read))
		want(b.t, step.name+": calls to Stripe", shapes(b.stripe.Calls()), step.stripe)
		want(b.t, step.name+": CustomizeCheckout", *hooks, step.hooks)
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
