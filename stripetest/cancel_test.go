package stripetest_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// withPending is a shop whose subscription waits for its next invoice with two prorations.
func withPending(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.now.advance(7 * 24 * time.Hour)
	s.update(s.price("Team", 4900, "month")).ok()
	return s
}

func (s *shop) pending() int {
	rows, _ := s.c.get("/v1/invoiceitems", "pending", "true").ok().at("data").([]any)
	return len(rows)
}

func TestACancellationRemovesWhatIsPendingOrInvoicesIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		params []string
		paid   int64 // of the subscription's last invoice
		total  int64
	}{
		"removed":               {nil, 1900, 1900},
		"invoiced":              {[]string{"invoice_now", "true"}, 2250, 2250},
		"invoiced with credits": {[]string{"invoice_now", "true", "prorate", "true"}, 0, -1425},
	} {
		s := withPending(t)
		s.c.do("DELETE", "/v1/subscriptions/"+s.sub.ID, test.params...).ok().equal(map[string]any{"status": "canceled"})
		if n := s.pending(); n != 0 {
			t.Errorf("%s: %d items are pending", name, n)
		}
		if last := s.latest(); last.AmountPaid != test.paid || last.Total != test.total {
			t.Errorf("%s: the last invoice is about %d, %d paid", name, last.Total, last.AmountPaid)
		}
	}
}

func TestPendingItemsAreInvoicedAndPaidOnRequest(t *testing.T) {
	t.Parallel()
	s := withPending(t)
	order := []string{"customer", s.sub.Customer, "subscription", s.sub.ID, "pending_invoice_items_behavior", "include"}
	draft := s.c.post("/v1/invoices", append(order, "auto_advance", "true", "metadata[a]", "b")...).ok()
	draft.equal(map[string]any{"status": "draft", "amount_due": 2250.0, "auto_advance": true, "metadata.a": "b"})
	s.c.post("/v1/invoices", order...).refused(400, "invoice_no_subscription_line_items", "")
	s.c.post("/v1/invoices/" + draft.id() + "/finalize").ok().equal(map[string]any{"status": "open", "attempted": false})
	s.c.post("/v1/invoices/"+draft.id()+"/finalize").refused(400, "invoice_not_editable", "")
	s.c.post("/v1/invoices/" + draft.id() + "/pay").ok().equal(map[string]any{"status": "paid", "amount_paid": 2250.0})
	s.c.post("/v1/invoices/in_x/finalize").refused(404, "resource_missing", "invoice")
	other := []string{"customer", "cus_x", "subscription", s.sub.ID, "pending_invoice_items_behavior", "include"}
	s.c.post("/v1/invoices", other...).refused(400, "resource_missing", "subscription")
}

func TestACancellationEndsTheCollectionOfTheCustomersInvoices(t *testing.T) {
	t.Parallel()
	s := newShop(t, stripetest.Options{PaymentRetries: []time.Duration{2 * 24 * time.Hour}})
	other, err := s.srv.AddSubscription(s.sub.Customer, s.price("Add-on", 500, "year").ID, nil)
	must(t, err)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.now.advance(28 * 24 * time.Hour)
	open := s.latest()
	path := "/v1/invoices/" + open.ID
	s.c.get(path).ok().equal(map[string]any{"status": "open", "auto_advance": true})
	s.c.do("DELETE", "/v1/subscriptions/"+other.ID).ok()
	s.c.get(path).ok().equal(map[string]any{"status": "open", "auto_advance": false})
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	s.now.advance(3 * 24 * time.Hour)
	s.c.get(path).ok().equal(map[string]any{"status": "open"})
	s.c.post(path, "auto_advance", "true").ok().equal(map[string]any{"auto_advance": true})
	s.now.advance(time.Minute)
	s.c.get(path).ok().equal(map[string]any{"status": "paid", "auto_advance": false})
}

func TestAnInvoiceComesWithItsFirstTenLines(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for n := range 11 {
		must(t, s.srv.AddItem(s.sub.ID, s.price("Add-on "+strconv.Itoa(n), 100, "month").ID, 1))
	}
	s.now.advance(28 * 24 * time.Hour)
	path := "/v1/invoices/" + s.latest().ID
	invoice := s.c.get(path).ok()
	rows, _ := invoice.at("lines.data").([]any)
	if len(rows) != 10 || invoice.at("lines.has_more") != true {
		t.Errorf("%d lines, more: %v", len(rows), invoice.at("lines.has_more"))
	}
	last, _ := at(rows[9], "id").(string)
	rest := s.c.get(path+"/lines", "starting_after", last).ok()
	if ids := rest.ids(); len(ids) != 2 || rest.at("has_more") != false {
		t.Errorf("the next page is %v", ids)
	}
	upcoming := "/v1/invoices/upcoming/lines"
	all := s.c.get(upcoming, "subscription", s.sub.ID, "limit", "100").ok().ids()
	if len(all) != 12 {
		t.Errorf("%d upcoming lines, want 12", len(all))
	}
	s.c.get(upcoming, "subscription", s.sub.ID, "starting_after", all[9]).refused(400, "resource_missing", "starting_after")
}

func TestAnIncompleteSubscriptionTakesNoChangeOfItsBilling(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetStatus(s.sub.ID, "incomplete"))
	path := "/v1/subscriptions/" + s.sub.ID
	s.c.post(path, "cancel_at_period_end", "true").refused(400, "", "")
	s.c.post(path, "metadata[a]", "b").ok().equal(map[string]any{"metadata.a": "b"})
	s.c.do("DELETE", path).ok().equal(map[string]any{"status": "incomplete_expired"})
}
