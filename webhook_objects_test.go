package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// holding lets no event be delivered by itself.
func holding(_ *paymount.Config, o *stripetest.Options) { o.Hold = true }

// deliverOnly delivers the pending events of those types and drops the others. It returns what the last one was answered.
func (b *bundle) deliverOnly(types ...string) (status int) {
	b.t.Helper()
	for _, d := range b.stripe.Pending() {
		if !slices.Contains(types, d.Event.Type) {
			b.stripe.Drop(d)
			continue
		}
		var err error
		status, err = b.stripe.Deliver(b.t.Context(), d)
		b.must(err)
	}
	return status
}

func TestAPaymentIntentsEventAloneIsEnough(t *testing.T) {
	t.Parallel()
	for event, end := range map[string]func(*bundle, string) error{
		"payment_intent.succeeded":      func(b *bundle, id string) error { return b.stripe.SucceedDelayed(id) },
		"payment_intent.payment_failed": func(b *bundle, id string) error { return b.stripe.FailDelayed(id) },
	} {
		b := setup(t, holding)
		session := b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID})
		b.must(b.stripe.CompleteDelayed(session))
		b.deliverOnly()
		b.must(end(b, session))
		want(t, event, b.deliverOnly(event), http.StatusOK)
		status := map[string]any{"payment_intent.succeeded": "succeeded", "payment_intent.payment_failed": "failed"}[event]
		want(t, "payment", b.onlyPayment()["status"], status)
	}
}

func TestAnInvoicesPaymentIntentIsNotLookedAt(t *testing.T) {
	t.Parallel()
	b := setup(t, holding)
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.stripe.ResetCalls()
	want(t, "answer", b.deliverOnly("payment_intent.succeeded"), http.StatusOK)
	want(t, "calls", len(b.stripe.Calls()), 0)
}

func TestSessionsWithoutAPaymentIntent(t *testing.T) {
	t.Parallel()
	b := setup(t, holding)
	free := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Gift"})
	paid := b.mustCheckout(map[string]any{"mode": "payment", "price_id": free.ID})
	b.must(b.stripe.Complete(paid))
	b.stripe.ResetCalls()
	want(t, "free", b.deliverOnly("checkout.session.completed"), http.StatusOK)
	want(t, "looks at what was given away", len(b.stripe.Calls(http.MethodGet, "/v1/checkout/sessions/"+paid)), 1)

	b.must(b.stripe.Expire(b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID})))
	b.stripe.ResetCalls()
	want(t, "expired", b.deliverOnly("checkout.session.expired"), http.StatusOK)
	want(t, "calls for what nobody has paid", len(b.stripe.Calls()), 0)
}

func TestADeletedCustomersEventEndsItsSubscriptions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.must(b.stripe.CancelSubscription(b.buy()))
	b.settle()
	more := map[string]any{"allow_existing_subscription": true}
	b.buy()
	b.buy(more)
	b.stripe.Hold()
	b.must(b.stripe.DeleteCustomer(b.customer()))
	event := b.stripe.Pending()[slices.IndexFunc(b.stripe.Pending(), func(d *stripetest.Delivery) bool {
		return d.Event.Type == "customer.deleted"
	})]

	remove := b.inject(stripetest.Fault{Method: http.MethodGet, Path: "/v1/subscriptions/*", Status: http.StatusBadRequest})
	status, err := b.stripe.Deliver(t.Context(), event)
	b.must(err)
	want(t, "answer while Stripe fails", status, http.StatusInternalServerError)
	want(t, "gate", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusNoContent)

	remove()
	b.stripe.ResetCalls()
	b.must(b.stripe.Resend(event.Event.ID))
	want(t, "answer", b.deliverOnly("customer.deleted"), http.StatusOK)
	want(t, "looks at those that went on", len(b.stripe.Calls(http.MethodGet, "/v1/subscriptions/*")), 2)
	want(t, "gate", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusPaymentRequired)
	b.stripe.ResetCalls()
	b.mustCheckout()
	want(t, "tries with the old customer", len(b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions"))-1, 0)
}

var errUnread = errors.New("the table is locked")

// unread is a store that can't be read in one way or the other.
type unread struct {
	*memstore.Store

	owner, subscriptions bool
}

func (u *unread) CustomerOwner(ctx context.Context, s project.Scope, customer string) (string, error) {
	if u.owner {
		return "", errUnread
	}
	return u.Store.CustomerOwner(ctx, s, customer)
}

func (u *unread) Subscriptions(ctx context.Context, o subscription.Owner) ([]subscription.Subscription, error) {
	if u.subscriptions {
		return nil, errUnread
	}
	return u.Store.Subscriptions(ctx, o)
}

func TestAnEventThatTheStoreFailsForIsToBeDeliveredAgain(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]*unread{"owner": {owner: true}, "subscriptions": {subscriptions: true}} {
		store.Store = memstore.New()
		failing := *store
		store.owner, store.subscriptions = false, false
		b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Store = store })
		b.buy()
		b.stripe.Hold()
		b.must(b.stripe.DeleteCustomer(b.customer()))
		*store = failing
		want(t, name, b.deliverOnly("customer.deleted"), http.StatusInternalServerError)
		want(t, name+": logged", strings.Contains(b.logs.String(), errUnread.Error()), true)
	}
}
