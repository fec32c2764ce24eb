package stripetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func TestAnUpdateThatCannotBePaidChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	team := s.price("Team", 4900, "month")
	before, seen := s.current(), s.seen()
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	refused := s.update(team, "proration_behavior", "always_invoice", "payment_behavior", "error_if_incomplete")
	refused.refused(402, "card_declined", "")
	refused.equal(map[string]any{"error.type": "card_error", "error.decline_code": "generic_decline"})
	if after := s.current(); after.Items[0].Price != before.Items[0].Price || after.LatestInvoice != before.LatestInvoice {
		t.Errorf("the subscription is now %+v", after)
	}
	if got := s.since(seen); len(got) != 0 {
		t.Errorf("events: %v", got)
	}
	s.update(team, "payment_behavior", "error_if_incomplete").ok() // nothing is due before the next period

	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	s.update(team, "proration_behavior", "always_invoice", "payment_behavior", "error_if_incomplete").ok()
	if err := s.srv.SetCardFails("cus_x", true); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("SetCardFails of nobody = %v", err)
	}
	if err := s.srv.SetCardFails(s.srv.AddCustomer("b@example.com").ID, true); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("SetCardFails without a card = %v", err)
	}
	if _, err := s.srv.CardFails("sub_x"); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("CardFails of nothing = %v", err)
	}
}

func TestAnUnpaidUpdateLeavesThePlanPastDue(t *testing.T) {
	t.Parallel()
	for _, behavior := range []string{"allow_incomplete", "default_incomplete", ""} {
		t.Run("payment_behavior="+behavior, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			team := s.price("Team", 4900, "month")
			more := []string{"proration_behavior", "always_invoice"}
			if behavior != "" {
				more = append(more, "payment_behavior", behavior)
			}
			if behavior != "default_incomplete" { // which asks for a confirmation even when the card is good
				must(t, s.srv.SetCardFails(s.sub.Customer, true))
			}
			s.update(team, append(more, "expand[]", "latest_invoice.payment_intent")...).ok().equal(map[string]any{
				"status": "past_due", "items.data.0.price.id": team.ID, "latest_invoice.status": "open",
				"latest_invoice.payment_intent.status": "requires_payment_method",
			})
			must(t, s.srv.SetCardFails(s.sub.Customer, false))
			must(t, s.srv.PayInvoice(s.latest().ID))
			if got := s.current(); got.Status != "active" {
				t.Errorf("status %s after the payment", got.Status)
			}
		})
	}
}

func TestAPendingUpdateWaitsForItsPayment(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	team := s.price("Team", 4900, "month")
	pending := []string{"proration_behavior", "always_invoice", "payment_behavior", "pending_if_incomplete"}
	s.update(team, append(pending, "metadata[k]", "v")...).refused(400, "", "metadata")

	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	waiting := s.update(team, pending...).ok()
	waiting.equal(map[string]any{
		"status": "active", "items.data.0.price.id": s.sub.Items[0].Price,
		"pending_update.subscription_items.0.price.id": team.ID,
	})
	first := s.latest()
	s.now.advance(23 * time.Hour)
	s.c.get("/v1/subscriptions/" + s.sub.ID).ok().equal(map[string]any{"pending_update": nil, "status": "active"})
	s.c.get("/v1/invoices/"+first.ID, "expand[]", "payment_intent").ok().
		equal(map[string]any{"status": "void", "payment_intent.status": "canceled"})

	s.update(team, pending...).ok()
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	s.c.post("/v1/invoices/" + s.latest().ID + "/pay").ok().equal(map[string]any{"status": "paid"})
	s.c.get("/v1/subscriptions/" + s.sub.ID).ok().
		equal(map[string]any{"pending_update": nil, "items.data.0.price.id": team.ID})
	settle(t, s.srv)
	s.box.last(t, "customer.subscription.pending_update_expired")
	s.box.last(t, "payment_intent.canceled").equal(map[string]any{"data.object.cancellation_reason": "void_invoice"})
	s.box.last(t, "customer.subscription.pending_update_applied").
		equal(map[string]any{"data.object.items.data.0.price.id": team.ID})
	s.c.post("/v1/invoices/"+s.latest().ID+"/pay").refused(400, "", "")
}

