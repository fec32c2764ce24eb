package paymount_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

const strangeKey = "sk_live_strange" // of another Stripe account

// event is a signed live event about a subscription, delivered to the live webhook.
func (b *bundle) event(id, subscriptionID string) answer {
	b.t.Helper()
	payload := fmt.Sprintf(`{"id":%q,"object":"event","type":"customer.subscription.updated","livemode":true,`+
		`"data":{"object":{"id":%q}}}`, id, subscriptionID)
	return b.hook(projectID+"/live", payload, sign(payload, secret, time.Now()))
}

func TestALiveObjectThatStripeDoesNotKnowIsNoNews(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	old := subscribe(t, live, of(user))
	b.deliver()
	fresh := subscribe(t, live, of("ann"))
	b.drop()

	keys.set(strangeKey)
	for id, sub := range map[string]stripetest.Subscription{"evt_old": old, "evt_fresh": fresh} {
		a := b.event(id, sub.ID)
		want(t, id, a.status, 500)
		want(t, id, a.code(), "internal_error")
	}
	if !strings.Contains(b.logs.String(), "is the key one of another account?") {
		t.Errorf("the log does not tell:\n%s", b.logs)
	}
	want(t, "stored", b.stored(liveScope(), user)[0].Status, subscription.StatusActive)
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)

	// Nothing was recorded: with the right key the redeliveries are applied.
	keys.set(stripetest.LiveKey)
	b.must(live.CancelSubscription(old.ID))
	b.drop()
	want(t, "old", b.event("evt_old", old.ID).status, 200)
	want(t, "fresh", b.event("evt_fresh", fresh.ID).status, 200)
	want(t, "gate of who cancelled", b.as(user, "GET", "/pro", nil).status, 402)
	want(t, "gate of who bought", b.as("ann", "GET", "/pro", nil).status, 204)
}

func TestATestObjectThatIsGoneHasEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.buy()
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	b.must(b.stripe.DeleteTestData())
	event := strings.Replace(updated, "sub_1", id, 1)
	want(t, "event", b.hook(projectID+"/test", event, sign(event, secret, time.Now())).status, 200)
	want(t, "gate at once", b.as(user, "GET", "/pro", nil).status, 402)
	want(t, "subscription", b.status(user), "")
}

func TestAFullWalkEndsTestSubscriptionsThatAreGone(t *testing.T) {
	t.Parallel()
	b := held(t)
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.deliver()
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	b.must(b.stripe.DeleteTestData())
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	result := b.reconcile(subscription.ReconcileOptions{Full: true})
	want(t, "missing", len(result.Missing), 0)
	want(t, "gate at once", b.as(user, "GET", "/pro", nil).status, 402)
	want(t, "stored", b.stored(testScope(), user)[0].Status, subscription.StatusCanceled)
}

func TestTheHostHearsOfTheEndOfWhatIsGoneWhenItTakesIt(t *testing.T) {
	t.Parallel()
	var fails atomic.Bool
	var last subscription.Status
	b := held(t, past, func(c *paymount.Config, _ *stripetest.Options) {
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			if fails.Load() {
				return errors.New("the host's database is away")
			}
			last = change.New.Status
			return nil
		}
	})
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	b.reconcile(subscription.ReconcileOptions{})
	b.must(b.stripe.DeleteTestData())

	// A request finds that it is gone, which no event tells.
	fails.Store(true)
	a := b.as(user, "POST", "/billing/cancel-subscription", nil)
	want(t, "status", a.status, 404)
	want(t, "stored", b.stored(testScope(), user)[0].Status, subscription.StatusCanceled)
	want(t, "what the host knows", last, subscription.StatusActive)

	fails.Store(false)
	b.reconcile(subscription.ReconcileOptions{Full: true})
	want(t, "what the host knows then", last, subscription.StatusCanceled)
}

func TestAFullWalkWithAKeyOfAnotherAccountLeavesLiveSubscriptions(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	sub := subscribe(t, b.stripe.AccountFor(stripetest.LiveKey), of(user))
	b.deliver()
	keys.set(strangeKey)
	result, err := b.service.Reconcile(t.Context(), liveScope(), subscription.ReconcileOptions{Full: true, CallsPerSecond: fast})
	b.must(err)
	want(t, "missing", strings.Join(result.Missing, " "), sub.ID)
	want(t, "stored", b.stored(liveScope(), user)[0].Status, subscription.StatusActive)
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
}

