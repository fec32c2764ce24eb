package paymount_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// customer is the test user's Stripe customer.
func (b *bundle) customer() string { return b.stripe.Customers()[0].ID }

func TestClientsChooseAmongTheProrationsThatTheHostAllows(t *testing.T) {
	t.Parallel()
	const none, create, always = subscription.ProrationNone, subscription.CreateProrations, subscription.AlwaysInvoice
	for name, test := range map[string]struct {
		allowed  []subscription.Proration
		behavior map[subscription.Proration]int
		fallback subscription.Proration
	}{
		"by default":    {nil, map[subscription.Proration]int{create: 200, always: 200, none: 422}, create},
		"the host's":    {[]subscription.Proration{none, create}, map[subscription.Proration]int{none: 200, always: 422}, create},
		"another first": {[]subscription.Proration{always}, map[subscription.Proration]int{create: 422, none: 422}, always},
	} {
		b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Prorations = test.allowed })
		b.buy()
		for behavior, status := range test.behavior {
			change := map[string]any{"new_price_id": b.yearly.ID, "proration_behavior": behavior}
			a := b.post("update-subscription/preview", change)
			if a.status != status || status == 422 && a.fields()[0] != "body.proration_behavior" {
				t.Errorf("%s, preview with %s: %d %s", name, behavior, a.status, a.raw)
			}
			if status == 422 {
				want(t, name+", update with "+string(behavior), b.post("update-subscription", change).status, 422)
			}
		}
		want(t, "update", b.post("update-subscription", map[string]any{"new_price_id": b.team.ID}).status, 200)
		calls := b.stripe.Calls("POST", "/v1/subscriptions/*")
		want(t, name+", calls", len(calls), 1)
		want(t, name+", what is sent by default", calls[0].Form.Get("proration_behavior"), string(test.fallback))
	}
}

func TestUpgradeChargesWhatThePreviewShowed(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.buy()
	b.advance(clock, 10*day)
	change := map[string]any{"new_price_id": b.yearly.ID, "proration_behavior": "always_invoice"}
	preview := b.post("update-subscription/preview", change)
	want(t, "preview", preview.status, 200)
	amount, _ := preview.body["amount_due_cents"].(float64)
	if lines, _ := preview.body["lines"].([]any); amount <= 0 || len(lines) < 2 || preview.text("currency") != "usd" {
		t.Fatalf("preview: %s", preview.raw)
	}
	b.advance(clock, 5*time.Minute)
	change["quote"] = preview.text("quote")
	want(t, "update", b.post("update-subscription", change).status, 200)
	b.settle()
	payments := b.as(user, "GET", "/billing/my-payments", nil)
	newest := payments.body["payments"].([]any)[0].(map[string]any)
	want(t, "charged", newest["amount_cents"], any(amount))
}

func TestQuoteHoldsForItsChangeAndForAWhile(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.buy()
	quote := b.post("update-subscription/preview", map[string]any{"new_price_id": b.yearly.ID}).text("quote")
	for name, body := range map[string]map[string]any{
		"another price":     {"new_price_id": b.monthly.ID, "quote": quote},
		"another quantity":  {"new_price_id": b.yearly.ID, "quote": quote, "quantity": 2},
		"another behaviour": {"new_price_id": b.yearly.ID, "quote": quote, "proration_behavior": "always_invoice"},
		"a cut quote":       {"new_price_id": b.yearly.ID, "quote": quote[:len(quote)-2]},
	} {
		want(t, name, b.post("update-subscription", body).code(), "conflict")
	}
	want(t, "previews", len(b.stripe.Calls("GET", "/v1/invoices/upcoming")), 1)
	b.advance(clock, 16*time.Minute)
	late := b.post("update-subscription", map[string]any{"new_price_id": b.yearly.ID, "quote": quote})
	want(t, "too late", late.code(), "conflict")
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
}

func TestQuotesAreGoodAtEveryReplicaWithTheSameKey(t *testing.T) {
	t.Parallel()
	keys := [][]byte{nil, []byte(strings.Repeat("a", 32)), []byte(strings.Repeat("b", 32))}
	for given, key := range keys {
		var config paymount.Config
		b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
			c.QuoteKey = key
			config = *c
		})
		config.StripeURL = b.stripe.URL
		b.buy()
		change := map[string]any{"new_price_id": b.yearly.ID}
		change["quote"] = b.post("update-subscription/preview", change).text("quote")
		for taken, key := range keys {
			config.QuoteKey = key
			if other := b.replica(config); taken != given {
				want(t, "with another key", other.post("update-subscription", change).code(), "conflict")
			}
		}
		config.QuoteKey = key
		want(t, "with the same key", b.replica(config).post("update-subscription", change).status, 200)
	}
}

