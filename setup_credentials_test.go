package paymount_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// changing is a resolver whose answers a test changes.
type changing struct {
	now atomic.Pointer[project.Static]
}

func (c *changing) ResolveCredentials(ctx context.Context, projectID string, mode project.Mode) (project.Credentials, error) {
	return c.now.Load().ResolveCredentials(ctx, projectID, mode)
}

func (c *changing) set(live string) {
	creds := func(key string) project.Credentials {
		return project.Credentials{SecretKey: key, WebhookSecrets: []string{secret}}
	}
	c.now.Store(&project.Static{projectID: {project.ModeTest: creds(stripetest.TestKey), project.ModeLive: creds(live)}})
}

// inLive is an app whose gate counts live subscriptions and whose live key can be changed.
func inLive(t *testing.T) (*bundle, *changing) {
	t.Helper()
	keys := &changing{}
	keys.set(stripetest.LiveKey)
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
		c.Credentials, c.EntitlementMode, o.Hold = keys, project.ModeLive, true
	})
	return b, keys
}

func liveScope() project.Scope {
	return project.Scope{ProjectID: projectID, Mode: project.ModeLive}
}

// subscribe makes a subscription with the metadata that checkout writes, for a customer that checkout has not made.
func subscribe(t *testing.T, a *stripetest.Account, metadata map[string]string) stripetest.Subscription {
	t.Helper()
	price := a.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	sub, err := a.AddSubscription(a.AddCustomer("person@example.com").ID, price.ID, metadata)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// of is the metadata by which an object names a user of the test's project.
func of(user string) map[string]string {
	return map[string]string{"user_id": user, "project_id": projectID}
}

func TestALiveEventWithATestKeyIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	live := b.stripe.AccountFor(stripetest.LiveKey)
	sub := subscribe(t, live, of(user))
	b.deliver()
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)

	keys.set(stripetest.TestKey)
	event := `{"id":"evt_x","object":"event","type":"customer.subscription.updated","livemode":true,` +
		`"data":{"object":{"id":"` + sub.ID + `"}}}`
	a := b.hook(projectID+"/live", event, sign(event, secret, time.Now()))
	want(t, "status", a.status, 404)
	want(t, "code", a.code(), "not_configured")
	want(t, "gate after the event", b.as(user, "GET", "/pro", nil).status, 204)
	want(t, "stored", b.stored(liveScope(), user)[0].Status, subscription.StatusActive)
	if !strings.Contains(b.logs.String(), "the secret key is not one of the mode") {
		t.Errorf("the log does not tell:\n%s", b.logs)
	}
}

func TestReconcileTakesNoKeyOfTheOtherMode(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	keys.set(stripetest.TestKey)
	subscribe(t, b.stripe.AccountFor(stripetest.TestKey), of(user))
	_, err := b.service.Reconcile(t.Context(), liveScope(), subscription.ReconcileOptions{CallsPerSecond: fast})
	if !errors.Is(err, project.ErrNotConfigured) {
		t.Errorf("error: %v", err)
	}
	want(t, "live subscriptions", len(b.stored(liveScope(), user)), 0)
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 402)
}

func TestEveryEndpointRefusesAKeyOfTheOtherMode(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	keys.set(stripetest.TestKey)
	for _, request := range [][2]string{
		{"POST", "checkout-session"},
		{"GET", "checkout-session/cs_test_1"},
		{"GET", "my-subscription"},
		{"GET", "my-payments"},
		{"POST", "customer-portal"},
		{"POST", "cancel-subscription"},
		{"POST", "resume-subscription"},
		{"POST", "update-subscription"},
		{"POST", "update-subscription/preview"},
	} {
		body := any(b.order(map[string]any{"return_url": origin, "new_price_id": b.monthly.ID}))
		if request[0] == "GET" {
			body = nil
		}
		a := b.as(user, request[0], "/billing/"+request[1]+"?test_mode=false", body)
		want(t, request[1], a.code(), "not_configured")
	}
}

// stored returns what the store has of a user.
func (b *bundle) stored(scope project.Scope, user string) []subscription.Subscription {
	b.t.Helper()
	subs, err := b.store.Subscriptions(b.t.Context(), subscription.Owner{Scope: scope, ID: user})
	b.must(err)
	return subs
}

// counting is a resolver that counts how often it is asked.
type counting struct{ asked atomic.Int64 }

func (c *counting) ResolveCredentials(context.Context, string, project.Mode) (project.Credentials, error) {
	c.asked.Add(1)
	return project.Credentials{}, project.ErrNotConfigured
}

func TestAWebhooksPathThatCanBeNoProjectNeverReachesTheResolver(t *testing.T) {
	t.Parallel()
	resolver := &counting{}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Credentials = resolver })
	b.settle()
	before := resolver.asked.Load()
	for _, path := range []string{"a%00b/test", "%ff%fe/test", "a/te%00st", "a/TEST", "a/%ff"} {
		a := b.hook(path, ping, sign(ping, secret, time.Now()))
		want(t, path, a.status, 404)
	}
	want(t, "questions to the resolver", resolver.asked.Load()-before, 0)
	b.hook("a/test", ping, sign(ping, secret, time.Now()))
	want(t, "questions about a project that can be", resolver.asked.Load()-before, 1)
}
