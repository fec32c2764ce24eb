package paymount_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/stripetest"
)

// post sends a POST of the test's user to an endpoint.
func (b *bundle) post(path string, body any) answer {
	b.t.Helper()
	return b.as(user, http.MethodPost, "/billing/"+path, body)
}

func TestUsersWithoutASubscriptionHaveNothingToManage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, body := range map[string]any{
		"cancel-subscription": map[string]any{}, "resume-subscription": nil,
		"customer-portal":             map[string]any{"return_url": origin + "/"},
		"update-subscription":         map[string]any{"new_price_id": b.yearly.ID},
		"update-subscription/preview": map[string]any{"new_price_id": b.yearly.ID},
	} {
		a := b.post(path, body)
		if a.status != 404 || a.code() != "not_found" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
}

func TestCancelAtPeriodEndAndResume(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	for range 2 {
		a := b.post("cancel-subscription", map[string]any{})
		want(t, "status", a.status, 200)
		want(t, "subscription_id", a.text("subscription_id"), sub)
		want(t, "subscription's status", a.text("status"), "active")
		if a.text("cancel_at") == "" || a.text("cancelled_at") == "" || a.text("message") == "" {
			t.Errorf("answer: %s", a.raw)
		}
	}
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 1)
	want(t, "still blocked", b.checkout().code(), "subscription_exists")
	a := b.post("resume-subscription", nil)
	want(t, "resume", a.status, 200)
	want(t, "subscription_id", a.text("subscription_id"), sub)
	want(t, "cancel_at", a.body["cancel_at"], nil)
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 2)
	want(t, "nothing to resume", b.post("resume-subscription", nil).code(), "conflict")
}

func TestResumeTakesBackADate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	if err := b.stripe.ScheduleCancelAt(sub, time.Now().Add(72*time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.settle()
	again := b.post("cancel-subscription", map[string]any{})
	want(t, "cancel", again.status, 200)
	want(t, "changes of what is scheduled already", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
	remove := b.inject(stripetest.Fault{Method: http.MethodPost, Path: "/v1/subscriptions/*", Status: http.StatusBadRequest})
	want(t, "while Stripe refuses", b.post("resume-subscription", nil).status, http.StatusBadGateway)
	remove()
	a := b.post("resume-subscription", nil)
	want(t, "resume", a.status, 200)
	want(t, "subscription_id", a.text("subscription_id"), sub)
	truth, _ := b.stripe.Subscription(sub)
	want(t, "cancel_at at Stripe", truth.CancelAt, 0)
}

func TestResumeTakesBackAFlagAndADate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.must(b.stripe.ScheduleCancel(sub, true))
	b.settle()
	b.inject(stripetest.Fault{
		Method: http.MethodPost, Path: "/v1/subscriptions/*", Acted: true, Times: 1,
		OnHit: func(stripetest.Call) { b.must(b.stripe.ScheduleCancelAt(sub, time.Now().Add(72*time.Hour))) },
	})
	a := b.post("resume-subscription", nil)
	want(t, "resume", a.status, 200)
	want(t, "cancel_at", a.body["cancel_at"], nil)
	truth, _ := b.stripe.Subscription(sub)
	want(t, "cancel_at at Stripe", truth.CancelAt, 0)
}

func TestCancelWithoutASubscriptionTellsOfTheLastCancelled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	var last string
	for range 4 { // in whichever order the store has them
		last = b.buy()
		b.must(b.stripe.CancelSubscription(last))
		b.advance(clock, day)
	}
	never := b.incomplete()
	b.advance(clock, day)
	truth, _ := b.stripe.Subscription(never)
	want(t, "one that nobody has cancelled", truth.Status, "incomplete_expired")
	want(t, "subscription_id", b.post("cancel-subscription", map[string]any{}).text("subscription_id"), last)
}

func TestCancelAtOnceClosesTheGateAndCanBeAskedTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.stripe.Hold()
	for range 2 {
		a := b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
		want(t, "status", a.status, 200)
		want(t, "subscription's status", a.text("status"), "canceled")
		want(t, "subscription_id", a.text("subscription_id"), sub)
	}
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 402)
	b.mustCheckout()
}

func TestPortalIsForTheUsersOwnCustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	a := b.post("customer-portal", map[string]any{"return_url": origin + "/account"})
	want(t, "status", a.status, 200)
	if !strings.HasPrefix(a.text("portal_url"), b.stripe.URL) {
		t.Errorf("portal_url: %s", a.raw)
	}
	calls := b.stripe.Calls("POST", "/v1/billing_portal/sessions")
	want(t, "calls", len(calls), 1)
	want(t, "return_url", calls[0].Form.Get("return_url"), origin+"/account")
	b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
	want(t, "for past payments", b.post("customer-portal", map[string]any{"return_url": origin + "/account"}).status, 200)
	evil := b.post("customer-portal", map[string]any{"return_url": "https://evil.example/"})
	want(t, "another origin", evil.status, 422)
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	for name, test := range map[string]struct {
		body   map[string]any
		fields string
	}{
		"nothing":             {map[string]any{}, "body.new_price_id"},
		"an unknown price":    {map[string]any{"new_price_id": "price_unknown"}, "body.new_price_id"},
		"a one-time price":    {map[string]any{"new_price_id": b.once.ID}, "body.new_price_id"},
		"an odd behaviour":    {map[string]any{"new_price_id": b.yearly.ID, "proration_behavior": "free"}, "body.proration_behavior"},
		"a quantity of zero":  {map[string]any{"new_price_id": b.yearly.ID, "quantity": 0}, "body.quantity"},
		"items":               {map[string]any{"new_price_id": b.yearly.ID, "items": []any{}}, "body.items"},
		"a later change":      {map[string]any{"new_price_id": b.yearly.ID, "when": "period_end"}, "body.when"},
		"a number as a quote": {map[string]any{"new_price_id": b.yearly.ID, "quote": 1}, "body.quote"},
		"an empty quote":      {map[string]any{"new_price_id": b.yearly.ID, "quote": ""}, "body.quote"},
	} {
		for _, path := range []string{"update-subscription", "update-subscription/preview"} {
			a := b.post(path, test.body)
			if a.status != 422 || strings.Join(a.fields(), ",") != test.fields {
				t.Errorf("%s, %s: %d %s", name, path, a.status, a.raw)
			}
		}
	}
	forged := b.post("update-subscription", map[string]any{"new_price_id": b.yearly.ID, "quote": "e30.AAAA"})
	want(t, "a forged quote", forged.code(), "conflict")
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
}

func TestUpdateKeepsTheQuantityAndDoesNothingTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy(map[string]any{"quantity": 3})
	for range 2 {
		a := b.post("update-subscription", map[string]any{"new_price_id": b.yearly.ID})
		want(t, "status", a.status, 200)
		want(t, "price_id", a.text("price_id"), b.yearly.ID)
		want(t, "subscription_id", a.text("subscription_id"), sub)
	}
	calls := b.stripe.Calls("POST", "/v1/subscriptions/*")
	want(t, "updates at Stripe", len(calls), 1)
	want(t, "quantity sent", calls[0].Form.Get("items[0][quantity]"), "3")
	current := b.as(user, "GET", "/billing/my-subscription", nil)
	want(t, "quantity", current.body["quantity"], any(3.0))
	want(t, "plan", current.text("plan_name"), "Pro yearly")
	a := b.post("update-subscription", map[string]any{"new_price_id": b.yearly.ID, "quantity": 5})
	want(t, "seats", a.status, 200)
	want(t, "quantity", b.as(user, "GET", "/billing/my-subscription", nil).body["quantity"], any(5.0))
}

func TestHostSetsOptionsAndCustomizesSessions(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.CheckoutOptions = checkout.Options{TrialDays: 14, AllowPromotionCodes: true}
		c.CustomizeCheckout = func(_ context.Context, id auth.Identity, s *checkout.SessionParams) error {
			if id.UserID == "blocked" {
				return httperr.New(http.StatusForbidden, "blocked", "No.")
			}
			s.Locale = "de"
			s.Metadata = map[string]string{"campaign": "spring", "user_id": "mallory"}
			return nil
		}
	})
	sub := b.buy()
	truth, _ := b.stripe.Subscription(sub)
	want(t, "status", truth.Status, "trialing")
	want(t, "metadata", truth.Metadata["campaign"]+truth.Metadata["user_id"], "spring"+user)
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	form := b.stripe.Calls("POST", "/v1/checkout/sessions")[0].Form
	want(t, "locale", form.Get("locale"), "de")
	want(t, "promotion codes", form.Get("allow_promotion_codes"), "true")

	b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
	again, _ := b.stripe.Subscription(b.buy())
	want(t, "a second trial", again.Status, "active")
	blocked := b.as("blocked", http.MethodPost, "/billing/checkout-session", b.order())
	want(t, "the hook's own answer", blocked.code(), "blocked")
}

