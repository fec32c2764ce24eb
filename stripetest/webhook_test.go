package stripetest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// signedBy recomputes the signature as Stripe's documentation describes it, without the package's help.
func signedBy(d delivery, secret string) bool {
	var at string
	var signatures []string
	for part := range strings.SplitSeq(d.signature, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			at = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "." + string(d.body)))
	return slices.Contains(signatures, hex.EncodeToString(mac.Sum(nil)))
}

func TestEventsAreSignedWithEverySecret(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	box := newInbox(t)
	endpoint := addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL, Secrets: []string{"old", "new"}})
	srv.AddCustomer("a@example.com")
	settle(t, srv)
	endpoint.Rotate("new")
	srv.AddCustomer("b@example.com")
	settle(t, srv)
	got := box.events()
	if !signedBy(got[0], "old") || !signedBy(got[0], "new") || signedBy(got[0], "other") {
		t.Errorf("during the rotation: %s", got[0].signature)
	}
	if signedBy(got[1], "old") || !signedBy(got[1], "new") {
		t.Errorf("after the rotation: %s", got[1].signature)
	}
	if want := fmt.Sprintf("t=%d,", now.now().Unix()); !strings.HasPrefix(got[0].signature, want) {
		t.Errorf("%s does not start with %s", got[0].signature, want)
	}
}

func TestAnEventNamesItsRequestAndMode(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	live := srv.AccountFor(stripetest.LiveKey)
	addWebhook(t, live, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv).withKey(stripetest.LiveKey).with("Idempotency-Key", "k1")
	made := c.post("/v1/customers").ok()
	newClient(t, srv).post("/v1/customers").ok() // test mode: nothing for the live endpoint
	settle(t, srv)
	event := box.last(t, "customer.created")
	event.equal(map[string]any{
		"object": "event", "livemode": true, "api_version": "2023-10-16", "pending_webhooks": 1.0,
		"request.id": made.header.Get("Request-Id"), "request.idempotency_key": "k1", "data.object.id": made.id(),
	})
	if n := len(box.events()); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	c.get("/v1/events/" + event.id()).ok().
		equal(map[string]any{"type": "customer.created", "pending_webhooks": 0.0, "data.object.id": made.id()})
	if got := c.get("/v1/events", "type", "customer.*").ok().ids(); !slices.Equal(got, []string{event.id()}) {
		t.Errorf("events = %v", got)
	}
}

func TestAFailedDeliveryIsTriedAgain(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{RetryDelays: []time.Duration{time.Millisecond, time.Millisecond}})
	box := newInbox(t, 500, 302, 200)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	srv.AddCustomer("a@example.com")
	settle(t, srv)
	if got := statuses(srv); !slices.Equal(got, []int{500, 302, 200}) {
		t.Errorf("tries = %v", got)
	}
	events := box.events()
	if events[0].event["id"] != events[2].event["id"] {
		t.Error("a retry must carry the same event")
	}
}

func TestADeliveryIsGivenUpAfterItsLastTry(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{RetryDelays: []time.Duration{time.Millisecond}})
	box := newInbox(t, 500, 500, 500)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	srv.AddCustomer("a@example.com")
	settle(t, srv)
	if got := statuses(srv); !slices.Equal(got, []int{500, 500}) {
		t.Errorf("tries = %v", got)
	}
	newClient(t, srv).get("/v1/events", "delivery_success", "false").ok().
		equal(map[string]any{"data.0.type": "customer.created", "data.0.pending_webhooks": 1.0})
	must(t, srv.Resend(srv.Events()[0].ID))
	settle(t, srv)
	if got := statuses(srv); !slices.Equal(got, []int{500, 500, 500, 200}) {
		t.Errorf("tries after the resend = %v", got)
	}
}

func statuses(srv *stripetest.Server) []int {
	var out []int
	for _, attempt := range srv.Attempts() {
		out = append(out, attempt.Status)
	}
	return out
}

func TestHeldDeliveriesGoOutInTheOrderOfTheTest(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{Hold: true})
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	must(t, srv.Complete(openSession(t, newClient(t, srv), oneOff(srv))))
	settle(t, srv) // held deliveries do not count
	if n := len(box.events()); n != 0 {
		t.Fatalf("%d events went out while held", n)
	}
	pending := srv.Pending()
	pick := func(eventType string) *stripetest.Delivery {
		i := slices.IndexFunc(pending, func(d *stripetest.Delivery) bool { return d.Event.Type == eventType })
		if i < 0 {
			t.Fatalf("no %s pending", eventType)
		}
		return pending[i]
	}
	for _, eventType := range []string{"checkout.session.completed", "payment_intent.created", "checkout.session.completed"} {
		if status, err := srv.Deliver(t.Context(), pick(eventType)); status != 200 || err != nil {
			t.Fatalf("Deliver = %d, %v", status, err)
		}
	}
	srv.Drop(pick("payment_intent.succeeded"))
	srv.Release()
	settle(t, srv)
	want := []string{
		"checkout.session.completed", "payment_intent.created", "checkout.session.completed", // by hand
		"product.created", "price.created", "charge.succeeded",
	}
	if got := box.types(); !slices.Equal(got, want) {
		t.Errorf("events = %v\n    want %v", got, want)
	}
	if n := len(srv.Pending()); n != 0 {
		t.Errorf("%d deliveries are still pending", n)
	}
}

