package stripetest_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

func subscribe(t *testing.T, srv *stripetest.Server, price stripetest.Price) stripetest.Subscription {
	t.Helper()
	sub, err := srv.AddSubscription(srv.AddCustomer("a@example.com").ID, price.ID, map[string]string{"user": "1"})
	must(t, err)
	return sub
}

func TestSubscriptionsAreListedByStatus(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	price := monthly(srv)
	active, late, dead := subscribe(t, srv, price), subscribe(t, srv, monthly(srv)), subscribe(t, srv, price)
	must(t, srv.SetStatus(late.ID, "past_due"))
	must(t, srv.CancelSubscription(dead.ID))
	for _, test := range []struct{ pairs, want []string }{
		{nil, []string{late.ID, active.ID}},
		{[]string{"status", "all"}, []string{dead.ID, late.ID, active.ID}},
		{[]string{"status", "canceled"}, []string{dead.ID}},
		{[]string{"status", "past_due"}, []string{late.ID}},
		{[]string{"status", "all", "customer", active.Customer}, []string{active.ID}},
		{[]string{"status", "all", "price", price.ID}, []string{dead.ID, active.ID}},
	} {
		if got := c.get("/v1/subscriptions", test.pairs...).ok().ids(); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.pairs, got, test.want)
		}
	}
}

func TestACancelledSubscriptionIsGoneForCancelling(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	sub := subscribe(t, srv, monthly(srv))
	c.do("DELETE", "/v1/subscriptions/"+sub.ID).ok().equal(map[string]any{
		"status": "canceled", "cancellation_details.reason": "cancellation_requested", "cancel_at": nil,
	})
	c.do("DELETE", "/v1/subscriptions/"+sub.ID).refused(404, "resource_missing", "id")
	c.post("/v1/subscriptions/"+sub.ID, "cancel_at_period_end", "true").refused(400, "", "")
	c.get("/v1/subscriptions/" + sub.ID).ok().equal(map[string]any{"status": "canceled"})
	if err := srv.CancelSubscription(sub.ID); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("CancelSubscription = %v, want ErrState", err)
	}
}

func TestAScheduledCancellationIsTakenBackTheWayItWasMade(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	c := newClient(t, srv)
	sub := subscribe(t, srv, monthly(srv))
	path, end := "/v1/subscriptions/"+sub.ID, float64(sub.CurrentPeriodEnd)
	c.post(path, "cancel_at_period_end", "true").ok().
		equal(map[string]any{"cancel_at_period_end": true, "cancel_at": end, "status": "active"})
	c.post(path, "cancel_at_period_end", "false").ok().
		equal(map[string]any{"cancel_at_period_end": false, "cancel_at": nil, "canceled_at": nil})

	must(t, srv.ScheduleCancelAt(sub.ID, time.Unix(sub.CurrentPeriodEnd, 0)))
	c.post(path, "cancel_at_period_end", "false").ok().
		equal(map[string]any{"cancel_at_period_end": false, "cancel_at": end})
	c.post(path, "cancel_at", "").ok().equal(map[string]any{"cancel_at": nil, "canceled_at": nil})
	c.post(path, "cancel_at", "1").refused(400, "", "cancel_at")
}

func TestAScheduledCancellationHappensByTheClock(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	sub := subscribe(t, srv, monthly(srv))
	must(t, srv.ScheduleCancel(sub.ID, true))
	now.advance(27 * 24 * time.Hour)
	if got, _ := srv.Subscription(sub.ID); got.Status != "active" {
		t.Errorf("before the period's end: %s", got.Status)
	}
	now.advance(24 * time.Hour)
	if got, _ := srv.Subscription(sub.ID); got.Status != "canceled" || got.EndedAt != sub.CurrentPeriodEnd {
		t.Errorf("at the period's end: %s, ended at %d", got.Status, got.EndedAt)
	}
	settle(t, srv)
	box.last(t, "customer.subscription.deleted").equal(map[string]any{"data.object.id": sub.ID})
}

