package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// inject makes calls to Stripe fail until the returned function is called, or as often as f says.
func (b *bundle) inject(f stripetest.Fault) (remove func()) {
	b.t.Helper()
	if f.Times == 0 {
		f.Times = -1
	}
	remove, err := b.stripe.Inject(f)
	b.must(err)
	return remove
}

func TestAnAttemptWhoseAnswerWasLostIsMadeAgainAsLongAsStripeKnowsIt(t *testing.T) {
	t.Parallel()
	for path, made := range map[string]func(*bundle) int{
		"/v1/customers":         func(b *bundle) int { return len(b.stripe.Customers()) },
		"/v1/checkout/sessions": func(b *bundle) int { return len(b.openSessions()) },
	} {
		for name, later := range map[string]time.Duration{"soon": time.Hour, "when Stripe has forgotten its key": 25 * time.Hour} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				clock := newClock()
				b := setup(t, clock.share)
				remove := b.inject(stripetest.Fault{Method: http.MethodPost, Path: path, Drop: true, Acted: true})
				want(t, "first answer", b.checkout().status, http.StatusServiceUnavailable)
				remove()
				b.advance(clock, later)
				b.stripe.ResetCalls()
				b.mustCheckout()
				want(t, "made", made(b), 1)
				repeated := len(b.stripe.Calls(http.MethodPost, path)) == 1 && len(b.stripe.Calls(http.MethodGet, path)) == 0
				want(t, "only repeated", repeated, later == time.Hour)
			})
		}
	}
}

func TestASessionWhoseAnswerWasLostIsEndedForAnotherPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	remove := b.inject(stripetest.Fault{Method: http.MethodPost, Path: "/v1/checkout/sessions", Drop: true, Acted: true})
	want(t, "first answer", b.checkout().status, http.StatusServiceUnavailable)
	other := map[string]any{"price_id": b.yearly.ID}
	want(t, "another plan, still no answer", b.checkout(other).status, http.StatusServiceUnavailable)
	want(t, "sessions made", len(b.stripe.Sessions()), 1)
	remove()
	id := b.mustCheckout(other)
	want(t, "open sessions", strings.Join(b.openSessions(), ","), id)
	want(t, "sessions made", len(b.stripe.Sessions()), 2)
}

func TestAnAddressThatStripeDoesNotTakeIsLeftOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bad := stripetest.Fault{Method: http.MethodPost, Path: "/v1/customers", Status: http.StatusBadRequest, Param: "email", Times: 1}
	b.inject(bad)
	b.mustCheckout()
	want(t, "customers", len(b.stripe.Customers()), 1)
	want(t, "email", b.stripe.Customers()[0].Email, "")
	for _, c := range b.stripe.Calls(http.MethodGet) {
		if strings.HasPrefix(c.Path, "/v1/customers") {
			t.Errorf("a customer was looked for that Stripe has refused to make: %s", c.Path)
		}
	}

	never := setup(t)
	bad.Times = -1
	never.inject(bad)
	want(t, "refused without an address", never.checkout().status, http.StatusBadGateway)
	want(t, "attempts", len(never.stripe.Calls(http.MethodPost, "/v1/customers")), 2)
}

func TestAPriceThatStripeDoesNotSellIsInvalid(t *testing.T) {
	t.Parallel()
	for param, field := range map[string]string{"line_items[0][price]": "body.price_id", "success_url": ""} {
		b := setup(t)
		b.inject(stripetest.Fault{
			Method: http.MethodPost, Path: "/v1/checkout/sessions", Status: http.StatusBadRequest, Param: param, Times: 1,
		})
		want(t, param, strings.Join(b.checkout().fields(), ","), field)
		b.mustCheckout() // the attempt that was refused is over
	}
}

// incomplete makes the user's subscription one whose first payment never came.
func (b *bundle) incomplete() (sub string) {
	sub = b.buy()
	b.must(b.stripe.SetStatus(sub, "incomplete"))
	b.settle()
	return sub
}

