package fidelity_test

import (
	"net/http"
	"strconv"
	"time"
)

// cancellations ends subscriptions that have something pending.
func (s *shop) cancellations() {
	for _, end := range [][]string{nil, {"prorate", "true", "invoice_now", "true", "cancellation_details[feedback]", "unused"}} {
		customer, id, item := s.subscribed("")
		s.srv.Advance(10 * 24 * time.Hour)
		s.post("/v1/subscriptions/"+id, "items[0][id]", item, "items[0][quantity]", "3")
		s.get("/v1/invoices/upcoming/lines", "customer", customer, "subscription", id, "limit", "100",
			"subscription_items[0][id]", item, "subscription_items[0][quantity]", "5")
		s.accepted(s.call("DELETE", "/v1/subscriptions/"+id, end...))
		s.look()
	}
	customer, id, item := s.subscribed("")
	card := text(s.post("/v1/payment_methods/pm_card_visa/attach", "customer", customer)["id"])
	s.post("/v1/payment_methods/" + card + "/detach")
	s.srv.Advance(10 * 24 * time.Hour)
	for n, end := range []string{"/pay", "/void"} { // always more, since a credit would be paid already
		s.post("/v1/subscriptions/"+id, "items[0][id]", item, "items[0][quantity]", strconv.Itoa(4+n))
		invoice := "/v1/invoices/" + text(s.post("/v1/invoices", "customer", customer, "subscription", id,
			"pending_invoice_items_behavior", "include", "auto_advance", "true")["id"])
		s.look()
		s.post(invoice, "metadata[a]", "b", "auto_advance", "false")
		s.get(invoice+"/lines", "limit", "1")
		s.post(invoice+"/finalize", "auto_advance", "true")
		s.look()
		s.refused(http.StatusBadRequest, "POST", invoice+"/finalize")
		s.post(invoice + end)
	}
}
