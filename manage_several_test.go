package paymount_test

import (
	"strings"
	"testing"
	"time"
)

// two makes the test's user the owner of a plan and, newer, of an add-on.
func (b *bundle) two(c *clock) (plan, addOn string) {
	b.t.Helper()
	plan = b.buy()
	b.advance(c, time.Hour)
	return plan, b.buy(map[string]any{"price_id": b.team.ID, "quantity": 2, "allow_existing_subscription": true})
}

func (b *bundle) bodies() map[string]map[string]any {
	return map[string]map[string]any{
		"update-subscription/preview": {"new_price_id": b.yearly.ID},
		"update-subscription":         {"new_price_id": b.yearly.ID},
		"cancel-subscription":         {},
		"resume-subscription":         {},
	}
}

func TestWhichOfSeveralSubscriptionsMustBeSaid(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	plan, addOn := b.two(clock)
	for path, body := range b.bodies() {
		a := b.post(path, body)
		if a.status != 409 || a.code() != "several_subscriptions" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
		for _, other := range []string{"sub_unknown", "00000000-0000-5000-8000-000000000000"} {
			body["subscription_id"] = other
			a := b.post(path, body)
			if a.status != 404 || a.code() != "not_found" {
				t.Errorf("%s of an unknown one: %d %s", path, a.status, a.raw)
			}
			theirs := b.as("mallory", "POST", "/billing/"+path, map[string]any{"subscription_id": plan, "new_price_id": b.team.ID})
			want(t, path+" of somebody else's", theirs.code(), "not_found")
		}
		body["subscription_id"] = ""
		want(t, path+" with an empty id", b.post(path, body).status, 422)
	}
	want(t, "changes at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)

	id := b.as(user, "GET", "/billing/my-subscriptions", nil).body["subscriptions"].([]any)[1].(map[string]any)["id"]
	for _, name := range []any{plan, id} { // the older one is the second
		a := b.post("cancel-subscription", map[string]any{"subscription_id": name})
		want(t, "cancelled", a.text("subscription_id"), plan)
		a = b.post("resume-subscription", map[string]any{"subscription_id": name})
		want(t, "resumed", a.text("subscription_id"), plan)
		a = b.post("update-subscription", map[string]any{"subscription_id": name, "new_price_id": b.yearly.ID})
		want(t, "updated", a.text("subscription_id"), plan)
		want(t, "price", a.text("price_id"), b.yearly.ID)
	}
	truth, _ := b.stripe.Subscription(addOn)
	want(t, "the add-on's price", truth.Items[0].Price, b.team.ID)
	want(t, "the add-on is not cancelled", truth.CancelAtPeriodEnd, false)

	end := map[string]any{"subscription_id": addOn, "cancel_immediately": true}
	want(t, "cancel", b.post("cancel-subscription", end).status, 200)
	want(t, "the only one that is left", b.post("cancel-subscription", nil).text("subscription_id"), plan)
	again := b.post("cancel-subscription", map[string]any{"subscription_id": addOn})
	want(t, "one that has ended", again.text("status"), "canceled")
	for _, path := range []string{"resume-subscription", "update-subscription", "update-subscription/preview"} {
		a := b.post(path, map[string]any{"subscription_id": addOn, "new_price_id": b.monthly.ID})
		want(t, path+" of one that has ended", a.code(), "conflict")
	}
}

func TestMySubscriptionsListsAllTheBestFirst(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	none := b.as(user, "GET", "/billing/my-subscriptions?ended=true", nil)
	want(t, "none", none.raw, `{"subscriptions":[]}`+"\n")
	plan, addOn := b.two(clock)
	b.must(b.stripe.SetStatus(addOn, "past_due"))
	gone := b.buy(map[string]any{"allow_existing_subscription": true})
	b.must(b.stripe.CancelSubscription(gone))
	b.settle()
	for query, expected := range map[string][]string{
		"": {plan, addOn}, "?ended=false": {plan, addOn}, "?ended=true": {plan, addOn, gone},
	} {
		a := b.as(user, "GET", "/billing/my-subscriptions"+query, nil)
		list, _ := a.body["subscriptions"].([]any)
		want(t, query+": how many", len(list), len(expected))
		for i, id := range expected {
			want(t, query, list[i].(map[string]any)["subscription_id"], any(id))
		}
	}
	want(t, "a word", b.as(user, "GET", "/billing/my-subscriptions?ended=perhaps", nil).fields()[0], "query.ended")
	want(t, "somebody else's", b.as("mallory", "GET", "/billing/my-subscriptions", nil).raw, none.raw)
}

func TestASubscriptionShowsAllItsItems(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.must(b.stripe.AddItem(sub, b.team.ID, 3))
	b.settle()
	a := b.as(user, "GET", "/billing/my-subscription", nil)
	items, _ := a.body["items"].([]any)
	want(t, "items", len(items), 2)
	truth, _ := b.stripe.Subscription(sub)
	second := items[1].(map[string]any)
	want(t, "item_id", second["item_id"], any(truth.Items[1].ID))
	want(t, "price_id", second["price_id"], any(b.team.ID))
	want(t, "product_id", second["product_id"], any(b.team.Product))
	want(t, "quantity", second["quantity"], any(3.0))
	want(t, "the plan", a.text("price_id"), b.monthly.ID)

	update := b.post("update-subscription", map[string]any{"quantity": 2})
	want(t, "update of one with several items", update.status, 200)
	truth, _ = b.stripe.Subscription(sub)
	want(t, "the plan's quantity", truth.Items[0].Quantity, 2)
	want(t, "the add-on's quantity", truth.Items[1].Quantity, 3)
}

func TestAPriceThatAnotherItemHasIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.must(b.stripe.AddItem(sub, b.team.ID, 3))
	b.settle()
	for _, path := range []string{"update-subscription", "update-subscription/preview"} {
		a := b.post(path, map[string]any{"new_price_id": b.team.ID})
		if a.status != 422 || strings.Join(a.fields(), ",") != "body.new_price_id" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
	want(t, "updates at Stripe", len(b.stripe.Calls("POST", "/v1/subscriptions/*")), 0)
}
