package paymount_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
)

func TestPriceAllowListHoldsWithoutAskingStripe(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Credentials = auth.Static{project: {auth.ModeTest: {SecretKey: stripetest.TestKey, Prices: []string{"price_listed"}}}}
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