func TestQuoteWhoseAmountHasChangedIsRefused(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share, func(c *paymount.Config, _ *stripetest.Options) {
		c.Prorations = []subscription.Proration{subscription.CreateProrations, subscription.ProrationNone}
	})
	b.buy()
	b.advance(clock, day)
	change := map[string]any{"new_price_id": b.yearly.ID}
	change["quote"] = b.post("update-subscription/preview", change).text("quote")
	other := map[string]any{"new_price_id": b.team.ID, "proration_behavior": "none"}
	want(t, "a change in between", b.post("update-subscription", other).status, 200)
	want(t, "update", b.post("update-subscription", change).code(), "conflict")
}

func TestFailedUpgradeLeavesTheOldPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	if err := b.stripe.SetCardFails(b.customer(), true); err != nil {
		t.Fatal(err)
	}
	a := b.post("update-subscription", map[string]any{"new_price_id": b.yearly.ID, "proration_behavior": "always_invoice"})
	want(t, "status", a.status, 502)
	want(t, "code", a.code(), "stripe_error")
	b.settle()
	current := b.as(user, "GET", "/billing/my-subscription", nil)
	want(t, "plan", current.text("plan_name"), "Pro")
	want(t, "status", current.text("status"), "active")
	truth, _ := b.stripe.Subscription(sub)
	want(t, "price at Stripe", truth.Items[0].Price, b.monthly.ID)
}

func TestScheduledSubscriptionsAreNotChangedHere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	change := map[string]any{"new_price_id": b.yearly.ID}
	if _, err := b.stripe.SetSchedule(sub); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]any{
		"update-subscription": change, "update-subscription/preview": change,
		"cancel-subscription": map[string]any{}, "resume-subscription": nil,
	} {
		a := b.post(path, body)
		if a.status != 409 || a.code() != "conflict" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
}

func TestRenewalsFailuresAndRecoveryAreFollowed(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.buy()
	gate := func() int { return b.as(user, "GET", "/pro", nil).status }
	b.advance(clock, 32*day)
	payments := b.as(user, "GET", "/billing/my-payments", nil)
	want(t, "payments after a renewal", payments.body["total"], any(2.0))
	if err := b.stripe.SetCardFails(b.customer(), true); err != nil {
		t.Fatal(err)
	}
	b.advance(clock, 30*day)
	want(t, "status after a failed renewal", b.status(user), "past_due")
	want(t, "gate within the grace", gate(), 204)
	payments = b.as(user, "GET", "/billing/my-payments", nil)
	newest := payments.body["payments"].([]any)[0].(map[string]any)
	want(t, "the failed payment", newest["status"], any("failed"))
	if err := b.stripe.SetCardFails(b.customer(), false); err != nil {
		t.Fatal(err)
	}
	b.advance(clock, 8*day)
	want(t, "status after a retry", b.status(user), "active")
	want(t, "gate", gate(), 204)
}

// clock is a time that the app and Stripe share.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) share(config *paymount.Config, o *stripetest.Options) {
	config.Now, o.Now = c.time, c.time
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// advance lets time pass, events delivered.
func (b *bundle) advance(c *clock, d time.Duration) {
	b.t.Helper()
	c.move(d)
	b.stripe.Tick()
	b.settle()
}

const day = 24 * time.Hour

func TestDisputesAndRefundsKeepTheSubscription(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	intent := b.stripe.PaymentIntents()[0].ID
	if _, err := b.stripe.Dispute(intent); err != nil {
		t.Fatal(err)
	}
	if _, err := b.stripe.Refund(intent, 1200); err != nil {
		t.Logf("refund while disputed: %v", err)
	}
	b.settle()
	want(t, "status", b.status(user), "active")
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
}

func TestPausedCollectionStillEntitles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	if err := b.stripe.PauseCollection(sub, "void"); err != nil {
		t.Fatal(err)
	}
	b.settle()
	a := b.as(user, "GET", "/billing/my-subscription", nil)
	want(t, "status", a.text("status"), "active")
	want(t, "collection_paused", a.body["collection_paused"], any(true))
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
}

func TestPreviewOfNothingDueIsZero(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	want(t, "cancel", b.post("cancel-subscription", nil).status, 200)
	a := b.post("update-subscription/preview", map[string]any{"new_price_id": b.monthly.ID})
	want(t, "preview", a.status, 200)
	want(t, "amount", a.body["amount_due_cents"], any(0.0))
	want(t, "currency", a.text("currency"), "usd")
}

func TestASubscriptionWithoutItsFirstPaymentIsNotChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.mustCheckout()
	if err := b.stripe.Decline(id); err != nil {
		t.Fatal(err)
	}
	b.settle()
	for _, path := range []string{"update-subscription", "update-subscription/preview"} {
		a := b.post(path, map[string]any{"new_price_id": b.yearly.ID})
		want(t, path, a.status, http.StatusConflict)
	}
	want(t, "the plan at Stripe", b.stripe.Subscriptions()[0].Items[0].Price, b.monthly.ID)
}