func TestAnIncompleteSubscriptionExpires(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv := stripetest.New(t, stripetest.Options{Now: now.now})
	c := newClient(t, srv)
	for range 2 {
		must(t, srv.Decline(openSession(t, c, monthly(srv))))
	}
	subs := srv.Subscriptions()
	c.do("DELETE", "/v1/subscriptions/"+subs[0].ID).ok().equal(map[string]any{"status": "incomplete_expired"})
	c.get("/v1/invoices/" + subs[0].LatestInvoice).ok().equal(map[string]any{"status": "void"})
	c.get("/v1/subscriptions/" + subs[1].ID).ok().equal(map[string]any{"status": "incomplete"})
	now.advance(23 * time.Hour)
	c.get("/v1/subscriptions/" + subs[1].ID).ok().equal(map[string]any{"status": "incomplete_expired"})
}

func TestChangingAnItemHasStripesTraps(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	c := newClient(t, srv)
	small, big := monthly(srv), monthly(srv)
	yearly := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 9900, Interval: "year"})
	sub := subscribe(t, srv, small)
	path, item := "/v1/subscriptions/"+sub.ID, sub.Items[0].ID

	c.post(path, "items[0][id]", item, "items[0][quantity]", "5").ok().
		equal(map[string]any{"items.data.0.quantity": 5.0, "items.data.0.price.id": small.ID})
	c.post(path, "items[0][id]", item, "items[0][price]", big.ID, "proration_behavior", "none").ok().
		equal(map[string]any{"items.data.0.quantity": 1.0, "items.data.0.price.id": big.ID, "items.data.0.id": item})
	added := c.post(path, "items[0][price]", small.ID).ok()
	if got, _ := srv.Subscription(sub.ID); len(got.Items) != 2 {
		t.Errorf("without the item's id there are %d items, want another one: %v", len(got.Items), added.at("items"))
	}
	c.post(path, "items[0][price]", yearly.ID).refused(400, "", "items")
	c.post(path, "items[0][id]", "si_x", "items[0][price]", big.ID).refused(400, "resource_missing", "items[0][id]")
	c.post(path, "items[0][id]", item, "items[0][price]", "price_x").refused(400, "resource_missing", "items[0][price]")
	c.post(path, "items[0][id]", item, "items[0][deleted]", "true", "metadata[user]", "2").ok().
		equal(map[string]any{"items.data.0.price.id": small.ID, "metadata.user": "2"})
	settle(t, srv)
	box.last(t, "customer.subscription.updated").equal(map[string]any{"data.previous_attributes.metadata.user": "1"})
}

func TestDeletingACustomerEndsItsSubscriptions(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{
		URL: box.URL, Events: []string{"customer.subscription.deleted", "customer.deleted"},
	})
	sub := subscribe(t, srv, monthly(srv))
	must(t, srv.DeleteCustomer(sub.Customer))
	settle(t, srv)
	if got := box.types(); !slices.Equal(got, []string{"customer.subscription.deleted", "customer.deleted"}) {
		t.Errorf("events = %v", got)
	}
	if got, _ := srv.Subscription(sub.ID); got.Status != "canceled" {
		t.Errorf("status = %s", got.Status)
	}
}

func TestDashboardStatusesAreToldAbout(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL})
	sub := subscribe(t, srv, monthly(srv))
	must(t, srv.SetStatus(sub.ID, "paused"))
	must(t, srv.SetStatus(sub.ID, "unpaid"))
	settle(t, srv)
	box.last(t, "customer.subscription.paused").equal(map[string]any{"data.object.status": "paused"})
	box.last(t, "customer.subscription.resumed").equal(map[string]any{"data.object.status": "unpaid"})
	box.last(t, "customer.subscription.updated").equal(map[string]any{"data.previous_attributes.status": "paused"})
	if err := srv.SetStatus(sub.ID, "canceled"); !errors.Is(err, stripetest.ErrInvalid) {
		t.Errorf("SetStatus(canceled) = %v, want ErrInvalid", err)
	}
}

func TestTruthIsACopy(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	sub := subscribe(t, srv, monthly(srv))
	got, _ := srv.Subscription(sub.ID)
	got.Metadata["user"], got.Items[0].Quantity = "changed", 9
	if again, _ := srv.Subscription(sub.ID); again.Metadata["user"] != "1" || again.Items[0].Quantity != 1 {
		t.Errorf("changing a copy changed the server: %+v", again)
	}
	if _, ok := srv.Subscription("sub_x"); ok {
		t.Error("an unknown subscription exists")
	}
}