func TestAnEndpointTakesTypesAndNoPatterns(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	for _, events := range [][]string{{"invoice.*"}, {"invoice.paid", "customer.*"}, {"*", "charge*"}} {
		_, err := srv.AddWebhook(stripetest.Webhook{URL: "http://127.0.0.1:1", Secrets: []string{"whsec_x"}, Events: events})
		if !errors.Is(err, stripetest.ErrInvalid) {
			t.Errorf("%q: %v, want ErrInvalid", events, err)
		}
	}
}

func TestAPolicyDropsDelaysAndDuplicates(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL, Events: []string{
		"charge.succeeded", "payment_intent.created", "payment_intent.succeeded",
	}})
	srv.SetPolicy(func(d stripetest.Delivery) stripetest.Fate {
		switch d.Event.Type {
		case "payment_intent.created":
			return stripetest.Fate{Delay: time.Second}
		case "charge.succeeded":
			return stripetest.Fate{Drop: true}
		default:
			return stripetest.Fate{Copies: 1}
		}
	})
	must(t, srv.Complete(openSession(t, newClient(t, srv), oneOff(srv))))
	settle(t, srv)
	want := []string{"payment_intent.succeeded", "payment_intent.succeeded", "payment_intent.created"}
	if got := box.types(); !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
}

func TestSettleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{RetryDelays: []time.Duration{time.Hour}})
	box := newInbox(t, 500)
	endpoint := addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	srv.AddCustomer("a@example.com")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := srv.Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Settle = %v, want DeadlineExceeded", err)
	}
	endpoint.Remove()
	settle(t, srv)
}

func TestAWebhookNeedsASecretAndAKnownVersion(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	for _, w := range []stripetest.Webhook{
		{URL: "http://127.0.0.1:1"},
		{URL: "http://127.0.0.1:1", Secrets: []string{""}},
		{Secrets: []string{"s"}},
		{URL: "http://127.0.0.1:1", Secrets: []string{"s"}, Version: "2019-01-01"},
		{URL: "http://127.0.0.1:1", Secrets: []string{"s"}, Version: "newest"},
	} {
		if _, err := srv.AddWebhook(w); !errors.Is(err, stripetest.ErrInvalid) {
			t.Errorf("AddWebhook(%+v) = %v, want ErrInvalid", w, err)
		}
	}
}

func TestEachEndpointHasItsOwnVersion(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t, stripetest.Options{InvoicePayments: true})
	boxes := map[stripetest.Version]*inbox{}
	for _, v := range []stripetest.Version{
		stripetest.Version20221115, stripetest.Version20231016, stripetest.Version20240410, stripetest.VersionBasil,
		stripetest.VersionEndive,
	} {
		boxes[v] = newInbox(t)
		addWebhook(t, srv.Account, stripetest.Webhook{URL: boxes[v].URL, Version: v})
	}
	must(t, srv.Complete(openSession(t, newClient(t, srv), monthly(srv), "subscription_data[metadata][k]", "v")))
	settle(t, srv)
	sub := srv.Subscriptions()[0]
	invoice := srv.Invoices()[0]
	for version, box := range boxes {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			basil := version >= stripetest.VersionBasil
			subscription := box.last(t, "customer.subscription.updated")
			subscription.equal(map[string]any{"api_version": string(version), "data.object.status": "active"})
			paid := box.last(t, "invoice.paid")
			paid.equal(map[string]any{"data.object.status": "paid"})
			session := box.last(t, "checkout.session.completed")
			end := float64(sub.CurrentPeriodEnd)
			if basil {
				subscription.equal(map[string]any{
					"data.object.current_period_end": nil, "data.object.items.data.0.current_period_end": end,
				})
				paid.equal(map[string]any{
					"data.object.paid": nil, "data.object.subscription": nil, "data.object.payment_intent": nil,
					"data.object.parent.subscription_details.subscription":                sub.ID,
					"data.object.parent.subscription_details.metadata.k":                  "v",
					"data.object.payments.data.0.payment.payment_intent":                  invoice.PaymentIntent,
					"data.object.lines.data.0.pricing.price_details.price":                sub.Items[0].Price,
					"data.object.lines.data.0.parent.subscription_item_details.proration": false,
					"data.object.lines.data.0.price":                                      nil,
				})
			} else {
				subscription.equal(map[string]any{
					"data.object.current_period_end": end, "data.object.items.data.0.current_period_end": nil,
				})
				paid.equal(map[string]any{
					"data.object.paid": true, "data.object.subscription": sub.ID, "data.object.parent": nil,
					"data.object.payment_intent": invoice.PaymentIntent, "data.object.charge": invoice.Charge,
					"data.object.lines.data.0.price.id": sub.Items[0].Price, "data.object.payments": nil,
				})
			}
			has := func(event answer, field string) bool {
				object, _ := event.at("data.object").(map[string]any)
				_, ok := object[field]
				return ok
			}
			if got := has(box.last(t, "payment_intent.succeeded"), "invoice"); got == basil {
				t.Errorf("payment_intent.invoice there: %v", got)
			}
			if got := has(box.last(t, "charge.succeeded"), "invoice"); got == basil {
				t.Errorf("charge.invoice there: %v", got)
			}
			mode := map[bool]string{false: "hosted", true: "hosted_page"}[version == stripetest.VersionEndive]
			session.equal(map[string]any{"data.object.ui_mode": mode})
		})
	}
}
