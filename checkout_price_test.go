package paymount_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

func TestPriceAllowListHoldsWithoutAskingStripe(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Credentials = project.Static{projectID: {project.ModeTest: {SecretKey: stripetest.TestKey, Prices: []string{"price_listed"}}}}
	})
	a := b.checkout()
	want(t, "status", a.status, http.StatusUnprocessableEntity)
	want(t, "calls", len(b.stripe.Calls()), 0)
	live := b.as(user, http.MethodPost, "/billing/checkout-session?test_mode=off", b.order())
	want(t, "live mode without credentials", live.code(), "not_configured")
	other := b.as("u@other", http.MethodPost, "/billing/checkout-session", b.order())
	want(t, "unknown project", other.raw, live.raw)
}

func TestPricesAreLookedAtAnewAfterAWhile(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	for quantity, looks := range []int{1, 1, 2} {
		b.mustCheckout(map[string]any{"quantity": quantity + 1})
		want(t, "looks at the price", len(b.stripe.Calls(http.MethodGet, "/v1/prices/*")), looks)
		b.advance(clock, 3*time.Minute)
	}
}

func TestAMeteredPriceIsSoldWithoutAQuantity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	metered := map[string]any{"price_id": b.stripe.AddPrice(stripetest.PriceSpec{
		Product: "Calls", Amount: 3, Interval: "month", Metered: true,
	}).ID}
	for _, quantity := range []int{1, 2} {
		a := b.checkout(metered, map[string]any{"quantity": quantity})
		want(t, "status with a quantity", a.status, http.StatusUnprocessableEntity)
		want(t, "field", strings.Join(a.fields(), ","), "body.quantity")
	}
	want(t, "sessions made", len(b.stripe.Sessions()), 0)
	b.buy(metered)
	a := b.as(user, http.MethodGet, "/billing/my-subscription", nil)
	want(t, "status", a.text("status"), "active")
	want(t, "quantity that is shown", a.body["quantity"], any(1.0))
}

func TestACurrencyThatTheCustomerCannotBeChargedInIsAMistakeInThePrice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	euros := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1100, Currency: "eur", Interval: "month"})
	a := b.checkout(map[string]any{"price_id": euros.ID, "allow_existing_subscription": true})
	want(t, "status", a.status, http.StatusUnprocessableEntity)
	want(t, "field", strings.Join(a.fields(), ","), "body.price_id")
	once := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500, Currency: "eur"})
	b.mustCheckout(map[string]any{"price_id": once.ID, "mode": "payment", "allow_existing_subscription": true})
	b.mustCheckout(map[string]any{"price_id": b.yearly.ID, "allow_existing_subscription": true})
}

func TestAnIDThatIsNoPricesIsRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.stripe.ResetCalls()
	for _, id := range []string{
		"search", "price_", "pro", "PRICE_1", "price_a/b", "price_..", "price_a?b", "price_ä", " price_1", "prod_1",
	} {
		a := b.checkout(map[string]any{"price_id": id})
		want(t, id, a.status, http.StatusUnprocessableEntity)
		want(t, id+": field", strings.Join(a.fields(), ","), "body.price_id")
		for _, path := range []string{"/billing/update-subscription", "/billing/update-subscription/preview"} {
			a = b.as(user, http.MethodPost, path, map[string]any{"new_price_id": id})
			want(t, path+" "+id, strings.Join(a.fields(), ","), "body.new_price_id")
		}
	}
	for _, call := range b.stripe.Calls() {
		if call.Path != "/v1/subscriptions/"+sub {
			t.Errorf("%s %s", call.Method, call.Path)
		}
	}
}

func TestAPriceThatWasArchivedIsForgotten(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.mustCheckout()
	b.must(b.stripe.SetPriceActive(b.monthly.ID, false))
	for range 2 { // Stripe refuses the first session, and tells of the price when it is asked again
		a := b.checkout(map[string]any{"quantity": 2})
		want(t, "field", strings.Join(a.fields(), ","), "body.price_id")
	}
	want(t, "looks at the price", len(b.stripe.Calls(http.MethodGet, "/v1/prices/*")), 2)
	b.must(b.stripe.SetPriceActive(b.monthly.ID, true))
	b.advance(clock, 6*time.Second)
	b.mustCheckout(map[string]any{"quantity": 2})
}

func TestAPriceThatCannotBeSoldIsAskedForOnceInAWhile(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.must(b.stripe.SetPriceActive(b.yearly.ID, false))
	for _, id := range []string{"price_unknown", b.yearly.ID} {
		b.stripe.ResetCalls()
		for _, looks := range []int{1, 1, 1, 2} {
			want(t, id, strings.Join(b.checkout(map[string]any{"price_id": id}).fields(), ","), "body.price_id")
			want(t, id+": looks at the price", len(b.stripe.Calls(http.MethodGet)), looks)
			b.advance(clock, 2*time.Second)
		}
	}
}

func TestAUserWithALongIDBuysToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, length := range []int{200, 201, 255} {
		who := strings.Repeat("ü", length)
		a := b.as(who, http.MethodPost, "/billing/checkout-session", b.order())
		want(t, "checkout", a.status, http.StatusOK)
		session, _ := b.stripe.Session(a.text("session_id"))
		want(t, "user_id", session.Metadata["user_id"], who)
		reference := who
		if length > 200 {
			reference = ""
		}
		want(t, "client_reference_id", session.ClientReferenceID, reference)
		b.must(b.stripe.Complete(session.ID))
		b.settle()
		want(t, "my-subscription", b.status(who), "active")
	}
}
