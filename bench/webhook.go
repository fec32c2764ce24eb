package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/paymount/paymount/bench/internal/fixture"
)

// simpleWebhook is the floor: it verifies the event, takes the state out of the payload, and writes both in one
// transaction. It believes the payload, so late events revive what has ended, and each version of the API needs its own.
type simpleWebhook struct{ pool *pgxpool.Pool }

const simpleTables = `
CREATE TABLE simple_events (id text PRIMARY KEY, recorded_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE simple_subscriptions (
    id text PRIMARY KEY, user_id text NOT NULL, customer_id text NOT NULL, status text NOT NULL, price_id text NOT NULL,
    quantity bigint NOT NULL, current_period_start timestamptz NOT NULL, current_period_end timestamptz NOT NULL,
    cancel_at_period_end boolean NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON simple_subscriptions (user_id)`

const simpleUpsert = `INSERT INTO simple_subscriptions (id, user_id, customer_id, status, price_id, quantity,
    current_period_start, current_period_end, cancel_at_period_end, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, price_id = excluded.price_id, quantity = excluded.quantity,
    current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
    cancel_at_period_end = excluded.cancel_at_period_end, updated_at = now()`

func (s simpleWebhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, err := readAll(w, r)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	event, err := webhook.ConstructEvent(payload, r.Header.Get("Stripe-Signature"), fixture.WebhookSecret)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	var sub stripe.Subscription
	if err := json.Unmarshal(event.Data.Raw, &sub); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if err := s.apply(r.Context(), event.ID, &sub); err != nil {
		http.Error(w, "internal server error", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
}

func (s simpleWebhook) apply(ctx context.Context, event string, sub *stripe.Subscription) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "INSERT INTO simple_events (id) VALUES ($1) ON CONFLICT DO NOTHING", event)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		item := sub.Items.Data[0]
		_, err = tx.Exec(ctx, simpleUpsert, sub.ID, sub.Metadata["user_id"], sub.Customer.ID, string(sub.Status), item.Price.ID,
			item.Quantity, time.Unix(sub.CurrentPeriodStart, 0), time.Unix(sub.CurrentPeriodEnd, 0), sub.CancelAtPeriodEnd,
			time.Unix(sub.Created, 0))
		return err
	})
}

// deliveries are signed events about a number of subscriptions in turn, each with an id of its own.
type deliveries struct {
	prefix   string
	objects  int
	requests []*http.Request
	next     atomic.Int64
	made     int
}

// prepare makes n more.
func (d *deliveries) prepare(ctx context.Context, n int) error {
	d.requests = d.requests[:0]
	d.next.Store(0)
	for range n {
		d.made++
		r, err := delivery(ctx, fmt.Sprintf("evt_%s%d", d.prefix, d.made), "customer.subscription.updated",
			fixture.Subscription(fmt.Sprintf("sub_%d", d.made%d.objects+1)))
		if err != nil {
			return err
		}
		d.requests = append(d.requests, r)
	}
	return nil
}

// deliver has a handler take the next one.
func (d *deliveries) deliver(h http.Handler) error {
	return fixture.Call(h, d.requests[d.next.Add(1)-1])
}

func (d *deliveries) side(ctx context.Context, name string, h http.Handler) side {
	return side{
		name: name, prepare: func(n int) error { return d.prepare(ctx, n) },
		do: func() error { return d.deliver(h) },
	}
}

// delivery is the request that brings an event.
func delivery(ctx context.Context, event, kind, object string) (*http.Request, error) {
	payload := fixture.Event(event, kind, object)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(string(payload)))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Stripe-Signature", fixture.Sign(payload, time.Now()))
	r.SetPathValue("project_id", fixture.ProjectID)
	r.SetPathValue("mode", "test")
	return r, nil
}

// subscriptionsInTurn is how many subscriptions the events of the throughput rows are about.
const subscriptionsInTurn = 1000

// webhookRows compares how many events are taken in a second, Stripe's own time set to zero.
func webhookRows(ctx context.Context, b bench) (rows []row, err error) {
	p, err := fixture.OpenPostgres(ctx, b.postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close(ctx)) }()
	if err := errors.Join(p.Fill(ctx, subscriptionsInTurn), p.Exec(ctx, simpleTables)); err != nil {
		return nil, err
	}
	service, err := fixture.NewService(p.Store, fixture.Credentials(fixture.ProjectID), &fixture.Stripe{}, "")
	if err != nil {
		return nil, err
	}
	ours := &deliveries{prefix: "new", objects: subscriptionsInTurn}
	simple := &deliveries{prefix: "new", objects: subscriptionsInTurn}
	read, err := b.measure(fixture.PoolSize,
		ours.side(ctx, "paymount", service.Webhook()), simple.side(ctx, "the floor", simpleWebhook{p.Pool}))
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "webhook, Postgres", against: "the floor: verify, one insert and one upsert in one transaction, with pgx",
		checks: []check{
			atLeast(ratio(read[1], read[0]), 0.85, "%.2f of its events per second"),
			told("%.0f events/s", 1e9/median(read[0].nanoseconds)),
		},
	}}, nil
}