func TestCancellingDropsAPendingUpdate(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.update(s.price("Yearly", 19000, "year"), "payment_behavior", "pending_if_incomplete").ok()
	waiting := s.latest()
	if sub := s.current(); sub.PendingUpdate == nil || sub.CurrentPeriodEnd != s.sub.CurrentPeriodEnd {
		t.Errorf("before the payment: %+v", sub)
	}
	s.update(s.price("Lifetime", 99000, "year"), "payment_behavior", "pending_if_incomplete").ok()
	if got, _ := s.srv.Invoice(waiting.ID); got.Status != "void" {
		t.Errorf("the invoice of a change that was replaced is %s", got.Status)
	}
	s.c.do("DELETE", "/v1/subscriptions/"+s.sub.ID).ok().equal(map[string]any{"pending_update": nil})
	if got := s.latest(); got.Status != "void" {
		t.Errorf("the invoice is %s", got.Status)
	}
}

func TestANewerChangeReplacesAPendingUpdate(t *testing.T) {
	t.Parallel()
	s := newShop(t, stripetest.Options{PaymentRetries: []time.Duration{time.Hour}})
	team := s.price("Team", 4900, "month")
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.update(team, "proration_behavior", "always_invoice", "payment_behavior", "pending_if_incomplete").ok()
	waiting := s.latest()
	s.now.advance(2 * time.Hour)
	s.srv.Tick()
	if got := s.latest(); got.AttemptCount != 1 {
		t.Errorf("a pending update was tried %d times", got.AttemptCount)
	}
	s.update(team, "proration_behavior", "none").ok().
		equal(map[string]any{"pending_update": nil, "items.data.0.price.id": team.ID})
	s.c.with("Stripe-Version", "2025-03-31.basil").get("/v1/invoice_payments", "invoice", waiting.ID).ok().
		equal(map[string]any{"data.0.status": "canceled"})
}

func TestAnInvoiceIsPaidWithTheCustomersCards(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.update(s.price("Team", 4900, "month"), "proration_behavior", "always_invoice").ok()
	path := "/v1/invoices/" + s.latest().ID + "/pay"
	other := subscribe(t, s.srv, monthly(s.srv))
	s.c.post(path, "payment_method", other.DefaultPaymentMethod).refused(400, "resource_missing", "payment_method")
	s.c.post(path).refused(402, "card_declined", "")
	second, err := s.srv.AddSubscription(s.sub.Customer, s.sub.Items[0].Price, nil) // which comes with a card
	must(t, err)
	s.c.post(path, "payment_method", second.DefaultPaymentMethod).ok().equal(map[string]any{"status": "paid"})
	s.c.post("/v1/invoices/in_x/pay").refused(404, "resource_missing", "invoice")
	if err := s.srv.PayInvoice("in_x"); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("PayInvoice of nothing = %v", err)
	}
	if err := s.srv.PayInvoice(s.latest().ID); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("PayInvoice of a paid one = %v", err)
	}
}

func TestAVoidInvoiceGivesItsCreditBack(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.now.advance(14 * 24 * time.Hour)
	s.update(s.price("Basic", 500, "month"), "proration_behavior", "always_invoice").ok()
	must(t, s.srv.PauseCollection(s.sub.ID, "void"))
	s.now.advance(14 * 24 * time.Hour)
	if got := s.latest(); got.Status != "void" || got.StartingBalance != -700 || got.EndingBalance != -200 {
		t.Errorf("the invoice is %+v", got)
	}
	s.c.get("/v1/customers/" + s.sub.Customer).ok().equal(map[string]any{"balance": -700.0})
}

