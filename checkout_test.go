package paymount_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

func TestFirstPurchaseOpensTheGate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want(t, "gate before", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusPaymentRequired)
	want(t, "my-subscription before", strings.TrimSpace(b.as(user, http.MethodGet, "/billing/my-subscription", nil).raw), "null")

	sub := b.buy(map[string]any{"metadata": map[string]any{"seats": 3, "beta": true, "user_id": "mallory"}})

	want(t, "gate after", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusNoContent)
	a := b.as(user, http.MethodGet, "/billing/my-subscription", nil)
	want(t, "status", a.text("status"), "active")
	want(t, "subscription_id", a.text("subscription_id"), sub)
	want(t, "plan_name", a.text("plan_name"), "Pro")
	want(t, "user_id", a.text("user_id"), user)
	truth, _ := b.stripe.Subscription(sub)
	wantMetadata := map[string]string{"seats": "3", "beta": "true", "user_id": user, "project_id": projectID}
	if !maps.Equal(truth.Metadata, wantMetadata) {
		t.Errorf("metadata at Stripe: %v", truth.Metadata)
	}
	again := b.checkout()
	want(t, "second checkout", again.status, http.StatusBadRequest)
	want(t, "code", again.code(), "subscription_exists")
	want(t, "override", b.checkout(map[string]any{"allow_existing_subscription": true}).status, http.StatusOK)
}

func TestCheckoutReportsEveryWrongFieldAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.as(user, http.MethodPost, "/billing/checkout-session?test_mode=maybe", map[string]any{
		"price_id": 7, "success_url": "https://evil.example/", "mode": "gift", "quantity": 0,
		"metadata": map[string]any{"a[b]": "c", "deep": map[string]any{}}, "allow_existing_subscription": "sure",
	})
	want(t, "status", a.status, http.StatusUnprocessableEntity)
	want(t, "code", a.code(), "validation_error")
	got := a.fields()
	slices.Sort(got)
	wantFields := []string{
		"body.allow_existing_subscription", "body.cancel_url", "body.metadata", "body.metadata", "body.mode", "body.price_id",
		"body.quantity", "body.success_url", "query.test_mode",
	}
	if !slices.Equal(got, wantFields) {
		t.Errorf("fields: %v", got)
	}
	want(t, "calls to Stripe", len(b.stripe.Calls()), 0)
}

func TestCheckoutRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	archived := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Old", Amount: 1, Interval: "month"})
	if err := b.stripe.SetPriceActive(archived.ID, false); err != nil {
		t.Fatal(err)
	}
	longValue := strings.Repeat("é", 501)
	tooMany := manyKeys(49)
	for name, test := range map[string]struct {
		change map[string]any
		field  string
	}{
		"an unknown price":                   {map[string]any{"price_id": "price_unknown"}, "body.price_id"},
		"an archived price":                  {map[string]any{"price_id": archived.ID}, "body.price_id"},
		"a one-time price for subscriptions": {map[string]any{"price_id": b.once.ID}, "body.price_id"},
		"a recurring price for payments":     {map[string]any{"mode": "payment"}, "body.price_id"},
		"a price that is a path":             {map[string]any{"price_id": ".."}, "body.price_id"},
		"a fraction of a quantity":           {map[string]any{"quantity": 1.5}, "body.quantity"},
		"a quantity as a string":             {map[string]any{"quantity": "2"}, "body.quantity"},
		"a null quantity":                    {map[string]any{"quantity": 0}, "body.quantity"},
		"a URL with a user":                  {map[string]any{"cancel_url": origin + "@evil.com/"}, "body.cancel_url"},
		"another port":                       {map[string]any{"cancel_url": origin + ":8443/"}, "body.cancel_url"},
		"another scheme":                     {map[string]any{"cancel_url": "http://app.example.com/"}, "body.cancel_url"},
		"a script":                           {map[string]any{"cancel_url": "javascript:alert(1)"}, "body.cancel_url"},
		"a relative URL":                     {map[string]any{"cancel_url": "/plans"}, "body.cancel_url"},
		"a backslash":                        {map[string]any{"cancel_url": `https://evil.com\@app.example.com/`}, "body.cancel_url"},
		"too many metadata keys":             {map[string]any{"metadata": tooMany}, "body.metadata"},
		"a long metadata key":                {map[string]any{"metadata": map[string]any{strings.Repeat("k", 41): 1}}, "body.metadata"},
		"a long metadata value":              {map[string]any{"metadata": map[string]any{"k": longValue}}, "body.metadata"},
		"an empty metadata key":              {map[string]any{"metadata": map[string]any{"": 1}}, "body.metadata"},
		"a NUL in metadata":                  {map[string]any{"metadata": map[string]any{"k": "\x00"}}, "body.metadata"},
		"a list in metadata":                 {map[string]any{"metadata": map[string]any{"k": []int{1}}}, "body.metadata"},
	} {
		a := b.checkout(test.change)
		if a.status != http.StatusUnprocessableEntity || !slices.Equal(a.fields(), []string{test.field}) {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	want(t, "sessions at Stripe", len(b.stripe.Sessions()), 0)
}

// manyKeys is metadata with n keys of different lengths.
func manyKeys(n int) map[string]any {
	metadata := map[string]any{}
	for i := range n {
		metadata[strings.Repeat("k", 1+i%30)+string(rune('a'+i/30))] = "v"
	}
	return metadata
}

func TestMetadataCanBeAsLargeAsStripeTakesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	metadata := manyKeys(46)
	metadata[strings.Repeat("é", 40)], metadata["long"] = "v", strings.Repeat("é", 500)
	session, _ := b.stripe.Session(b.mustCheckout(map[string]any{"metadata": metadata}))
	want(t, "keys", len(session.Metadata), 50)
}

func TestRedirectURLsReachStripeByteForByte(t *testing.T) {
	t.Parallel()
	b := setup(t)
	success := origin + "/{CHECKOUT_SESSION_ID}/ok?a=%7B&s={CHECKOUT_SESSION_ID}#x={CHECKOUT_SESSION_ID}"
	session, _ := b.stripe.Session(b.mustCheckout(map[string]any{"success_url": success}))
	want(t, "success_url", session.SuccessURL, success)
}

func TestWarmCheckoutIsOneCall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := map[string]bool{}
	for name, end := range map[string]func(id string){
		"expired": func(id string) { b.must(b.stripe.Expire(id)) },
		"paid, and cancelled since": func(id string) {
			b.must(b.stripe.Complete(id))
			session, _ := b.stripe.Session(id)
			b.must(b.stripe.CancelSubscription(session.Subscription))
		},
	} {
		first := b.mustCheckout()
		end(first)
		b.settle()
		b.stripe.ResetCalls()
		second := b.mustCheckout()
		want(t, name+": calls", len(b.stripe.Calls()), 1)
		want(t, name+": sold again", first == second || seen[second], false)
		seen[first], seen[second] = true, true
		b.must(b.stripe.Expire(second))
		b.settle()
	}
}

func TestAnExpiredSessionWhoseEventIsLostLeavesNothingToLookFor(t *testing.T) {
	t.Parallel()
	b := setup(t, holding)
	b.must(b.stripe.Expire(b.mustCheckout()))
	b.stripe.ResetCalls()
	b.mustCheckout()
	want(t, "calls: one looks, one makes", len(b.stripe.Calls()), 2)
}

func TestSameRequestGetsTheSameSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.mustCheckout()
	want(t, "second answer", b.mustCheckout(), first)
	for name, change := range map[string]map[string]any{
		"price": {"price_id": b.yearly.ID}, "quantity": {"quantity": 2}, "URL": {"cancel_url": origin + "/other"},
	} {
		before := b.openSessions()
		next := b.mustCheckout(change)
		if slices.Contains(before, next) {
			t.Errorf("another %s got the old session", name)
		}
		if open := b.openSessions(); len(open) != 1 || open[0] != next {
			t.Errorf("open sessions after another %s: %v", name, open)
		}
	}
}