func TestPaymentsShowInvoicesAndOneTimePaymentsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.GuardSubscriptionsOnly = true })
	b.buy()
	once := b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID, "quantity": 2})
	if err := b.stripe.Complete(once); err != nil {
		t.Fatal(err)
	}
	b.settle()
	a := b.as(user, "GET", "/billing/my-payments", nil)
	want(t, "total", a.body["total"], any(2.0))
	byAmount := map[float64]map[string]any{}
	for _, p := range a.body["payments"].([]any) {
		payment := p.(map[string]any)
		byAmount[payment["amount_cents"].(float64)] = payment
	}
	invoice, sticker := byAmount[1200], byAmount[1000]
	if invoice == nil || sticker == nil {
		t.Fatalf("payments: %s", a.raw)
	}
	want(t, "one-time description", sticker["description"], any("Sticker"))
	want(t, "one-time subscription", sticker["subscription_id"], nil)
	if description, _ := invoice["description"].(string); !strings.HasPrefix(description, "Pro (") {
		t.Errorf("invoice description: %q", description)
	}
	current := b.as(user, "GET", "/billing/my-subscription", nil)
	want(t, "invoice's subscription", invoice["subscription_id"], current.body["id"])

	for _, step := range []struct {
		amount int64
		status string
	}{{300, "partially_refunded"}, {700, "refunded"}} {
		if _, err := b.stripe.Refund(sticker["payment_intent_id"].(string), step.amount); err != nil {
			t.Fatal(err)
		}
		b.settle()
		if page := b.as(user, "GET", "/billing/my-payments", nil); !strings.Contains(page.raw, `"status":"`+step.status+`"`) {
			t.Errorf("after a refund: %s", page.raw)
		}
	}
	if _, err := b.stripe.Refund(invoice["payment_intent_id"].(string), 1200); err != nil {
		t.Fatal(err)
	}
	b.settle()
	page := b.as(user, "GET", "/billing/my-payments?page=2&page_size=1", nil)
	want(t, "page size", len(page.body["payments"].([]any)), 1)
	beyond := b.as(user, "GET", "/billing/my-payments?page=2&page_size=2", nil)
	want(t, "beyond the last page", len(beyond.body["payments"].([]any)), 0)
	all := b.as(user, "GET", "/billing/my-payments", nil)
	want(t, "refunded payments", strings.Count(all.raw, `"status":"refunded"`), 2)
}

func TestASubscriptionThatIsDeletedWhileItIsManagedIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]map[string]any{
		"cancel-subscription":                   {},
		"cancel-subscription, at once":          {"cancel_immediately": true},
		"resume-subscription":                   {},
		"update-subscription":                   {"quantity": 2},
		"update-subscription, to another price": {"new_price_id": "yearly"},
		"update-subscription/preview":           {"quantity": 2},
		"customer-portal":                       {"return_url": origin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for calls := range 6 {
				b := setup(t)
				b.buy()
				path, _, _ := strings.Cut(name, ",")
				if path == "resume-subscription" {
					b.post("cancel-subscription", nil)
				}
				if body["new_price_id"] != nil {
					body = map[string]any{"new_price_id": b.yearly.ID}
				}
				b.settle()
				b.inject(stripetest.Fault{Skip: calls, Times: 1, OnHit: func(stripetest.Call) { b.must(b.stripe.DeleteTestData()) }})
				a := b.post(path, body)
				if a.status >= http.StatusInternalServerError {
					t.Errorf("test data deleted at call %d: %d %s", calls, a.status, a.raw)
				}
			}
		})
	}
}