func TestAPaidPendingUpdateOfTheIntervalRestartsThePeriod(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.SetCardFails(s.sub.Customer, true))
	s.update(s.price("Yearly", 19000, "year"), "payment_behavior", "pending_if_incomplete").ok()
	asked := s.now.now()
	s.now.advance(time.Hour)
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	must(t, s.srv.PayInvoice(s.latest().ID))
	if got := s.current(); got.CurrentPeriodStart != asked.Unix() || got.Status != "active" {
		t.Errorf("after the payment: %+v", got)
	}
	s.due(asked.AddDate(1, 0, 0))
}

func TestAScheduleOwnsTheCancellation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, err := s.srv.SetSchedule(s.sub.ID)
	must(t, err)
	path := "/v1/subscriptions/" + s.sub.ID
	s.c.get(path).ok().equal(map[string]any{"schedule": id})
	s.c.post(path, "cancel_at_period_end", "true").refused(400, "", "")
	s.c.post(path, "cancel_at", "").refused(400, "", "")
	s.c.post(path, "metadata[k]", "v").ok()
	s.c.do("DELETE", path).ok()
	if _, err := s.srv.SetSchedule(s.sub.ID); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("SetSchedule of a cancelled subscription = %v", err)
	}
}

func TestItemsAreAddedFromTheDashboard(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	must(t, s.srv.AddItem(s.sub.ID, s.price("Seats", 500, "month").ID, 3))
	if got := s.current(); len(got.Items) != 2 || got.Items[1].Quantity != 3 {
		t.Errorf("items = %+v", got.Items)
	}
	for _, price := range []string{s.sub.Items[0].Price, s.price("Yearly", 1, "year").ID} {
		if err := s.srv.AddItem(s.sub.ID, price, 1); !errors.Is(err, stripetest.ErrInvalid) {
			t.Errorf("AddItem(%s) = %v, want ErrInvalid", price, err)
		}
	}
}

func TestAnItemDoesNotTakeThePriceOfAnother(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	seats := s.price("Seats", 500, "month")
	must(t, s.srv.AddItem(s.sub.ID, seats.ID, 3))
	items := s.current().Items
	path := "/v1/subscriptions/" + s.sub.ID
	s.c.post(path, "items[0][id]", items[0].ID, "items[0][price]", seats.ID).refused(400, "", "items[0][price]")
	s.c.post(path, "items[0][id]", items[0].ID, "items[0][price]", seats.ID,
		"items[1][id]", items[1].ID, "items[1][deleted]", "true").ok()
	if got := s.current().Items; len(got) != 1 || got[0].Price != seats.ID {
		t.Errorf("items = %+v", got)
	}
}

func TestPausedCollectionIsNotCharged(t *testing.T) {
	t.Parallel()
	for behavior, status := range map[string]string{
		"void": "void", "mark_uncollectible": "uncollectible", "keep_as_draft": "draft", "": "paid",
	} {
		t.Run("behavior="+behavior, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			must(t, s.srv.PauseCollection(s.sub.ID, behavior))
			s.now.advance(28 * 24 * time.Hour)
			if got := s.latest(); got.Status != status || s.current().Status != "active" {
				t.Errorf("the invoice is %s, the subscription %s", got.Status, s.current().Status)
			}
		})
	}
	s := newShop(t)
	path := "/v1/subscriptions/" + s.sub.ID
	resumes := s.now.now().Add(time.Hour)
	s.c.post(path, "pause_collection[behavior]", "void", "pause_collection[resumes_at]", "1").
		refused(400, "", "pause_collection[resumes_at]")
	s.c.post(path, "pause_collection[behavior]", "void", "pause_collection[resumes_at]", unix(resumes)).ok().
		equal(map[string]any{"pause_collection.behavior": "void", "pause_collection.resumes_at": float64(resumes.Unix())})
	s.now.advance(time.Hour)
	s.c.get(path).ok().equal(map[string]any{"pause_collection": nil})
	s.c.post(path, "pause_collection[behavior]", "void").ok()
	s.c.post(path, "pause_collection", "").ok().equal(map[string]any{"pause_collection": nil})
	if err := s.srv.PauseCollection(s.sub.ID, "sleep"); !errors.Is(err, stripetest.ErrInvalid) {
		t.Errorf("PauseCollection(sleep) = %v", err)
	}
}
