package paymount_test

import (
	"context"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

func TestAWebhookIsOneReadAndOneWriteOfTheStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hook subscription.OnChange
		want string
	}{
		"nobody is notified": {nil, "Load Save"},
		"the host is":        {func(context.Context, subscription.Change) error { return nil }, "Load Save SaveNotification"},
	} {
		store := &countingStore{}
		b := setup(t, func(config *paymount.Config, o *stripetest.Options) {
			store.SubscriptionStore = config.Store
			config.Store, config.OnChange, o.Hold = store, c.hook, true
		})
		b.must(b.stripe.Complete(b.mustCheckout()))
		b.deliver() // whose the customer is, the process knows from now on
		b.must(b.stripe.SetStatus(b.stripe.Subscriptions()[0].ID, "past_due"))
		store.take()
		first := b.stripe.Pending()[0]
		for _, want := range []string{c.want, "Load"} { // and once more
			if _, err := b.stripe.Deliver(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			if got := store.take(); got != want {
				t.Errorf("%s: the store is called for %q, want %q", name, got, want)
			}
			b.must(b.stripe.Resend(first.Event.ID))
			first = b.stripe.Pending()[len(b.stripe.Pending())-1]
		}
	}
}
