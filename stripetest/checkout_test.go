package stripetest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func TestPayingASubscriptionSessionMakesEverything(t *testing.T) {
	t.Parallel()
	now := newClock() // 31 January
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	box := newInbox(t)
	c := newClient(t, srv)
	price := monthly(srv)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	id := openSession(t, c, price, "customer_email", "a@example.com", "metadata[on]", "session",
		"subscription_data[metadata][on]", "subscription")
	must(t, srv.Complete(id, stripetest.Buyer{Name: "Ada"}))

	end := float64(time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC).Unix())
	session := c.get("/v1/checkout/sessions/"+id, "expand[]", "subscription.latest_invoice.payment_intent").ok()
	session.equal(map[string]any{
		"status": "complete", "payment_status": "paid", "url": nil, "metadata.on": "session", "amount_total": 3800.0,
		"subscription.status": "active", "subscription.metadata.on": "subscription",
		"subscription.items.data.0.price.id": price.ID, "subscription.items.data.0.quantity": 2.0,
		"subscription.current_period_start":                            float64(now.now().Unix()),
		"subscription.current_period_end":                              end,
		"subscription.latest_invoice.status":                           "paid",
		"subscription.latest_invoice.paid":                             true,
		"subscription.latest_invoice.amount_paid":                      3800.0,
		"subscription.latest_invoice.billing_reason":                   "subscription_create",
		"subscription.latest_invoice.lines.data.0.price.id":            price.ID,
		"subscription.latest_invoice.subscription_details.metadata.on": "subscription",
		"subscription.latest_invoice.payment_intent.status":            "succeeded",
		"subscription.latest_invoice.payment_intent.metadata.on":       nil,
		"customer_details.email":                                       "a@example.com", "customer_details.name": "Ada",
	})
	customer, _ := session.at("customer").(string)
	c.get("/v1/customers/" + customer).ok().
		equal(map[string]any{"email": "a@example.com", "name": "Ada", "currency": "usd"})
	if session.at("invoice") != session.at("subscription.latest_invoice.id") {
		t.Errorf("the session's invoice is %v", session.at("invoice"))
	}

	settle(t, srv)
	want := []string{
		"customer.created", "payment_method.attached", "customer.subscription.created", "invoice.created",
		"customer.updated", "invoice.finalized", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
		"invoice.paid", "invoice.payment_succeeded", "customer.subscription.updated", "checkout.session.completed",
	}
	if got := box.types(); !slices.Equal(got, want) {
		t.Errorf("events = %v\n    want %v", got, want)
	}
	box.last(t, "customer.subscription.created").equal(map[string]any{"data.object.status": "incomplete"})
	box.last(t, "customer.subscription.updated").
		equal(map[string]any{"data.object.status": "active", "data.previous_attributes.status": "incomplete"})
}

func TestATrialNeedsNoPayment(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	c := newClient(t, srv)
	id := openSession(t, c, monthly(srv), "subscription_data[trial_period_days]", "7")
	must(t, srv.Complete(id))
	end := float64(now.now().Add(7 * 24 * time.Hour).Unix())
	c.get("/v1/checkout/sessions/"+id, "expand[]", "subscription.latest_invoice").ok().equal(map[string]any{
		"status": "complete", "payment_status": "no_payment_required", "amount_total": 0.0,
		"subscription.status": "trialing", "subscription.trial_end": end, "subscription.current_period_end": end,
		"subscription.latest_invoice.status": "paid", "subscription.latest_invoice.amount_due": 0.0,
		"subscription.latest_invoice.payment_intent": nil,
	})
	if n := len(srv.PaymentIntents()); n != 0 {
		t.Errorf("%d payment intents, want none", n)
	}
}

func TestAPaymentCopiesMetadataToTheIntentAndItsCharge(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	customer := srv.AddCustomer("a@example.com").ID
	id := openSession(t, c, oneOff(srv), "customer", customer, "metadata[on]", "session",
		"payment_intent_data[metadata][on]", "intent")
	must(t, srv.Complete(id))
	c.get("/v1/checkout/sessions/"+id, "expand[]", "payment_intent.latest_charge").ok().equal(map[string]any{
		"payment_status": "paid", "subscription": nil, "invoice": nil, "customer": customer,
		"payment_intent.status": "succeeded", "payment_intent.amount_received": 5000.0,
		"payment_intent.metadata.on": "intent", "payment_intent.customer": customer, "payment_intent.invoice": nil,
		"payment_intent.latest_charge.metadata.on": "intent", "payment_intent.latest_charge.paid": true,
	})
}

func TestAGuestPaymentMakesACustomerOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	guest, asked := openSession(t, c, oneOff(srv)), openSession(t, c, oneOff(srv), "customer_creation", "always")
	must(t, srv.Complete(guest, stripetest.Buyer{Email: "g@example.com"}))
	must(t, srv.Complete(asked, stripetest.Buyer{Email: "a@example.com"}))
	c.get("/v1/checkout/sessions/" + guest).ok().
		equal(map[string]any{"customer": nil, "customer_details.email": "g@example.com"})
	if customers := srv.Customers(); len(customers) != 1 || customers[0].Email != "a@example.com" {
		t.Errorf("customers = %+v, want only the one asked for", customers)
	}
}

func TestAFreePaymentNeedsNoPaymentIntent(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	id := openSession(t, c, srv.AddPrice(stripetest.PriceSpec{Product: "Sample"}))
	must(t, srv.Complete(id))
	c.get("/v1/checkout/sessions/" + id).ok().
		equal(map[string]any{"payment_status": "no_payment_required", "payment_intent": nil, "status": "complete"})
}

func TestADeclinedSessionCanBePaidAgain(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	id := openSession(t, c, monthly(srv))
	must(t, srv.Decline(id))
	c.get("/v1/checkout/sessions/" + id).ok().equal(map[string]any{"status": "open", "subscription": nil})
	if subs := srv.Subscriptions(); len(subs) != 1 || subs[0].Status != "incomplete" {
		t.Fatalf("subscriptions = %+v, want one incomplete", subs)
	}
	settle(t, srv)
	box.last(t, "payment_intent.payment_failed").
		equal(map[string]any{"data.object.last_payment_error.decline_code": "generic_decline"})
	box.last(t, "invoice.payment_failed").equal(map[string]any{"data.object.status": "open"})

	must(t, srv.Complete(id))
	subs := srv.Subscriptions()
	if len(subs) != 1 || subs[0].Status != "active" {
		t.Fatalf("subscriptions = %+v, want the same one, active", subs)
	}
	c.get("/v1/invoices/" + subs[0].LatestInvoice).ok().
		equal(map[string]any{"status": "paid", "attempt_count": 2.0})
}

func TestADelayedPaymentIsSettledLater(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	good, bad := openSession(t, c, oneOff(srv)), openSession(t, c, monthly(srv))
	must(t, srv.CompleteDelayed(good))
	must(t, srv.CompleteDelayed(bad))
	settle(t, srv)
	for _, id := range []string{good, bad} {
		c.get("/v1/checkout/sessions/" + id).ok().equal(map[string]any{"status": "complete", "payment_status": "unpaid"})
	}
	box.last(t, "payment_intent.processing").equal(map[string]any{"data.object.status": "processing"})

	must(t, srv.SucceedDelayed(good))
	must(t, srv.FailDelayed(bad))
	settle(t, srv)
	c.get("/v1/checkout/sessions/"+good, "expand[]", "payment_intent").ok().
		equal(map[string]any{"payment_status": "paid", "payment_intent.status": "succeeded"})
	c.get("/v1/checkout/sessions/"+bad, "expand[]", "subscription.latest_invoice").ok().equal(map[string]any{
		"payment_status": "unpaid", "subscription.status": "past_due", "subscription.latest_invoice.status": "open",
	})
	box.last(t, "checkout.session.async_payment_succeeded").equal(map[string]any{"data.object.id": good})
	box.last(t, "checkout.session.async_payment_failed").equal(map[string]any{"data.object.id": bad})
	if srv.SucceedDelayed(good) == nil {
		t.Error("a payment arrived twice")
	}
}

func TestARefundIsCumulative(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	id := openSession(t, c, oneOff(srv)) // 50.00
	must(t, srv.Complete(id))
	session, _ := srv.Session(id)
	c.post("/v1/refunds", "payment_intent", session.PaymentIntent, "amount", "2000").ok().
		equal(map[string]any{"object": "refund", "amount": 2000.0, "status": "succeeded"})
	c.post("/v1/refunds", "payment_intent", session.PaymentIntent, "amount", "3001").refused(400, "", "amount")
	if _, err := srv.Refund(session.PaymentIntent, 0); err != nil {
		t.Fatal(err)
	}
	c.post("/v1/refunds", "payment_intent", session.PaymentIntent).refused(400, "charge_already_refunded", "charge")
	settle(t, srv)
	box.last(t, "charge.refunded").equal(map[string]any{
		"data.object.amount_refunded": 5000.0, "data.object.refunded": true,
		"data.previous_attributes.amount_refunded": 2000.0, "data.previous_attributes.refunded": false,
	})
	intent, _ := srv.PaymentIntent(session.PaymentIntent)
	c.get("/v1/charges/"+intent.LatestCharge, "expand[]", "refunds").ok().equal(map[string]any{
		"refunds.data.0.amount": 3000.0,
	})
}
