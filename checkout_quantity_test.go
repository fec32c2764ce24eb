package paymount_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

func TestAQuantityAloneNeedsNoPrice(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	sub := b.buy()
	b.archive(b.monthly.ID)
	preview := b.post("update-subscription/preview", map[string]any{"quantity": 4})
	want(t, "preview", preview.status, 200)
	a := b.post("update-subscription", map[string]any{"quantity": 4, "quote": preview.text("quote")})
	want(t, "update", a.status, 200)
	want(t, "price_id", a.text("price_id"), b.monthly.ID)
	want(t, "effective_at", a.text("effective_at"), clock.time().Format(time.RFC3339))
	truth, _ := b.stripe.Subscription(sub)
	want(t, "quantity at Stripe", truth.Items[0].Quantity, 4)
	again := b.post("update-subscription", map[string]any{"quantity": 4})
	want(t, "again", again.status, 200)
	if again.text("effective_at") == "" {
		t.Errorf("again: %s", again.raw)
	}
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 1)
}

// archive ends the sale of a price.
func (b *bundle) archive(price string) {
	b.t.Helper()
	b.must(b.stripe.SetPriceActive(price, false))
	b.settle()
}

func TestAMeteredPriceHasNoQuantity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	metered := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Calls", Amount: 1, Interval: "month", Metered: true})
	sub := b.buy(map[string]any{"quantity": 3})
	for _, path := range []string{"update-subscription/preview", "update-subscription"} {
		given := b.post(path, map[string]any{"new_price_id": metered.ID, "quantity": 2})
		if given.status != 422 || given.fields()[0] != "body.quantity" {
			t.Errorf("%s with a quantity: %d %s", path, given.status, given.raw)
		}
		want(t, path, b.post(path, map[string]any{"new_price_id": metered.ID}).status, 200)
	}
	truth, _ := b.stripe.Subscription(sub)
	want(t, "price at Stripe", truth.Items[0].Price, metered.ID)
	want(t, "quantity shown", b.as(user, "GET", "/billing/my-subscription", nil).body["quantity"], any(1.0))
	for _, path := range []string{"update-subscription/preview", "update-subscription"} {
		alone := b.post(path, map[string]any{"quantity": 2})
		if alone.status != 422 || alone.fields()[0] != "body.quantity" {
			t.Errorf("%s with a quantity alone: %d %s", path, alone.status, alone.raw)
		}
	}
	want(t, "the same again", b.post("update-subscription", map[string]any{"new_price_id": metered.ID}).status, 200)
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 1)
	want(t, "cancel", b.post("cancel-subscription", map[string]any{"cancel_immediately": true}).status, 200)
	want(t, "its use is billed", b.stripe.Calls("DELETE", "/v1/subscriptions/*")[0].Form.Get("invoice_now"), "true")
}

func TestAPriceThatWasArchivedMeanwhileIsAMistakeInItsField(t *testing.T) {
	t.Parallel()
	for name, archive := range map[string]bool{"archived": true, "in another currency": false} {
		for _, path := range []string{"update-subscription", "update-subscription/preview"} {
			b := setup(t)
			b.buy()
			price := b.yearly
			if archive {
				want(t, "while it is sold", b.post("update-subscription/preview", map[string]any{"new_price_id": price.ID}).status, 200)
				b.stripe.Hold() // no event tells of it
				b.must(b.stripe.SetPriceActive(price.ID, false))
			} else {
				price = b.stripe.AddPrice(stripetest.PriceSpec{Product: "Euro", Amount: 900, Interval: "month", Currency: "eur"})
			}
			for range 2 {
				a := b.post(path, map[string]any{"new_price_id": price.ID})
				if a.status != 422 || a.fields()[0] != "body.new_price_id" {
					t.Errorf("%s, %s: %d %s", name, path, a.status, a.raw)
				}
			}
			attempts := len(b.stripe.Calls("POST", "/v1/subscriptions/*")) + len(b.stripe.Calls("GET", "/v1/invoices/upcoming"))
			if archive && path == "update-subscription" {
				want(t, "calls that Stripe refused", attempts, 2) // and one for the preview before
			}
		}
	}
}

func TestAPreviewShowsAllItsLines(t *testing.T) {
	t.Parallel()
	// Of a newer version's preview nothing but the first ten lines can be had: the last line is for the rest.
	counts := map[string]int{"the pinned version": 15, "a newer one": 11}
	for name, start := range map[string]func(*testing.T, ...option) *bundle{"the pinned version": setup, "a newer one": newer} {
		clock := newClock()
		b := start(t, clock.share)
		sub := b.buy()
		for range 12 {
			price := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Add-on", Amount: 100, Interval: "month"})
			b.must(b.stripe.AddItem(sub, price.ID, 1))
		}
		b.settle()
		b.advance(clock, 10*day)
		otherInterval := b.post("update-subscription/preview", map[string]any{"new_price_id": b.yearly.ID})
		want(t, name+": with another interval", otherInterval.status, 422)
		a := b.post("update-subscription/preview", map[string]any{"new_price_id": b.team.ID})
		want(t, name+": preview", a.status, 200)
		lines, _ := a.body["lines"].([]any)
		var sum float64
		for _, line := range lines {
			sum += line.(map[string]any)["amount_cents"].(float64)
		}
		want(t, name+": lines", len(lines), counts[name])
		want(t, name+": their sum", any(sum), a.body["amount_due_cents"])
	}
}

func TestAPreviewTakesAClockThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"two minutes behind": -2 * time.Minute, "past the period": 40 * day} {
		clock := newClock()
		b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
			o.Now = clock.time
			c.Now = func() time.Time { return clock.time().Add(by) }
		}, func(c *paymount.Config, _ *stripetest.Options) {
			c.HTTPClient = &http.Client{Timeout: time.Minute}
		})
		session := b.mustCheckout()
		b.must(b.stripe.Complete(session))
		want(t, name+": the success page", b.as(user, "GET", "/billing/checkout-session/"+session, nil).status, 200)
		change := map[string]any{"new_price_id": b.team.ID}
		preview := b.post("update-subscription/preview", change)
		want(t, name+": preview", preview.status, 200)
		change["quote"] = preview.text("quote")
		want(t, name+": update", b.post("update-subscription", change).status, 200)
	}
}
