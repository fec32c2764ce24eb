package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// members is a team whose members are counted.
type members struct{ n atomic.Int64 }

func (m *members) count(context.Context) (int64, error) { return m.n.Load(), nil }

// seats is the quantity at Stripe of the only subscription there.
func (b *bundle) seats() int64 {
	b.t.Helper()
	all := b.stripe.Subscriptions()
	if len(all) != 1 {
		b.t.Fatalf("there are %d subscriptions", len(all))
	}
	return all[0].Items[0].Quantity
}

func TestFiftyWhoJoinAtOnceGetFiftySeats(t *testing.T) {
	t.Parallel()
	var config paymount.Config
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { config = *c })
	config.StripeURL = b.stripe.URL
	config.Store = b.store
	accounts := []paymount.Account{b.service.For(ownerOf(user)), b.replica(config).service.For(ownerOf(user))}
	b.buy()
	b.stripe.ResetCalls()
	team := &members{}
	var joining sync.WaitGroup
	for i := range 50 {
		joining.Go(func() {
			team.n.Add(1)
			updated, err := accounts[i%2].SyncQuantity(t.Context(), "", "", team.count)
			if err != nil {
				t.Errorf("join %d: %v", i, err)
				return
			}
			updated.Subscription.Items[0].Quantity = 0 // what the caller does with it concerns no other
		})
	}
	joining.Wait()
	want(t, "seats", b.seats(), 50)
	// Alone, each of them would have cost three.
	if calls := len(b.stripe.Calls()); calls > 75 {
		t.Errorf("%d calls to Stripe", calls)
	}
}

func TestAWriteThatComesLateIsCorrectedByItsOwnWriter(t *testing.T) {
	t.Parallel()
	var config paymount.Config
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { config = *c })
	config.StripeURL = b.stripe.URL
	config.Store = b.store
	other := b.replica(config).service.For(ownerOf(user))
	b.buy()
	team := &members{}
	team.n.Store(2)
	// While the first one is about to write 2, a third member joins, whose replica writes 3.
	b.inject(stripetest.Fault{Method: http.MethodPost, Path: "/v1/subscriptions/*", Times: 1, OnHit: func(stripetest.Call) {
		team.n.Store(3)
		if _, err := other.SyncQuantity(t.Context(), "", "", team.count); err != nil {
			t.Error(err)
		}
	}})
	updated, err := b.service.For(ownerOf(user)).SyncQuantity(t.Context(), "", "", team.count)
	b.must(err)
	want(t, "seats", b.seats(), 3)
	want(t, "seats returned", updated.Subscription.Plan().Quantity, 3)
	want(t, "changed", updated.Changed, true)
}

func TestASyncThatAnotherOneHasFinishedHasChangedSomethingAllTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	account := b.service.For(ownerOf(user))
	counted := 0
	updated, err := account.SyncQuantity(t.Context(), "", "", func(ctx context.Context) (int64, error) {
		counted++
		if counted == 1 {
			return 2, nil
		}
		_, err := account.SetQuantity(ctx, "", "", 3)
		return 3, err
	})
	b.must(err)
	want(t, "changed", updated.Changed, true)
	want(t, "seats", b.seats(), 3)
}

func TestSeatsThatAreRightAlreadyAreNotWritten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy(map[string]any{"quantity": 4})
	b.stripe.ResetCalls()
	team := &members{}
	team.n.Store(4)
	updated, err := b.service.For(ownerOf(user)).SyncQuantity(t.Context(), "", "", team.count)
	b.must(err)
	want(t, "changed", updated.Changed, false)
	want(t, "writes", len(b.stripe.Calls(http.MethodPost)), 0)
}

func TestACountThatFailsOrIsNoQuantityWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	account := b.service.For(ownerOf(user))
	errAway := errors.New("the members' database is away")
	_, err := account.SyncQuantity(t.Context(), "", "", func(context.Context) (int64, error) { return 5, errAway })
	wantError(t, "a count that fails", err, errAway)
	wantError(t, "a count that fails", err, subscription.ErrUnavailable)
	for _, n := range []int64{0, -1} {
		_, err = account.SyncQuantity(t.Context(), "", "", func(context.Context) (int64, error) { return n, nil })
		wantError(t, "a count below 1", err, subscription.ErrInvalid)
	}
	var n atomic.Int64
	_, err = account.SyncQuantity(t.Context(), "", "", func(context.Context) (int64, error) { return n.Add(1), nil })
	wantError(t, "a count that never stands still", err, subscription.ErrUnavailable)
}

func TestTheHostBoundsTheSeatsThatClientsAskFor(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.CustomizeUpdate = func(_ context.Context, id auth.Identity, s subscription.Subscription, update *subscription.Update) error {
			switch {
			case id.UserID == "": // the app itself
			case update.Quantity > 10:
				return subscription.ErrConflict.Because("Ten seats at most.")
			case update.Quantity > 0 && update.Quantity < 3:
				update.Quantity = 3
			}
			if s.Plan().ID == "" {
				t.Error("the hook is not shown the subscription")
			}
			return nil
		}
	})
	b.buy()
	for _, path := range []string{"update-subscription", "update-subscription/preview"} {
		want(t, path, b.post(path, map[string]any{"quantity": 11}).status, http.StatusConflict)
	}
	want(t, "after a refusal", b.seats(), 1)
	want(t, "two", b.post("update-subscription", map[string]any{"quantity": 2}).status, http.StatusOK)
	want(t, "what became of two", b.seats(), 3)
	preview := b.post("update-subscription/preview", map[string]any{"quantity": 2, "new_price_id": b.team.ID})
	want(t, "preview", preview.status, http.StatusOK)
	a := b.post("update-subscription", map[string]any{"quantity": 2, "new_price_id": b.team.ID, "quote": preview.text("quote")})
	want(t, "with the quote", a.status, http.StatusOK)
	_, err := b.service.For(ownerOf(user)).SetQuantity(t.Context(), "", "", 11)
	b.must(err)
	want(t, "what the app itself sets", b.seats(), 11)
}
