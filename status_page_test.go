package paymount_test

import (
	"net/http"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// page asks for a session as the success page does, and tells how often Stripe was asked for it.
func (b *bundle) page(session, query string) (a answer, looks int) {
	b.t.Helper()
	b.stripe.ResetCalls()
	a = b.as(user, http.MethodGet, "/billing/checkout-session/"+session+query, nil)
	return a, len(b.stripe.Calls(http.MethodGet, "/v1/checkout/sessions/*"))
}

func TestASuccessPageWaitsOnlyForWhatIsStillToCome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	once := map[string]any{"mode": "payment", "price_id": b.once.ID}
	for name, test := range map[string]struct {
		order  map[string]any
		end    func(session string, buyer ...stripetest.Buyer) error
		status string
	}{
		"a paid payment":      {once, b.stripe.Complete, "complete"},
		"a pending payment":   {once, b.stripe.CompleteDelayed, "complete"},
		"an expired session":  {nil, func(id string, _ ...stripetest.Buyer) error { return b.stripe.Expire(id) }, "expired"},
		"a paid subscription": {map[string]any{"quantity": 2}, b.stripe.Complete, "complete"},
	} {
		session := b.mustCheckout(test.order, map[string]any{"allow_existing_subscription": true})
		b.must(test.end(session))
		a, looks := b.page(session, "?wait=1")
		want(t, name, a.text("status"), test.status)
		want(t, name+": looks", looks, 1)
	}

	open := b.mustCheckout(map[string]any{"allow_existing_subscription": true})
	_, looks := b.page(open, "")
	want(t, "looks at an open one without a wait", looks, 1)
	if _, looks = b.page(open, "?wait=1"); looks < 2 {
		t.Errorf("an open one was looked at %d times in a second", looks)
	}
}

func TestASuccessPageThatDoesNotWaitLooksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, newClock().share) // which stands still
	_, looks := b.page(b.mustCheckout(), "")
	want(t, "looks", looks, 1)
}

func TestASuccessPageWaitsForTheSubscriptionOfACompletedSession(t *testing.T) {
	t.Parallel()
	b := plainly(t, map[string][]string{"checkout.session": {"subscription"}})
	session := b.mustCheckout()
	b.must(b.stripe.Complete(session))
	a, looks := b.page(session, "?wait=1")
	want(t, "status", a.text("status"), "complete")
	if looks < 2 || a.body["subscription"] != nil {
		t.Errorf("%d looks: %s", looks, a.raw)
	}
}

func TestASuccessPageFetchesOnlyWhatTheStoreDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.mustCheckout()
	b.must(b.stripe.Complete(session))
	b.settle()
	subscription := func() any {
		a, _ := b.page(session, "")
		s, _ := a.body["subscription"].(map[string]any)
		return s["status"]
	}
	want(t, "once the webhook has come", subscription(), any("active"))
	want(t, "fetches", len(b.stripe.Calls(http.MethodGet, "/v1/subscriptions/*")), 0)

	bought, _ := b.stripe.Session(session)
	b.must(b.stripe.SetStatus(bought.Subscription, "incomplete"))
	b.settle()
	b.stripe.Hold()
	b.must(b.stripe.SetStatus(bought.Subscription, "active"))
	want(t, "when the store still has the first payment to come", subscription(), any("active"))

	b.must(b.stripe.SetStatus(bought.Subscription, "incomplete"))
	b.stripe.Release()
	b.settle()
	b.inject(stripetest.Fault{Method: http.MethodGet, Path: "/v1/subscriptions/*", Status: http.StatusServiceUnavailable})
	a, _ := b.page(session, "")
	want(t, "when Stripe can't be asked", a.status, http.StatusServiceUnavailable)
}
