package fidelity_test

import (
	"net/http"
	"time"
)

func (s *shop) changes() {
	customer, id, item := s.subscribed("")
	s.srv.Advance(10 * 24 * time.Hour)
	change := []string{"items[0][id]", item, "items[0][price]", s.yearly}
	s.get("/v1/invoices/upcoming", "customer", customer, "subscription", id, "subscription_items[0][id]", item,
		"subscription_items[0][price]", s.extra, "subscription_proration_date", s.seconds(-time.Hour))
	s.post("/v1/subscriptions/"+id, "items[0][id]", item, "items[0][quantity]", "3", "proration_behavior", "create_prorations")
	s.get("/v1/invoiceitems", "customer", customer, "pending", "true", "expand[]", "data.subscription.customer")
	s.get("/v1/invoices/upcoming", "subscription", id, "expand[]", "lines.data.price.product", "expand[]", "customer")
	s.post("/v1/subscriptions/"+id, append(change, "proration_behavior", "always_invoice", "expand[]",
		"latest_invoice.payment_intent")...)
	s.look() // a new period, paid at once
	s.post("/v1/subscriptions/"+id, "items[0][id]", item, "items[0][price]", s.yearly, "items[0][quantity]", "1",
		"proration_behavior", "always_invoice") // a credit
	s.look()
	s.post("/v1/subscriptions/"+id, "items[0][price]", s.price(text(s.get("/v1/prices/" + s.yearly)["product"]), "90", "year"),
		"items[0][quantity]", "1", "items[0][metadata][a]", "b", "proration_behavior", "none")
	s.post("/v1/subscriptions/"+id, "items[0][id]", item, "items[0][deleted]", "true")
	s.look()
	s.refused(http.StatusBadRequest, "POST", "/v1/subscriptions/"+id, "items[0][price]", s.monthly)
}

func (s *shop) lateness() {
	customer, id, _ := s.subscribed("")
	s.do(s.srv.SetCardFails(customer, true))
	s.srv.Advance(dayOfMonths)
	s.look() // past_due with an open invoice
	invoice := text(s.get("/v1/subscriptions/" + id)["latest_invoice"])
	s.refused(http.StatusPaymentRequired, "POST", "/v1/invoices/"+invoice+"/pay")
	s.do(s.srv.SetCardFails(customer, false))
	s.post("/v1/invoices/"+invoice+"/pay", "expand[]", "payment_intent.latest_charge", "expand[]", "subscription")
	s.refused(http.StatusBadRequest, "POST", "/v1/invoices/"+invoice+"/pay")
	s.get("/v1/invoices", "customer", customer, "status", "paid", "subscription", id, "expand[]", "data.charge")
	s.do(s.srv.SetCardFails(customer, true))
	s.srv.Advance(dayOfMonths + 20*24*time.Hour)
	s.look() // canceled after the last try
}

func (s *shop) pending() {
	customer, id, item := s.subscribed("")
	update := func(behavior string) exchange {
		return s.call("POST", "/v1/subscriptions/"+id, "items[0][id]", item, "items[0][price]", s.yearly,
			"proration_behavior", "always_invoice", "payment_behavior", behavior)
	}
	s.do(s.srv.SetCardFails(customer, true))
	if e := update("error_if_incomplete"); e.status != http.StatusPaymentRequired {
		s.t.Errorf("%s: status %d; want 402", e, e.status)
	}
	s.accepted(update("pending_if_incomplete"))
	s.look() // with a pending update
	s.srv.Advance(24 * time.Hour)
	s.look() // which is void
	s.accepted(update("default_incomplete"))
	s.look()
	s.do(s.srv.SetCardFails(customer, false))
	_, other, itemOfOther := s.subscribed("")
	s.post("/v1/subscriptions/"+other, "items[0][id]", itemOfOther, "items[0][quantity]", "9", "proration_behavior",
		"always_invoice", "payment_behavior", "pending_if_incomplete")
}

func (s *shop) authentication() {
	payment := s.session("payment", s.oneOff)
	s.press("/c/pay/"+payment, "email", "a@example.com", "card", cautious)
	s.look() // requires_action
	s.press("/c/pay/"+payment+"/authenticate", "answer", "fail")
	s.look()
	id := s.session("subscription", s.monthly)
	s.press("/c/pay/"+id, "email", "b@example.com", "card", cautious)
	s.look()
	s.press("/c/pay/"+id+"/authenticate", "answer", "complete")
	s.look()
	s.srv.Advance(dayOfMonths) // a renewal that waits for the buyer
	s.look()
}

