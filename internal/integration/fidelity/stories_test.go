package fidelity_test

import (
	"net/http"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// stories lead the objects of the fake through their states. After each, everything is looked at.
func stories() map[string]func(*shop) {
	return map[string]func(*shop){
		"customers": (*shop).customers, "one-off payments": (*shop).payments, "guests": (*shop).guests,
		"checkouts that fail": (*shop).failures, "subscriptions": (*shop).subscriptions, "trials": (*shop).trials,
		"changes of a subscription": (*shop).changes, "late payments": (*shop).lateness, "pending updates": (*shop).pending,
		"authentication": (*shop).authentication, "refunds and disputes": (*shop).disputes, "pauses": (*shop).pauses,
		"embedded checkouts": (*shop).embedded, "subscriptions through the API": (*shop).created,
		"cancellations": (*shop).cancellations,
	}
}

func (s *shop) customers() {
	id := s.customer("a@example.com")
	s.post("/v1/customers/"+id, "name", "Ada Lovelace", "phone", "+15550100", "description", "first", "metadata[user_id]", "")
	s.get("/v1/customers", "email", "a@example.com", "limit", "3", "created[gte]", "1")
	s.post("/v1/billing_portal/sessions", "customer", id, "return_url", returnURL)
	card := text(s.post("/v1/payment_methods/pm_card_visa/attach", "customer", id)["id"])
	s.post("/v1/customers/"+id, "invoice_settings[default_payment_method]", card, "balance", "-100")
	s.get("/v1/payment_methods", "customer", id, "type", "card", "limit", "3")
	s.post("/v1/payment_methods/" + card + "/detach")
	for range 3 {
		s.customer("many@example.com")
	}
	page := list(s.get("/v1/customers", "limit", "2")["data"])
	s.get("/v1/customers", "limit", "1", "starting_after", text(object(page[1])["id"]))
	s.get("/v1/customers", "limit", "1", "ending_before", text(object(page[1])["id"]))
	s.remove("/v1/customers/" + id)
	s.get("/v1/customers/" + id)
	s.refused(http.StatusNotFound, "POST", "/v1/customers/"+id, "name", "x")
	s.refused(http.StatusNotFound, "GET", "/v1/customers/cus_none")
	s.refused(http.StatusNotFound, "GET", "/v1/nothing")
	s.refused(http.StatusBadRequest, "POST", "/v1/customers", "colour", "red")
	s.refused(http.StatusBadRequest, "GET", "/v1/customers", "limit", "1000")
	s.refused(http.StatusBadRequest, "GET", "/v1/prices/"+s.monthly, "expand[]", "nickname")
}

func (s *shop) payments() {
	customer := s.customer("once@example.com")
	open := s.session("payment", s.oneOff, "customer", customer, "payment_intent_data[metadata][a]", "b",
		"payment_intent_data[description]", "One", "locale", "de", "submit_type", "pay", "client_reference_id", "u1")
	s.get("/v1/checkout/sessions/"+open, "expand[]", "line_items.data.price.product")
	s.get("/v1/checkout/sessions", "customer", customer, "status", "open", "expand[]", "data.line_items")
	s.get("/v1/checkout/sessions/"+open+"/line_items", "limit", "1", "expand[]", "data.price.product")
	s.do(s.srv.Complete(open))
	s.get("/v1/checkout/sessions/"+open, "expand[]", "payment_intent.latest_charge.refunds", "expand[]", "customer")
	s.refused(http.StatusBadRequest, "POST", "/v1/checkout/sessions/"+open+"/expire")

	expired := s.session("payment", s.oneOff, "expires_at", s.seconds(time.Hour), "customer_email", "x@example.com")
	s.post("/v1/checkout/sessions/" + expired + "/expire")

	delayed := s.session("payment", s.oneOff, "customer", customer)
	s.do(s.srv.CompleteDelayed(delayed))
	s.look()
	s.do(s.srv.SucceedDelayed(delayed))
	lost := s.session("payment", s.oneOff, "customer", customer)
	s.do(s.srv.CompleteDelayed(lost))
	s.do(s.srv.FailDelayed(lost))
	s.get("/v1/payment_intents", "customer", customer, "expand[]", "data.latest_charge")
	s.get("/v1/charges", "customer", customer, "expand[]", "data.payment_intent.payment_method")
}

func (s *shop) guests() {
	guest := s.session("payment", s.oneOff)
	s.do(s.srv.Complete(guest, stripetest.Buyer{Email: "guest@example.com", Name: "Guest"}))
	known := s.session("payment", s.oneOff, "customer_creation", "always")
	s.do(s.srv.Complete(known, stripetest.Buyer{Email: "known@example.com"}))
	inline := text(s.post("/v1/checkout/sessions", "mode", "payment", "success_url", successURL,
		"line_items[0][price_data][currency]", "usd", "line_items[0][price_data][unit_amount]", "300",
		"line_items[0][price_data][product_data][name]", "Inline", "line_items[0][quantity]", "1",
		"payment_method_types[]", "card", "allow_promotion_codes", "true", "billing_address_collection", "required")["id"])
	s.get("/v1/checkout/sessions", "customer_details[email]", "guest@example.com")
	s.do(s.srv.Expire(inline))
}

func (s *shop) failures() {
	customer := s.customer("poor@example.com")
	payment := s.session("payment", s.oneOff, "customer", customer)
	s.do(s.srv.Decline(payment))
	s.look()
	s.do(s.srv.Complete(payment))
	id := s.session("subscription", s.monthly, "customer", customer)
	s.do(s.srv.Decline(id))
	s.look() // incomplete
	s.srv.Advance(24 * time.Hour)
	s.look() // incomplete_expired, and the session is expired
	s.refused(http.StatusBadRequest, "POST", "/v1/checkout/sessions", "mode", "subscription", "success_url", successURL,
		"line_items[0][price]", s.oneOff, "line_items[0][quantity]", "1")
	s.refused(http.StatusBadRequest, "POST", "/v1/checkout/sessions", "mode", "payment", "success_url", "nowhere",
		"line_items[0][price]", s.oneOff, "line_items[0][quantity]", "1")
}

func (s *shop) subscriptions() {
	customer, id, _ := s.subscribed("", "subscription_data[metadata][user_id]", "u1", "subscription_data[description]", "Pro")
	s.get("/v1/subscriptions/"+id, "expand[]", "latest_invoice.payment_intent.latest_charge.customer",
		"expand[]", "items.data.price.product", "expand[]", "default_payment_method", "expand[]", "customer")
	s.get("/v1/subscriptions", "customer", customer, "status", "all", "price", s.monthly,
		"expand[]", "data.latest_invoice.subscription")
	s.get("/v1/customers/"+customer, "expand[]", "subscriptions.data.latest_invoice.charge")
	s.post("/v1/subscriptions/"+id, "metadata[x]", "y", "description", "Pro 2")
	s.post("/v1/subscriptions/"+id, "cancel_at_period_end", "true", "cancellation_details[comment]", "no",
		"cancellation_details[feedback]", "unused")
	s.get("/v1/invoices/upcoming", "subscription", id, "subscription_items[0][price]", s.extra,
		"subscription_proration_behavior", "always_invoice")
	s.post("/v1/subscriptions/"+id, "cancel_at_period_end", "false")
	s.post("/v1/subscriptions/"+id, "cancel_at", s.seconds(80*time.Hour))
	s.post("/v1/subscriptions/"+id, "cancel_at", "")
	s.do(s.srv.AddItem(id, s.extra, 1))
	if _, err := s.srv.SetSchedule(id); err != nil {
		s.t.Fatal(err)
	}
	s.refused(http.StatusBadRequest, "POST", "/v1/subscriptions/"+id, "cancel_at_period_end", "true")
	for _, status := range []string{"unpaid", "paused", "past_due", "active"} {
		s.do(s.srv.SetStatus(id, status))
		s.look()
	}
	s.srv.Advance(dayOfMonths) // renewed
	s.look()
	s.remove("/v1/subscriptions/"+id, "cancellation_details[feedback]", "other", "invoice_now", "false", "prorate", "false")
	s.refused(http.StatusNotFound, "DELETE", "/v1/subscriptions/"+id)
	s.refused(http.StatusNotFound, "GET", "/v1/invoices/upcoming", "customer", customer)
}

func (s *shop) trials() {
	_, id, _ := s.subscribed("", "subscription_data[trial_period_days]", "7")
	s.look() // trialing
	s.get("/v1/invoices/upcoming", "subscription", id)
	s.srv.Advance(5 * 24 * time.Hour)
	s.look()
	s.srv.Advance(3 * 24 * time.Hour)
	s.look() // active
	s.subscribed("", "subscription_data[trial_end]", s.seconds(72*time.Hour))
}
