package paymount_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// addForeign makes a subscription as an app had them before it mounted paymount: without metadata.
func (b *bundle) addForeign(email string) stripetest.Subscription {
	b.t.Helper()
	sub, err := b.stripe.AddSubscription(b.stripe.AddCustomer(email).ID, b.monthly.ID, nil)
	b.must(err)
	b.drop()
	return sub
}

// byEmail knows the users of example.com by the first part of their addresses.
func byEmail(_ context.Context, f subscription.Found) (string, error) {
	name, _, _ := strings.Cut(f.Email, "@example.com")
	if name == "broken" {
		return "", errors.New("two users have this address")
	}
	if name == f.Email {
		return "", nil
	}
	return name, nil
}

// owned lets the app ask a hook whose an object is.
func owned(hook subscription.FindOwner) option {
	return func(c *paymount.Config, _ *stripetest.Options) { c.Owner = hook }
}

// held is a bundle whose webhooks do not arrive.
func held(t *testing.T, options ...option) *bundle {
	t.Helper()
	return setup(t, append(options, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })...)
}

// past lets Stripe's clock be an hour behind: so nothing that it says of is an event that is new to a full walk.
func past(_ *paymount.Config, o *stripetest.Options) {
	o.Now = func() time.Time { return time.Now().Add(-time.Hour) }
}

func TestAnExistingAccountIsTakenIn(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	b := held(t, owned(byEmail), func(c *paymount.Config, _ *stripetest.Options) {
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, string(change.New.Status))
			return nil
		}
	})
	ann := b.addForeign("ann@example.com")
	b.addForeign("stranger@elsewhere.example")
	result := b.reconcile(subscription.ReconcileOptions{SkipInitial: true})
	want(t, "ignored", result.Ignored, 2) // the stranger's
	want(t, "ann's status", b.status("ann"), "active")
	want(t, "what the host was told", len(told), 0)

	a := b.as("ann", "POST", "/billing/checkout-session", b.order())
	want(t, "ann's next checkout", a.code(), "subscription_exists")

	// From now on events find the user, and the host is told.
	b.must(b.stripe.CancelSubscription(ann.ID))
	b.deliver()
	want(t, "ann's status once cancelled", b.status("ann"), "")
	want(t, "what the host was told then", strings.Join(told, " "), "canceled")

	a = b.as("ann", "POST", "/billing/checkout-session", b.order())
	session, _ := b.stripe.Session(a.text("session_id"))
	want(t, "the customer of ann's next checkout", session.Customer, ann.Customer)
}

func TestAUserWithACustomerKeepsIt(t *testing.T) {
	t.Parallel()
	b := held(t, owned(byEmail))
	a := b.as("ann", "POST", "/billing/checkout-session", b.order())
	first, _ := b.stripe.Session(a.text("session_id"))
	b.addForeign("ann@example.com")
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "ann's status", b.status("ann"), "active")
	store := b.store
	intent, err := store.Intent(t.Context(), subscription.Owner{Scope: testScope(), ID: "ann"}, subscription.IntentCustomer)
	b.must(err)
	want(t, "ann's customer", intent.ObjectID, first.Customer)
}

func TestACustomerThatTheHookFailedForIsAskedForAgain(t *testing.T) {
	t.Parallel()
	var bobs atomic.Bool
	b := held(t, owned(func(ctx context.Context, f subscription.Found) (string, error) {
		if bobs.Load() {
			return "bob", nil
		}
		return byEmail(ctx, f)
	}))
	b.addForeign("broken@example.com")
	b.addForeign("ann@example.com")
	result, err := b.tryReconcile(subscription.ReconcileOptions{})
	if err == nil || !strings.Contains(err.Error(), "two users have this address") {
		t.Errorf("error: %v", err)
	}
	want(t, "failed", result.Failed, 2) // the subscription and its invoice
	want(t, "ann's status", b.status("ann"), "active")

	bobs.Store(true)
	result = b.reconcile(subscription.ReconcileOptions{})
	want(t, "a full walk", result.Full, false)
	want(t, "failed in the end", result.Failed, 0)
	want(t, "bob's status", b.status("bob"), "active")
}

func TestAWalkWithoutTheHookBeginsAnewWithIt(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.addForeign("ann@example.com")
	stop := errors.New("stop")
	halt := func(context.Context, subscription.ReconcileResult) error { return stop }
	if _, err := b.tryReconcile(subscription.ReconcileOptions{Progress: halt}); !errors.Is(err, stop) {
		t.Fatalf("error: %v", err)
	}
	b = b.twin(b.store, owned(byEmail))
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "result", len(b.stored(testScope(), "ann")), 1)
}