func TestARunWithTheKeyOfAnotherAccountSkipsNoEvent(t *testing.T) {
	t.Parallel()
	keys, clock := &changing{}, newClock()
	keys.set(stripetest.LiveKey)
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
		c.Credentials, c.EntitlementMode, o.Hold = keys, project.ModeLive, true
		clock.share(c, o)
	})
	b.must(b.stripe.AddAccount(strangeKey))
	run := func() subscription.ReconcileResult {
		t.Helper()
		result, err := b.service.Reconcile(t.Context(), liveScope(), subscription.ReconcileOptions{CallsPerSecond: fast})
		b.must(err)
		return result
	}
	run()
	want(t, "a full walk once more", run().Full, false)
	subscribe(t, b.stripe.AccountFor(stripetest.LiveKey), of(user))
	b.drop()

	clock.move(time.Hour)
	keys.set(strangeKey)
	run()
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 402)
	clock.move(time.Hour)
	keys.set(stripetest.LiveKey)
	run()
	want(t, "gate with the right key", b.as(user, "GET", "/pro", nil).status, 204)
}

func TestAFullWalkEndsWhenStripeKnowsTooFewOfTheLiveSubscriptions(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	for range 120 {
		_, err := live.AddSubscription(live.AddCustomer("person@example.com").ID, price.ID, of(user))
		b.must(err)
	}
	b.drop()
	options := subscription.ReconcileOptions{Full: true, CallsPerSecond: fast}
	_, err := b.service.Reconcile(t.Context(), liveScope(), options)
	b.must(err)
	keys.set(strangeKey)
	result, err := b.service.Reconcile(t.Context(), liveScope(), options)
	if !errors.Is(err, subscription.ErrMissingInLive) {
		t.Errorf("error: %v", err)
	}
	if n := len(result.Missing); n < 100 || n > 200 {
		t.Errorf("%d are missing", n)
	}
	for _, s := range b.stored(liveScope(), user) {
		want(t, s.ID, s.Status, subscription.StatusActive)
	}
}

func TestTheKeyOfAnotherAccountForAWhileMakesNoSecondCustomerOrSession(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]bool{"the same request": false, "another request": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, keys := inLive(t)
			b.must(b.stripe.AddAccount(strangeKey))
			live := b.stripe.AccountFor(stripetest.LiveKey)
			order := b.order()
			order["price_id"] = live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
			buy := func(quantity int) answer {
				order["quantity"] = quantity
				return b.as(user, "POST", "/billing/checkout-session?test_mode=false", order)
			}
			want(t, "status", buy(1).status, 200)

			keys.set(strangeKey)
			quantity := map[bool]int{false: 1, true: 2}[other]
			want(t, "status with the key of another account", buy(quantity).status, 422) // it has no such price
			if n := len(live.Sessions()); n != 1 {
				t.Fatalf("%d sessions", n)
			}

			keys.set(stripetest.LiveKey)
			a := buy(quantity)
			want(t, "status with the right key", a.status, 200)
			want(t, "customers", len(live.Customers()), 1)
			for _, s := range live.Sessions() {
				want(t, "open: "+s.ID, s.Status == "open", s.ID == a.text("session_id"))
			}
		})
	}
}

func TestARequestWithTheRightKeyMayComeAtAnyStepOfOneWithTheKeyOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for step := 1; step <= 40; step++ {
		t.Run(fmt.Sprintf("step %d", step), func(t *testing.T) {
			t.Parallel()
			store, keys := &meanwhile{Store: memstore.New()}, &changing{}
			keys.set(stripetest.LiveKey)
			var config paymount.Config
			b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
				c.Store, c.Credentials, c.EntitlementMode, o.Hold = store, keys, project.ModeLive, true
				config = *c
			})
			config.StripeURL = b.stripe.URL
			other := b.replica(config)
			b.must(b.stripe.AddAccount(strangeKey))
			live := b.stripe.AccountFor(stripetest.LiveKey)
			price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
			buy := func(replica *bundle, quantity int) answer {
				order := b.order(map[string]any{"price_id": price, "quantity": quantity})
				return replica.as(user, "POST", "/billing/checkout-session?test_mode=false", order)
			}
			want(t, "status", buy(b, 1).status, 200)

			keys.set(strangeKey)
			var sold answer
			store.before(step, func() {
				keys.set(stripetest.LiveKey)
				sold = buy(other, 3)
				var open []string
				for _, s := range live.Sessions() {
					if s.Status == "open" {
						open = append(open, s.ID)
					}
				}
				want(t, "open sessions meanwhile", strings.Join(open, " "), sold.text("session_id"))
			})
			buy(b, 2)
			store.before(0, nil)
			keys.set(stripetest.LiveKey)
			if sold.status == 0 { // it was over by then
				sold = buy(other, 3)
			}
			want(t, "status of the one with the right key", sold.status, 200)
			last := buy(b, 4)
			want(t, "status of the last one", last.status, 200)
			want(t, "customers", len(live.Customers()), 1)
			for _, s := range live.Sessions() {
				want(t, "open: "+s.ID, s.Status == "open", s.ID == last.text("session_id"))
			}
		})
	}
}