func (b *bundle) openSessions() []string {
	var open []string
	for _, s := range b.stripe.Sessions() {
		if s.Status == "open" {
			open = append(open, s.ID)
		}
	}
	return open
}

func TestFiftyParallelFirstCheckoutsShareCustomerAndSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	answers := make([]answer, 50)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = b.checkout() })
	}
	wg.Wait()
	for _, a := range answers {
		if a.status != http.StatusOK || a.text("session_id") != answers[0].text("session_id") {
			t.Errorf("%d %s", a.status, a.raw)
		}
	}
	want(t, "customers", len(b.stripe.Customers()), 1)
	want(t, "open sessions", len(b.openSessions()), 1)
}

func TestParallelCheckoutsOfDifferentPlansLeaveOneOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() { b.checkout(map[string]any{"quantity": 1 + i%4}) })
	}
	wg.Wait()
	want(t, "customers", len(b.stripe.Customers()), 1)
	if open := b.openSessions(); len(open) > 1 {
		t.Errorf("open sessions: %v", open)
	}
}

func TestAnEmbeddedCheckoutHasASecretInsteadOfAPage(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.CheckoutOptions.Embedded = true })
	first := b.checkout()
	want(t, "status", first.status, http.StatusOK)
	want(t, "checkout_url", first.text("checkout_url"), "")
	want(t, "client_secret", strings.HasPrefix(first.text("client_secret"), first.text("session_id")+"_secret_"), true)
	want(t, "the same again", b.checkout().raw, first.raw)
	if err := b.stripe.Complete(first.text("session_id")); err != nil {
		t.Fatal(err)
	}
	b.settle()
	want(t, "my-subscription", b.status(user), "active")
}

func TestLostWebhookDoesNotSellTwice(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]map[string]any{"same plan": {}, "another plan": {"quantity": 5}} {
		b := setup(t)
		id := b.mustCheckout()
		b.stripe.Hold()
		if err := b.stripe.Complete(id); err != nil {
			t.Fatal(err)
		}
		for _, d := range b.stripe.Pending() {
			b.stripe.Drop(d)
		}
		a := b.checkout(change)
		want(t, name+": checkout", a.status, http.StatusBadRequest)
		want(t, name+": code", a.code(), "subscription_exists")
		want(t, name+": my-subscription", b.status(user), "active")
	}
}

func TestASessionThatWasPaidLongAgoIsNotTakenForExpired(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })
	if err := b.stripe.Complete(b.mustCheckout()); err != nil {
		t.Fatal(err)
	}
	b.advance(clock, 25*time.Hour) // no webhook has come: a session that was left alone would have expired
	want(t, "checkout", b.checkout(map[string]any{"price_id": b.yearly.ID}).code(), "subscription_exists")
	want(t, "my-subscription", b.status(user), "active")
}

func TestLostCancellationDoesNotKeepTheUserOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.stripe.Hold()
	if err := b.stripe.CancelSubscription(sub); err != nil {
		t.Fatal(err)
	}
	b.mustCheckout()
	want(t, "my-subscription", b.status(user), "")
}

func TestIncompleteSubscriptionIsCancelledFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	if err := b.stripe.SetStatus(sub, "incomplete"); err != nil {
		t.Fatal(err)
	}
	b.settle()
	want(t, "status", b.status(user), "incomplete")
	b.stripe.Hold()
	b.mustCheckout()
	want(t, "my-subscription without the webhook", b.status(user), "")
	truth, _ := b.stripe.Subscription(sub)
	if truth.Status != "canceled" && truth.Status != "incomplete_expired" {
		t.Errorf("at Stripe: %s", truth.Status)
	}
}

