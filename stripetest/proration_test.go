package stripetest_test

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// descriptions are those of an answer's lines, with their amounts.
func descriptions(a answer) []string {
	rows, _ := a.at("lines.data").([]any)
	out := []string{}
	for _, row := range rows {
		text, _ := at(row, "description").(string)
		amount, _ := at(row, "amount").(float64)
		out = append(out, text+" = "+strconv.FormatFloat(amount, 'f', 0, 64))
	}
	return out
}

func TestAnUpgradeIsChargedAtOnceToTheSecond(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	team := s.price("Team", 4900, "month")
	s.now.advance(7 * 24 * time.Hour) // of 28 days
	date := []string{"proration_date", unix(s.now.now()), "proration_behavior", "always_invoice"}
	seen := s.seen()

	preview := s.preview(team, "subscription_"+date[0], date[1], "subscription_"+date[2], date[3]).ok()
	preview.equal(map[string]any{
		"id": nil, "object": "invoice", "amount_due": 2250.0, "currency": "usd", "billing_reason": "upcoming",
		"subscription": s.sub.ID, "lines.data.0.proration": true, "lines.data.0.type": "invoiceitem",
	})
	want := []string{"Unused time on Pro after 07 Feb 2026 = -1425", "Remaining time on Team after 07 Feb 2026 = 3675"}
	if got := descriptions(preview); !slices.Equal(got, want) {
		t.Errorf("preview = %v, want %v", got, want)
	}
	if got := s.since(seen); len(got) != 0 {
		t.Errorf("a preview made events: %v", got)
	}

	s.now.advance(time.Minute) // the date decides, not the time of the update
	s.update(team, append(date, "expand[]", "latest_invoice.payment_intent.latest_charge")...).ok().equal(map[string]any{
		"status": "active", "items.data.0.price.id": team.ID, "latest_invoice.amount_paid": 2250.0,
		"latest_invoice.billing_reason": "subscription_update", "latest_invoice.payment_intent.latest_charge.amount": 2250.0,
		"current_period_end": float64(s.sub.CurrentPeriodEnd),
	})
	if got := descriptions(s.c.get("/v1/invoices/" + s.latest().ID)); !slices.Equal(got, want) {
		t.Errorf("invoice = %v, want %v", got, want)
	}
	if got, want := s.since(seen), []string{
		"invoiceitem.created", "invoiceitem.created", "invoice.created", "customer.subscription.updated",
		"invoice.finalized", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "invoice.paid",
		"invoice.payment_succeeded",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
}

func TestProrationsWaitForTheNextInvoice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	team := s.price("Team", 4900, "month")
	s.now.advance(7 * 24 * time.Hour)
	date := unix(s.now.now())
	preview := s.preview(team, "subscription_proration_date", date).ok()
	preview.equal(map[string]any{"amount_due": 7150.0, "next_payment_attempt": float64(s.sub.CurrentPeriodEnd)})
	s.update(team, "proration_date", date).ok().equal(map[string]any{"latest_invoice": s.sub.LatestInvoice})
	s.c.get("/v1/invoiceitems", "pending", "true", "customer", s.sub.Customer).ok().
		equal(map[string]any{"data.0.proration": true, "data.0.amount": 3675.0, "data.0.invoice": nil})
	s.c.get("/v1/invoices/upcoming", "subscription", s.sub.ID).ok().equal(map[string]any{"amount_due": 7150.0})

	s.now.advance(21 * 24 * time.Hour)
	invoice := s.latest()
	if invoice.Total != 7150 || invoice.Status != "paid" || invoice.BillingReason != "subscription_cycle" {
		t.Errorf("the renewal's invoice is %+v", invoice)
	}
	if got, want := descriptions(s.c.get("/v1/invoices/"+invoice.ID)), descriptions(preview); !slices.Equal(got, want) {
		t.Errorf("charged %v, previewed %v", got, want)
	}
	if rows := s.c.get("/v1/invoiceitems", "pending", "true").ok().ids(); len(rows) != 0 {
		t.Errorf("still pending: %v", rows)
	}
}

func TestADowngradeBecomesCredit(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	basic := s.price("Basic", 500, "month")
	s.now.advance(14 * 24 * time.Hour)
	s.preview(basic, "subscription_proration_behavior", "always_invoice").ok().
		equal(map[string]any{"amount_due": 0.0, "total": -700.0, "ending_balance": -700.0})
	s.update(basic, "proration_behavior", "always_invoice", "expand[]", "latest_invoice").ok().
		equal(map[string]any{"latest_invoice.status": "paid", "latest_invoice.total": -700.0, "latest_invoice.amount_due": 0.0})
	s.c.get("/v1/customers/" + s.sub.Customer).ok().equal(map[string]any{"balance": -700.0})
	for _, want := range []struct{ due, balance float64 }{{0, -200}, {300, 0}, {500, 0}} {
		s.c.get("/v1/invoices/upcoming", "subscription", s.sub.ID).ok().
			equal(map[string]any{"amount_due": want.due, "ending_balance": want.balance})
		s.now.advance(31 * 24 * time.Hour)
		s.c.get("/v1/invoices/" + s.latest().ID).ok().equal(map[string]any{
			"amount_due": want.due, "amount_paid": want.due, "ending_balance": want.balance, "total": 500.0,
		})
	}
}

func TestAnotherIntervalIsInvoicedAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	yearly := s.price("Yearly", 19000, "year")
	s.now.advance(14 * 24 * time.Hour)
	date := unix(s.now.now())
	want := []string{"Unused time on Pro after 14 Feb 2026 = -950", "1 × Yearly = 19000"}
	preview := s.preview(yearly, "subscription_proration_date", date).ok()
	if got := descriptions(preview); !slices.Equal(got, want) {
		t.Errorf("preview = %v, want %v", got, want)
	}
	s.update(yearly, "proration_date", date).ok().equal(map[string]any{
		"current_period_start": float64(s.now.now().Unix()), "billing_cycle_anchor": float64(s.now.now().Unix()),
		"current_period_end": float64(s.now.now().AddDate(1, 0, 0).Unix()),
	})
	if got := s.latest(); got.AmountPaid != 18050 || preview.at("amount_due") != 18050.0 {
		t.Errorf("paid %d, previewed %v", got.AmountPaid, preview.at("amount_due"))
	}

	other := newShop(t)
	must(t, other.srv.ScheduleCancel(other.sub.ID, true))
	other.update(other.price("Yearly", 19000, "year"), "proration_behavior", "none").ok().
		equal(map[string]any{"cancel_at_period_end": true, "cancel_at": float64(other.now.now().AddDate(1, 0, 0).Unix())})
	if got := other.latest(); got.AmountPaid != 19000 || len(got.Lines) != 1 {
		t.Errorf("without proration: %+v", got)
	}
}

func TestLeavingAFreePriceStartsANewPeriod(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	free := s.price("Free", 0, "month")
	s.sub = subscribe(t, s.srv, free)
	s.now.advance(10 * 24 * time.Hour)
	s.update(s.price("Team", 4900, "month")).ok().
		equal(map[string]any{"current_period_start": float64(s.now.now().Unix())})
	if got := s.latest(); got.AmountPaid != 4900 {
		t.Errorf("paid %d", got.AmountPaid)
	}
}

func TestProrationsAreRoundedToTheNearestCent(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.now.advance(7 * 24 * time.Hour) // three quarters are left
	for price, want := range map[int64]string{999: "749", 1001: "751", 998: "749", 100_000_000_000_001: "75000000000001"} {
		lines := descriptions(s.preview(s.price("New", price, "month")).ok())
		if len(lines) != 3 || lines[1] != "Remaining time on New after 07 Feb 2026 = "+want {
			t.Errorf("%d: %v, want %s", price, lines, want)
		}
	}
}

func TestNothingIsProratedWithoutNeed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	team := s.price("Team", 4900, "month")
	s.now.advance(7 * 24 * time.Hour)
	s.update(team, "proration_behavior", "none").ok()
	s.update(team, "proration_behavior", "always_invoice", "metadata[k]", "v").ok()
	if got := s.c.get("/v1/invoiceitems").ok().ids(); len(got) != 0 || s.latest().ID != s.sub.LatestInvoice {
		t.Errorf("prorated %v", got)
	}
	s.c.post("/v1/subscriptions/"+s.sub.ID, "items[0][id]", s.sub.Items[0].ID, "items[0][quantity]", "3").ok()
	s.c.get("/v1/invoiceitems").ok().equal(map[string]any{
		"data.0.description": "Remaining time on 3 × Team after 07 Feb 2026", "data.0.amount": 11025.0,
	})
	s.update(team, "proration_date", "1").refused(400, "", "proration_date")
	s.preview(team, "subscription_proration_date", "1").refused(400, "", "subscription_proration_date")
}

func TestATrialIsNotProrated(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "14")))
	s.sub = s.srv.Subscriptions()[1]
	s.update(s.price("Yearly", 19000, "year"), "proration_behavior", "always_invoice").ok().equal(map[string]any{
		"status": "trialing", "current_period_end": float64(s.sub.TrialEnd), "latest_invoice": s.sub.LatestInvoice,
	})
}

func TestThereIsNotAlwaysAnUpcomingInvoice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.c.get("/v1/invoices/upcoming").refused(400, "", "")
	s.c.get("/v1/invoices/upcoming", "customer", "cus_x").refused(404, "resource_missing", "customer")
	s.c.get("/v1/invoices/upcoming", "subscription", "sub_x").refused(404, "resource_missing", "subscription")
	s.c.get("/v1/invoices/upcoming", "subscription", s.sub.ID, "subscription_items[0][id]", "si_x").
		refused(400, "resource_missing", "subscription_items[0][id]")
	nobody := s.srv.AddCustomer("b@example.com")
	s.c.get("/v1/invoices/upcoming", "customer", nobody.ID, "subscription", s.sub.ID).
		refused(404, "resource_missing", "subscription")
	s.c.get("/v1/invoices/upcoming", "customer", nobody.ID).refused(404, "invoice_upcoming_none", "")
	s.c.get("/v1/invoices/upcoming", "customer", s.sub.Customer, "expand[]", "lines.data.price.product").ok().
		equal(map[string]any{"amount_due": 1900.0, "lines.data.0.price.product.name": "Pro"})

	s.update(s.price("Team", 4900, "month")).ok()
	must(t, s.srv.ScheduleCancel(s.sub.ID, true))
	s.c.get("/v1/invoices/upcoming", "subscription", s.sub.ID).ok().equal(map[string]any{"amount_due": 3000.0})
	s.now.advance(28 * 24 * time.Hour)
	if sub, last := s.current(), s.latest(); sub.Status != "canceled" || last.Total != 3000 || last.Status != "paid" {
		t.Errorf("the subscription is %s, its last invoice %+v", sub.Status, last)
	}
	s.c.get("/v1/invoices/upcoming", "subscription", s.sub.ID).refused(404, "invoice_upcoming_none", "")

	other := subscribe(t, s.srv, monthly(s.srv))
	must(t, s.srv.ScheduleCancel(other.ID, true))
	s.c.get("/v1/invoices/upcoming", "subscription", other.ID).refused(404, "invoice_upcoming_none", "")
}
