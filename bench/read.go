package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// simpleRead is GET /my-subscription as one writes it for pgx: one query for one row, and the same answer.
type simpleRead struct{ pool *pgxpool.Pool }

const simpleQuery = `SELECT id, customer_id, status, price_id, plan_name, quantity, current_period_start, current_period_end,
    cancel_at, canceled_at, collection_paused, created_at, document->'items'
FROM paymount_subscriptions WHERE project_id = $1 AND mode = $2 AND user_id = $3
    AND status NOT IN ('canceled', 'incomplete_expired')
ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'trialing' THEN 0 WHEN 'past_due' THEN 1 WHEN 'unpaid' THEN 2 WHEN 'paused' THEN 3
    ELSE 4 END, created_at DESC, id DESC LIMIT 1`

func (s simpleRead) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := fixture.UserFrom(r)
	if err != nil {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	scope := project.Scope{ProjectID: id.ProjectID, Mode: project.ModeTest}
	v := &api.View{ProjectID: id.ProjectID, UserID: id.UserID, IsTestMode: true}
	var items []subscription.Item
	err = s.pool.QueryRow(r.Context(), simpleQuery, id.ProjectID, string(scope.Mode), id.UserID).Scan(&v.SubscriptionID,
		&v.CustomerID, &v.Status, &v.PriceID, &v.PlanName, &v.Quantity, &v.CurrentPeriodStart, &v.CurrentPeriodEnd, &v.CancelAt,
		&v.CancelledAt, &v.CollectionPaused, &v.CreatedAt, &items)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		v = nil
	case err != nil:
		http.Error(w, "service unavailable", http.StatusServiceUnavailable)
		return
	default:
		v.ID = scope.UUID(v.SubscriptionID)
		for _, i := range items {
			v.Items = append(v.Items, api.ItemView{
				ItemID: i.ID, PriceID: i.PriceID, ProductID: i.ProductID, Quantity: i.Quantity,
			})
		}
		utc(&v.CreatedAt, v.CurrentPeriodStart, v.CurrentPeriodEnd, v.CancelAt, v.CancelledAt)
	}
	writeJSON(w, v)
}

// utc turns times, which pgx reads in the host's time zone.
func utc(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

func mySubscription(ctx context.Context, user string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/my-subscription", http.NoBody)
	if err == nil {
		r.Header.Set("X-User", user)
	}
	return r, err
}

func readRows(ctx context.Context, b bench) (rows []row, err error) {
	const users = 1000
	p, err := fixture.OpenPostgres(ctx, b.postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close(ctx)) }()
	if err := p.Fill(ctx, users); err != nil {
		return nil, err
	}
	service, err := fixture.NewService(p.Store, fixture.Credentials(fixture.ProjectID), &fixture.Stripe{}, "")
	if err != nil {
		return nil, err
	}
	ask := func(h http.Handler) func() error {
		var i atomic.Int64
		return func() error {
			r, err := mySubscription(ctx, fmt.Sprintf("user_%d", i.Add(1)%users+1))
			if err != nil {
				return err
			}
			return fixture.Call(h, r)
		}
	}
	read, err := b.measure(fixture.PoolSize,
		side{name: "paymount", do: ask(service.MySubscription())},
		side{name: "by hand", do: ask(simpleRead{p.Pool})},
	)
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "my-subscription, Postgres", against: "a hand-written pgx handler with the same answer",
		checks: []check{
			atLeast(ratio(read[1], read[0]), 0.85, "%.2f of its requests per second"),
			told("%.0f requests/s", 1e9/median(read[0].nanoseconds)),
		},
	}}, nil
}