func TestDeletedCustomerIsMadeAnew(t *testing.T) {
	t.Parallel()
	for _, delivered := range []bool{true, false} {
		b := setup(t)
		session, _ := b.stripe.Session(b.mustCheckout())
		if !delivered {
			b.stripe.Hold()
		}
		if err := b.stripe.DeleteCustomer(session.Customer); err != nil {
			t.Fatal(err)
		}
		if delivered {
			b.settle()
		}
		next, _ := b.stripe.Session(b.mustCheckout(map[string]any{"quantity": 2}))
		if next.Customer == session.Customer || next.Customer == "" {
			t.Errorf("event delivered %v: customer %q", delivered, next.Customer)
		}
		b.stripe.Release() // an event that comes late is not about the new customer
		b.settle()
		last, _ := b.stripe.Session(b.mustCheckout(map[string]any{"quantity": 3}))
		want(t, "customer after all events", last.Customer, next.Customer)
	}
}

func TestFailedAttemptsAreRepairedByTheNextRequest(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"500 before the customer": {Method: "POST", Path: "/v1/customers", Status: 500, Remember: true},
		"500 after the customer":  {Method: "POST", Path: "/v1/customers", Status: 500, Acted: true},
		"no answer, customer":     {Method: "POST", Path: "/v1/customers", Drop: true, Acted: true, Times: 3},
		"500 before the session":  {Method: "POST", Path: "/v1/checkout/sessions", Status: 500, Remember: true},
		"500 after the session":   {Method: "POST", Path: "/v1/checkout/sessions", Status: 500, Acted: true},
		"no answer, session":      {Method: "POST", Path: "/v1/checkout/sessions", Drop: true, Acted: true, Times: 3},
		"rate limited":            {Method: "POST", Path: "/v1/checkout/sessions", Status: 429, RetryAfter: 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if _, err := b.stripe.Inject(fault); err != nil {
				t.Fatal(err)
			}
			a := b.checkout()
			wantStatus := http.StatusServiceUnavailable
			if fault.Status == 429 {
				wantStatus = http.StatusTooManyRequests
				want(t, "Retry-After", a.header.Get("Retry-After"), "7")
			}
			want(t, "first answer", a.status, wantStatus)
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			id := b.mustCheckout()
			want(t, "customers", len(b.stripe.Customers()), 1)
			if open := b.openSessions(); len(open) != 1 || open[0] != id {
				t.Errorf("open sessions: %v, answered %s", open, id)
			}
		})
	}
}

func TestRefusedKeyIsABadGatewayWithoutStripesText(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Credentials = project.Static{projectID: {project.ModeTest: {SecretKey: "sk_test_revoked_4242"}}}
	})
	a := b.checkout()
	want(t, "status", a.status, http.StatusBadGateway)
	want(t, "code", a.code(), "stripe_error")
	if strings.Contains(a.raw+b.logs.String(), "sk_test") || strings.Contains(b.logs.String(), "Invalid API") {
		t.Errorf("leaks: %s\n%s", a.raw, b.logs)
	}
}

func TestOneTimePaymentsAreGuardedToo(t *testing.T) {
	t.Parallel()
	onceBody := func(b *bundle) map[string]any { return map[string]any{"mode": "payment", "price_id": b.once.ID} }
	b := setup(t)
	first, second := b.mustCheckout(onceBody(b)), b.mustCheckout(onceBody(b))
	if first == second {
		t.Error("two purchases share a session")
	}
	b.buy()
	want(t, "subscriber", b.checkout(onceBody(b)).code(), "subscription_exists")

	b = setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.GuardSubscriptionsOnly = true })
	b.buy()
	b.mustCheckout(onceBody(b))

	b = setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.ForbidSecondSubscription = true })
	b.buy()
	forbidden := b.checkout(map[string]any{"allow_existing_subscription": true})
	want(t, "override forbidden", forbidden.code(), "subscription_exists")
}