func (s *shop) disputes() {
	customer := s.customer("back@example.com")
	pay := func() (intent, charge string) {
		id := s.session("payment", s.oneOff, "customer", customer)
		s.do(s.srv.Complete(id))
		intent = text(s.get("/v1/checkout/sessions/" + id)["payment_intent"])
		return intent, text(s.get("/v1/payment_intents/" + intent)["latest_charge"])
	}
	intent, charge := pay()
	refund := text(s.post("/v1/refunds", "payment_intent", intent, "amount", "100", "reason", "duplicate", "metadata[a]", "b",
		"expand[]", "charge.payment_intent")["id"])
	s.post("/v1/refunds", "charge", charge)
	s.refused(http.StatusBadRequest, "POST", "/v1/refunds", "charge", charge)
	s.get("/v1/charges/"+charge, "expand[]", "refunds.data.charge.payment_intent")
	s.do(s.srv.FailRefund(refund))
	s.get("/v1/refunds", "payment_intent", intent, "expand[]", "data.payment_intent")
	for _, won := range []bool{true, false} {
		intent, _ := pay()
		dispute, err := s.srv.Dispute(intent)
		s.do(err)
		s.look()
		s.get("/v1/disputes", "payment_intent", intent, "expand[]", "data.charge.payment_intent")
		s.do(s.srv.CloseDispute(dispute.ID, won))
	}
}

func (s *shop) pauses() {
	_, id, _ := s.subscribed("")
	for _, behavior := range []string{"keep_as_draft", "mark_uncollectible", "void"} {
		s.post("/v1/subscriptions/"+id, "pause_collection[behavior]", behavior, "pause_collection[resumes_at]",
			s.seconds(2*dayOfMonths))
		s.srv.Advance(dayOfMonths)
		s.look()
	}
	s.post("/v1/subscriptions/"+id, "pause_collection", "")
}

func (s *shop) embedded() {
	for _, end := range [][]string{{"return_url", successURL}, {"redirect_on_completion", "never"}} {
		pairs := append([]string{
			"mode", "subscription", "ui_mode", "embedded", "line_items[0][price]", s.monthly, "line_items[0][quantity]", "1",
		}, end...)
		id := text(s.post("/v1/checkout/sessions", pairs...)["id"])
		s.look()
		s.do(s.srv.Complete(id))
	}
	s.refused(http.StatusBadRequest, "POST", "/v1/checkout/sessions", "mode", "payment", "ui_mode", "embedded", "return_url",
		returnURL, "success_url", successURL, "line_items[0][price]", s.oneOff, "line_items[0][quantity]", "1")
}

func (s *shop) created() {
	customer, id, _ := s.subscribed("") // from now on the customer has a card
	card := text(s.get("/v1/subscriptions/" + id)["default_payment_method"])
	create := func(more ...string) exchange {
		return s.call("POST", "/v1/subscriptions", append([]string{
			"customer", customer, "items[0][price]", s.monthly, "items[0][quantity]", "2", "items[0][metadata][a]", "b",
		}, more...)...)
	}
	for _, more := range [][]string{
		{"default_payment_method", card, "metadata[user_id]", "u1", "items[1][price]", s.extra},
		{"payment_behavior", "default_incomplete", "expand[]", "latest_invoice.payment_intent", "off_session", "true"},
		{"trial_period_days", "7", "cancel_at_period_end", "true", "description", "Pro"},
		{"trial_end", s.seconds(72 * time.Hour), "cancel_at", s.seconds(90 * time.Hour)},
		{
			"trial_end", "now", "default_payment_method", card, "payment_settings[save_default_payment_method]", "on_subscription",
			"payment_settings[payment_method_options][card][request_three_d_secure]", "any",
			"trial_settings[end_behavior][missing_payment_method]", "cancel", "currency", "usd",
		},
	} {
		s.accepted(create(more...))
	}
	s.look()
	s.do(s.srv.SetCardFails(customer, true))
	s.accepted(create("default_payment_method", card, "payment_behavior", "allow_incomplete"))
	s.look() // incomplete
	s.refused(http.StatusPaymentRequired, "POST", "/v1/subscriptions", "customer", customer, "items[0][price]", s.monthly,
		"default_payment_method", card, "payment_behavior", "error_if_incomplete")
	s.refused(http.StatusBadRequest, "POST", "/v1/subscriptions", "customer", s.customer("new@example.com"),
		"items[0][price]", s.monthly)
	s.refused(http.StatusBadRequest, "POST", "/v1/subscriptions", "customer", customer, "items[0][price]", s.oneOff)
}
