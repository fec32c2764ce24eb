package paymount_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

func TestStripeTakesTheEventTypesAsTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	types := paymount.EventTypes()
	if _, err := b.stripe.AddWebhook(stripetest.Webhook{URL: "http://127.0.0.1:1", Secrets: []string{secret}, Events: types}); err != nil {
		t.Error(err)
	}
	want(t, "types named twice", len(types)-len(slices.Compact(slices.Sorted(slices.Values(types)))), 0)
	types[0] = "changed"
	want(t, "the next caller's list", paymount.EventTypes()[0] == "changed", false)
}

// TestEveryEventTypeIsHandled posts an event of each type, and looks at what is asked of Stripe then.
func TestEveryEventTypeIsHandled(t *testing.T) {
	t.Parallel()
	objects := map[string]string{
		"checkout.session": `"id":"cs_1","mode":"payment","payment_intent":"pi_1"`, "customer.subscription": `"id":"sub_1"`,
		"invoice": `"id":"in_1"`, "invoice_payment": `"id":"inpay_1","invoice":"in_1"`,
		"payment_intent": `"id":"pi_1","metadata":{"user_id":"u","project_id":"` + projectID + `"}`,
		"charge":         `"id":"ch_1","payment_intent":"pi_1"`, "charge.refund": `"id":"re_1","payment_intent":"pi_1"`,
		"refund":         `"id":"re_1","payment_intent":"pi_1"`,
		"charge.dispute": `"id":"dp_1","payment_intent":"pi_1"`, "subscription_schedule": `"id":"sub_sched_1","subscription":"sub_1"`,
	}
	asked := map[string]string{
		"checkout.session": "payment_intents/pi_1", "customer.subscription": "subscriptions/sub_1", "invoice": "invoices/in_1",
		"invoice_payment": "invoices/in_1", "payment_intent": "payment_intents/pi_1", "charge": "payment_intents/pi_1",
		"charge.refund": "payment_intents/pi_1",
		"refund":        "payment_intents/pi_1", "charge.dispute": "payment_intents/pi_1",
		"subscription_schedule": "subscriptions/sub_1",
	}
	b := setup(t)
	for n, name := range paymount.EventTypes() {
		family := name[:strings.LastIndex(name, ".")]
		object, tracked := objects[family]
		if !tracked {
			continue // prices, products and customers: looked at by tests of their own
		}
		payload := fmt.Sprintf(`{"id":"evt_%d","type":%q,"livemode":false,"data":{"object":{%s}}}`, n, name, object)
		b.stripe.ResetCalls()
		a := b.hook(projectID+"/test", payload, sign(payload, secret, time.Now()))
		want(t, name, a.status, http.StatusOK)
		want(t, name+": calls for "+asked[family], len(b.stripe.Calls(http.MethodGet, "/v1/"+asked[family])), 1)
	}
}

func TestAReleasedScheduleRefetchesItsFormerSubscription(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.stripe.ResetCalls()
	payload := `{"id":"evt_1","type":"subscription_schedule.released","data":{"object":{"id":"sub_sched_1","subscription":null,` +
		`"released_subscription":"` + sub + `"}}}`
	want(t, "answer", b.hook(projectID+"/test", payload, sign(payload, secret, time.Now())).status, http.StatusOK)
	want(t, "calls", len(b.stripe.Calls(http.MethodGet, "/v1/subscriptions/"+sub)), 1)
}

func TestAChangedPriceOrProductIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	price := "/v1/prices/" + b.monthly.ID
	b.mustCheckout()
	b.mustCheckout(map[string]any{"cancel_url": origin + "/other"})
	want(t, "looks at the price before", len(b.stripe.Calls(http.MethodGet, price)), 1)
	truth, _ := b.stripe.Price(b.monthly.ID)
	for n, event := range []struct{ kind, object string }{
		{"price.updated", b.monthly.ID}, {"product.updated", truth.Product},
	} {
		payload := fmt.Sprintf(`{"id":"evt_%d","type":%q,"data":{"object":{"id":%q}}}`, n, event.kind, event.object)
		want(t, event.kind, b.hook(projectID+"/test", payload, sign(payload, secret, time.Now())).status, http.StatusOK)
		b.mustCheckout(map[string]any{"cancel_url": fmt.Sprintf("%s/%d", origin, n)})
		want(t, "looks at the price after "+event.kind, len(b.stripe.Calls(http.MethodGet, price)), 2+n)
	}
	b.must(b.stripe.SetPriceActive(b.monthly.ID, false))
	b.settle()
	a := b.checkout(map[string]any{"cancel_url": origin + "/last"})
	want(t, "an archived price", a.status, http.StatusUnprocessableEntity)
	want(t, "sessions asked for", len(b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions")), 4)
}

func TestAChangedCustomerIsNoReasonToAskStripe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	b.stripe.ResetCalls()
	payload := `{"id":"evt_1","type":"customer.updated","data":{"object":{"id":"` + b.customer() + `"}}}`
	want(t, "answer", b.hook(projectID+"/test", payload, sign(payload, secret, time.Now())).status, http.StatusOK)
	want(t, "calls", len(b.stripe.Calls()), 0)
}