func TestWhatIsFoundWithACustomerThatComesBackIsInTheWay(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
	buy := func(quantity int) answer {
		order := b.order(map[string]any{"price_id": price, "quantity": quantity})
		return b.as(user, "POST", "/billing/checkout-session?test_mode=false", order)
	}
	b.must(live.Complete(buy(1).text("session_id"))) // its events do not arrive
	keys.set(strangeKey)
	want(t, "status with the key of another account", buy(2).status, 422) // it has no such price
	keys.set(stripetest.LiveKey)
	for range 2 {
		want(t, "with the right key", buy(2).code(), "subscription_exists")
	}
	want(t, "sessions", len(live.Sessions()), 1)
}

func TestTheSessionOfACustomerThatIsDeletedMeanwhileIsEndedToo(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
	buy := func(quantity int) answer {
		order := b.order(map[string]any{"price_id": price, "quantity": quantity})
		return b.as(user, "POST", "/billing/checkout-session?test_mode=false", order)
	}
	want(t, "status", buy(1).status, 200)
	keys.set(strangeKey)
	b.must(live.DeleteCustomer(live.Customers()[0].ID))
	want(t, "status with the key of another account", buy(2).status, 422) // it has no such price
	keys.set(stripetest.LiveKey)
	last := buy(2)
	want(t, "status with the right key", last.status, 200)
	for _, s := range live.Sessions() {
		want(t, "open: "+s.ID, s.Status == "open", s.ID == last.text("session_id"))
	}
}

func TestTheSessionOfACustomerThatWasLetGoBeforeIsEndedToo(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
	buy := func(quantity int) answer {
		order := b.order(map[string]any{"price_id": price, "quantity": quantity})
		return b.as(user, "POST", "/billing/checkout-session?test_mode=false", order)
	}
	b.deliver() // so that no event lets the price be looked up with the other key
	want(t, "status", buy(1).status, 200)
	b.must(live.DeleteCustomer(live.Customers()[0].ID))
	b.deliver() // the user has no customer any more, and the session is still open
	keys.set(strangeKey)
	want(t, "status with the key of another account", buy(2).status, 422) // it has no such price
	keys.set(stripetest.LiveKey)
	last := buy(2)
	want(t, "status with the right key", last.status, 200)
	for _, s := range live.Sessions() {
		want(t, "open: "+s.ID, s.Status == "open", s.ID == last.text("session_id"))
	}
}

func TestAUserWhoseCustomerIsOfAnotherAccountCanBuy(t *testing.T) {
	t.Parallel()
	b, keys := inLive(t)
	b.must(b.stripe.AddAccount(strangeKey))
	live := b.stripe.AccountFor(stripetest.LiveKey)
	order := b.order()
	order["price_id"] = live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
	want(t, "somebody else's status", b.as("ann", "POST", "/billing/checkout-session?test_mode=false", order).status, 200)
	keys.set(strangeKey)
	want(t, "status", b.as(user, "POST", "/billing/checkout-session?test_mode=false", order).status, 422)
	want(t, "customers of the other account", len(b.stripe.AccountFor(strangeKey).Customers()), 1)
	keys.set(stripetest.LiveKey)
	want(t, "status with the right key", b.as(user, "POST", "/billing/checkout-session?test_mode=false", order).status, 200)
}

func TestAWalkLooksUpNothingThatItsListsHaveShown(t *testing.T) {
	t.Parallel()
	b := held(t, func(c *paymount.Config, _ *stripetest.Options) { c.Owner = nil })
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.deliver()
	b.stripe.ResetCalls()
	b.reconcile(subscription.ReconcileOptions{Full: true})
	want(t, "lookups", len(b.stripe.Calls("GET /v1/subscriptions/{id}")), 0)
}

func TestADraftInvoiceThatIsDeletedFailsNoLiveWebhook(t *testing.T) {
	t.Parallel()
	b, _ := inLive(t)
	for _, kind := range []string{"invoice.updated", "invoice.paid"} {
		payload := `{"id":"evt_1","object":"event","type":"` + kind + `","livemode":true,"data":{"object":` +
			`{"id":"in_deleted","object":"invoice","status":"draft"}}}`
		want(t, kind, b.hook(projectID+"/live", payload, sign(payload, secret, time.Now())).status, 200)
	}
}
