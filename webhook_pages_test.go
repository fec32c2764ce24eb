package paymount_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// only is a store's view of the user's one subscription.
func (b *bundle) only(store subscription.SubscriptionStore) subscription.Subscription {
	b.t.Helper()
	subs, err := store.Subscriptions(b.t.Context(), subscription.Owner{Scope: testScope(), ID: user})
	if err != nil || len(subs) != 1 {
		b.t.Fatalf("%d subscriptions are stored, %v", len(subs), err)
	}
	return subs[0]
}

func TestASubscriptionOfMoreItemsThanAPageIsStoredWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	var prices []stripetest.Price
	for i := range 14 {
		prices = append(prices, b.stripe.AddPrice(stripetest.PriceSpec{
			Product: fmt.Sprintf("Add-on %d", i), Amount: 100, Interval: "month",
		}))
		b.must(b.stripe.AddItem(sub, prices[i].ID, int64(i+1)))
	}
	b.settle()
	other := memstore.New()
	b.twin(other).reconcile(subscription.ReconcileOptions{})
	for name, store := range map[string]subscription.SubscriptionStore{"webhooks": b.store, "reconcile": other} {
		s := b.only(store)
		want(t, name+": items", len(s.Items), 15)
		want(t, name+": plan", s.Plan().PriceID, b.monthly.ID)
		if last := s.Items[len(s.Items)-1]; last.PriceID != prices[13].ID || last.Quantity != 14 || last.PlanName != "Add-on 13" {
			t.Errorf("%s: the last item is %+v", name, last)
		}
	}
	gate := b.service.Require(subscription.Price(prices[13].ID))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+user)
	w := httptest.NewRecorder()
	gate.ServeHTTP(w, r)
	want(t, "gate for the last item's price", w.Code, http.StatusOK)
}

func TestItemsThatCannotBeFetchedFailTheEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, holding)
	b.must(b.stripe.Complete(b.mustCheckout()))
	sub := b.stripe.Subscriptions()[0].ID
	for i := range 10 {
		price := b.stripe.AddPrice(stripetest.PriceSpec{Product: fmt.Sprintf("Add-on %d", i), Amount: 100, Interval: "month"})
		b.must(b.stripe.AddItem(sub, price.ID, 1))
	}
	b.inject(stripetest.Fault{Method: http.MethodGet, Path: "/v1/subscription_items", Status: http.StatusBadRequest})
	want(t, "answer", b.deliverOnly("customer.subscription.created"), http.StatusInternalServerError)
	_, err := b.twin(memstore.New()).tryReconcile(subscription.ReconcileOptions{})
	if err == nil {
		t.Error("a reconciliation that got part of a subscription says that all is well")
	}
	want(t, "part of it is stored", b.status(user), "")
}

func TestAnInvoiceOfMoreLinesThanAPageIsDescribedByItsPlan(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	b.buy()
	for quantity := 2; quantity < 9; quantity++ { // each change leaves two lines for the next invoice
		b.advance(clock, day)
		want(t, "update", b.post("update-subscription", map[string]any{"quantity": quantity}).status, http.StatusOK)
	}
	b.advance(clock, 31*day)
	invoices := b.stripe.Invoices()
	if lines := len(invoices[len(invoices)-1].Lines); lines < 12 {
		t.Fatalf("the renewal has %d lines, too few for this test", lines)
	}
	other := memstore.New()
	twin := b.twin(other, func(c *paymount.Config, _ *stripetest.Options) { c.Now = clock.time })
	twin.reconcile(subscription.ReconcileOptions{})
	for name, store := range map[string]subscription.SubscriptionStore{"webhooks": b.store, "reconcile": other} {
		rows, _, err := store.Payments(t.Context(), subscription.Owner{Scope: testScope(), ID: user}, subscription.Page{Limit: 1})
		if err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Description, "Pro (") {
			t.Errorf("%s: the renewal is %+v, %v", name, rows, err)
		}
	}
}