func TestNothingIsSoldBeforeWhatIsInTheWayIsGone(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"its payment can't be looked at":        {Method: http.MethodGet, Path: "/v1/subscriptions/*", Skip: 1},
		"its invoice can't be taken back":       {Method: http.MethodPost, Path: "/v1/invoices/*/void"},
		"the incomplete one can't be cancelled": {Method: http.MethodDelete, Path: "/v1/subscriptions/*"},
		"its end can't be seen":                 {Method: http.MethodGet, Path: "/v1/subscriptions/*", Skip: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.incomplete()
			b.stripe.Hold()
			b.stripe.ResetCalls()
			fault.Status, fault.Times = http.StatusServiceUnavailable, -1
			remove := b.inject(fault)
			want(t, "checkout", b.checkout().status, http.StatusServiceUnavailable)
			want(t, "sessions made", len(b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions")), 0)
			remove()
			b.mustCheckout()
		})
	}
}

func TestTheGuardHoldsWhenStripeCannotBeAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	b.checkout()
	want(t, "logged without a failure", b.logs.String(), "")
	b.inject(stripetest.Fault{Method: http.MethodGet, Path: "/v1/subscriptions/*", Status: http.StatusServiceUnavailable})
	want(t, "checkout", b.checkout().code(), "subscription_exists")
	want(t, "warnings", strings.Count(b.logs.String(), "could not be refreshed"), 1)
}

func TestWhatAFailedAttemptMayHaveLeftIsTakenCareOfFirst(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"its session can't be ended":       {Method: http.MethodPost, Path: "/v1/checkout/sessions/*/expire"},
		"its sessions can't be listed":     {Method: http.MethodGet, Path: "/v1/checkout/sessions"},
		"subscriptions can't be listed":    {Method: http.MethodGet, Path: "/v1/subscriptions"},
		"a subscription can't be fetched":  {Method: http.MethodGet, Path: "/v1/subscriptions/*"},
		"nothing fails, all is to be done": {Method: http.MethodPut, Path: "/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			more := map[string]any{"allow_existing_subscription": true}
			b.buy()
			b.buy(more)
			other := b.mustCheckout(more, map[string]any{"mode": "payment", "price_id": b.once.ID})
			remove := b.inject(stripetest.Fault{
				Method: http.MethodPost, Path: "/v1/checkout/sessions", Status: http.StatusInternalServerError, Acted: true,
			})
			b.checkout(more)
			remove()
			left := slices.DeleteFunc(b.openSessions(), func(id string) bool { return id == other })
			want(t, "sessions left", len(left), 1)

			fault.Status = http.StatusServiceUnavailable
			remove = b.inject(fault)
			b.stripe.ResetCalls()
			if a := b.checkout(more); fault.Method != http.MethodPut {
				want(t, "checkout", a.status, http.StatusServiceUnavailable)
				want(t, "sessions made", len(b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions")), 0)
			}
			remove()
			id := b.mustCheckout(more)
			open := b.openSessions()
			want(t, "open sessions", len(open) == 2 && slices.Contains(open, id) && slices.Contains(open, other), true)
			want(t, "sold again", id == left[0], false)
			want(t, "subscriptions looked at", len(b.stripe.Calls(http.MethodGet, "/v1/subscriptions/*")) >= 2, true)
		})
	}
}

// noSwaps is a store that fails to swap intents once it is told to.
type noSwaps struct {
	*memstore.Store

	passes int // swaps and adoptions that still succeed
}

var errSwap = errors.New("no swaps")

func (s *noSwaps) SwapIntent(
	ctx context.Context, o subscription.Owner, k subscription.IntentKind, version int64, next subscription.Intent,
) (bool, error) {
	s.passes--
	if s.passes < 0 {
		return false, errSwap
	}
	return s.Store.SwapIntent(ctx, o, k, version, next)
}

func (s *noSwaps) AdoptCustomer(
	ctx context.Context, o subscription.Owner, customerID string, version int64, next subscription.Intent,
) (bool, error) {
	s.passes--
	if s.passes < 0 {
		return false, errSwap
	}
	return s.Store.AdoptCustomer(ctx, o, customerID, version, next)
}

func TestAStoreThatFailsAfterStripeHasIsLoggedToo(t *testing.T) {
	t.Parallel()
	for path, passes := range map[string]int{"/v1/customers": 1, "/v1/checkout/sessions": 3} {
		store := &noSwaps{Store: memstore.New(), passes: passes}
		b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Store = store })
		b.inject(stripetest.Fault{Method: http.MethodPost, Path: path, Status: http.StatusBadRequest, Times: 1})
		want(t, path, b.checkout().status >= 500, true)
		want(t, path+": logged", strings.Contains(b.logs.String(), errSwap.Error()), true)
		store.passes = 100
		b.mustCheckout()
	}
}
