package paymount_test

import (
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

func TestWhatManagingCostsInCalls(t *testing.T) {
	t.Parallel()
	store := &countingStore{}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		store.SubscriptionStore = c.Store
		c.Store = store
	})
	b.buy()
	b.stripe.Hold() // no webhook is counted
	account := b.service.For(ownerOf(user))
	entitled := func() error { _, _, err := account.Entitled(t.Context()); return err }
	b.must(entitled())
	const once = "Subscriptions Load Save"
	const before, andAfter = once, " Load Save"
	for _, step := range []struct {
		name   string
		do     func() error
		store  string
		stripe int
	}{
		{"my-subscription", func() error { _, _, err := account.Subscription(t.Context()); return err }, "Subscriptions", 0},
		{"my-payments", func() error { _, err := account.Payments(t.Context(), 1, 10); return err }, "Payments", 0},
		{"entitled, from memory", entitled, "", 0},
		{"portal", func() error {
			_, err := account.Portal(t.Context(), subscription.Portal{ReturnURL: origin})
			return err
		}, "Intent", 1},
		// Each asks Stripe before and after its change. The owner of the customer is remembered.
		{"cancel", func() error {
			_, err := account.Cancel(t.Context(), subscription.Cancellation{})
			return err
		}, before + andAfter, 3},
		{"cancel again", func() error {
			_, err := account.Cancel(t.Context(), subscription.Cancellation{})
			return err
		}, once, 1},
		{"resume", func() error { _, err := account.Resume(t.Context(), ""); return err }, before + andAfter, 3},
		{"update of a price, which is looked at once", func() error {
			_, err := account.Update(t.Context(), subscription.Update{PriceID: b.team.ID})
			return err
		}, before + andAfter, 4},
		{"seats", func() error {
			_, err := account.SetQuantity(t.Context(), "", "", 3)
			return err
		}, before + andAfter, 3},
		{"the same seats", func() error {
			_, err := account.SetQuantity(t.Context(), "", "", 3)
			return err
		}, once, 1},
		{"preview", func() error {
			_, err := account.Preview(t.Context(), subscription.Update{PriceID: b.monthly.ID})
			return err
		}, once, 2},
	} {
		store.take()
		b.stripe.ResetCalls()
		b.must(step.do())
		want(t, step.name+": calls of the store", store.take(), step.store)
		want(t, step.name+": calls to Stripe", len(b.stripe.Calls()), step.stripe)
	}
}
