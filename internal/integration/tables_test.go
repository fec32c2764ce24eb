package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
)

func TestTeamsCanQueryTheTables(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.March, 29, 1, 30, 0, 0, time.UTC)
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		store := newStore(t, d, sqlstore.Config{})
		sub := &subscription.Subscription{
			ID: "sub_1", Owner: alice(), CustomerID: "cus_1", Status: subscription.StatusActive,
			Items: []subscription.Item{
				{ID: "si_1", PriceID: "price_pro", ProductID: "prod_1", PlanName: "Pro", Quantity: 3}, {ID: "si_2", Quantity: 9},
			},
			CurrentPeriodEnd: start, CollectionPaused: true, CreatedAt: start,
		}
		payment := &subscription.Payment{
			ID: "in_1", Owner: alice(), SubscriptionID: "sub_1", Status: subscription.PaymentPartiallyRefunded,
			Amount: 1299, AmountRefunded: 99, Currency: "eur", Disputed: true, CreatedAt: start,
		}
		for _, o := range []subscription.Object{
			{Scope: alice().Scope, ID: "sub_1", Subscription: sub},
			{Scope: alice().Scope, ID: "in_1", Payment: payment},
			{Scope: alice().Scope, ID: "sub_2"}, // nobody's
			{Scope: alice().Scope, ID: "pi_2"},
		} {
			w := subscription.Write{Old: subscription.Object{Scope: o.Scope, ID: o.ID}, New: o, At: start}
			if saved, err := store.Save(t.Context(), w); err != nil || !saved {
				t.Fatalf("Save: %t, %v", saved, err)
			}
		}
		for query, want := range map[string]string{
			"SELECT project_id || ' ' || mode || ' ' || id || ' ' || user_id || ' ' || customer_id || ' ' || status || ' ' || " +
				"price_id || ' ' || product_id || ' ' || plan_name FROM paymount_subscriptions WHERE collection_paused": //
			"shop test sub_1 alice cus_1 active price_pro prod_1 Pro",
			"SELECT quantity FROM paymount_subscriptions WHERE cancel_at IS NULL AND trial_end IS NULL AND user_id <> ''": "3",
			"SELECT status || ' ' || currency || ' ' || subscription_id || ' ' || user_id FROM paymount_payments WHERE disputed"://
			"partially_refunded eur sub_1 alice",
			"SELECT sum(amount - amount_refunded) FROM paymount_payments":                                                "1200",
			"SELECT count(*) FROM paymount_subscriptions WHERE current_period_end = '2026-03-29 01:30:00.000000'":        "1",
			"SELECT count(*) FROM paymount_payments WHERE created_at < '2026-03-29 01:30:00.000000' AND user_id <> ''":   "0",
			"SELECT count(*) FROM paymount_payments WHERE document->>'description' IS NULL AND document->>'id' = 'in_1'": "1",
			"SELECT count(*) FROM paymount_subscriptions WHERE pending":                                                  "1",
			"SELECT count(*) FROM paymount_payments WHERE pending OR user_id = ''":                                       "1",
		} {
			if d.dialect == sqlstore.Postgres {
				query = strings.ReplaceAll(query, ".000000'", "Z'") // the connection's zone is another one
			}
			var got string
			if err := d.db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if got != want {
				t.Errorf("%s\nreturned %q, want %q", query, got, want)
			}
		}
	})
}

func TestCleanDeletesWhatIsNoLongerNeeded(t *testing.T) {
	t.Parallel()
	const old, young = 1300, 7 // more than two batches
	now := time.Date(2026, time.June, 30, 12, 0, 0, 0, time.UTC)
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		store := newStore(t, d, sqlstore.Config{})
		record := func(count int, name string, at time.Time) (events []string) {
			for i := range count {
				events = append(events, fmt.Sprintf("evt_%s_%d", name, i))
			}
			loaded, err := store.Load(t.Context(), alice().Scope, "sub_1", nil)
			if err != nil {
				t.Fatalf("Load: %v", err)
			}
			w := subscription.Write{Old: loaded.Object, New: loaded.Object, Events: events, At: at}
			if saved, err := store.Save(t.Context(), w); err != nil || !saved {
				t.Fatalf("Save: %t, %v", saved, err)
			}
			return events
		}
		forgotten := record(old, "old", now.AddDate(0, 0, -30))
		kept := record(young, "young", now.AddDate(0, 0, -30).Add(time.Second))
		for i, expires := range []time.Time{now.Add(-time.Hour), now, now.Add(time.Second)} {
			reserve(t, store, fmt.Sprintf("key_%d", i), subscription.Reservation{
				Holder: "me", At: now.Add(-2 * time.Hour), LockedUntil: expires, ExpiresAt: expires,
			})
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if deleted, err := store.Clean(ctx, now); deleted != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("Clean with a canceled context = %d, %v", deleted, err)
		}
		for _, want := range []int64{old + 2, 0} {
			if deleted, err := store.Clean(t.Context(), now); deleted != want || err != nil {
				t.Errorf("Clean = %d, %v; want %d", deleted, err, want)
			}
		}
		for _, check := range []struct {
			events   []string
			recorded int
		}{{kept, young}, {forgotten[:1], 0}} {
			loaded, err := store.Load(t.Context(), alice().Scope, "sub_1", check.events)
			if err != nil || len(loaded.Recorded) != check.recorded {
				t.Errorf("of %q… there are recorded %q, %v; want %d", check.events[0], loaded.Recorded, err, check.recorded)
			}
		}
		wantCount(t, d, "paymount_idempotency_keys", 1)
	})
}

func TestReservationsSweepExpiredKeys(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.June, 30, 12, 0, 0, 0, time.UTC)
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		store := newStore(t, d, sqlstore.Config{})
		const keys = 40
		for i := range keys {
			reserve(t, store, fmt.Sprintf("old_%d", i), subscription.Reservation{Holder: "me", At: now, ExpiresAt: now.Add(time.Hour)})
		}
		wantCount(t, d, "paymount_idempotency_keys", keys)
		for i := range 16 {
			reserve(t, store, fmt.Sprintf("new_%d", i), subscription.Reservation{
				Holder: "me", At: now.Add(time.Hour), ExpiresAt: now.Add(2 * time.Hour),
			})
		}
		wantCount(t, d, "paymount_idempotency_keys", 16)
	})
}

func reserve(t *testing.T, store *sqlstore.Store, key string, r subscription.Reservation) {
	t.Helper()
	if _, reserved, err := store.ReserveKey(t.Context(), alice().Scope, key, r); err != nil || !reserved {
		t.Fatalf("ReserveKey(%q) = %t, %v", key, reserved, err)
	}
}

func wantCount(t *testing.T, d database, table string, want int) {
	t.Helper()
	var count int
	if err := d.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&count); err != nil {
		t.Fatal(err)
	}
	if count != want {
		t.Errorf("%s has %d rows, want %d", table, count, want)
	}
}
