package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/gate"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// simpleGate asks Postgres for each request.
func simpleGate(pool *pgxpool.Pool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.FromContext(r.Context())
		var status string
		err := pool.QueryRow(r.Context(), `SELECT status FROM paymount_subscriptions
WHERE project_id = $1 AND mode = $2 AND user_id = $3 AND status IN ('active', 'trialing') LIMIT 1`,
			id.ProjectID, "test", id.UserID).Scan(&status)
		if err != nil {
			http.Error(w, "payment required", http.StatusPaymentRequired)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func newGate(store subscription.SubscriptionStore) func(http.Handler) http.Handler {
	config := &api.Config{Encode: httperr.Write, Logger: slog.New(slog.DiscardHandler)}
	return api.Gate(config, gate.New(gate.Config{Store: store, Mode: project.ModeTest, Now: time.Now}))
}

// signedIn is a request of a user, behind the middleware that has verified them.
func signedIn(ctx context.Context, user string) (*http.Request, error) {
	ctx = auth.NewContext(ctx, auth.Identity{UserID: user, ProjectID: fixture.ProjectID})
	return http.NewRequestWithContext(ctx, http.MethodGet, "/pro", http.NoBody)
}

// contextAllocations are those of context.WithValue and of http.Request.WithContext.
const contextAllocations = 2

func gateRows(ctx context.Context, b bench) (rows []row, err error) {
	p, err := fixture.OpenPostgres(ctx, b.postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close(ctx)) }()
	if err := p.Fill(ctx, 1000); err != nil {
		return nil, err
	}
	r, err := signedIn(ctx, "user_1")
	if err != nil {
		return nil, err
	}
	var w fixture.Response
	welcome := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	through := func(h http.Handler) func() error {
		return func() error {
			w.Status = 0
			h.ServeHTTP(&w, r)
			if w.Status != http.StatusOK {
				return fixture.ErrStatus
			}
			return nil
		}
	}
	read, err := b.measure(1,
		side{name: "paymount", do: through(newGate(p.Store)(welcome))},
		side{name: "a read", do: through(simpleGate(p.Pool, welcome))},
	)
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "gate, warm", against: "one indexed read of Postgres for each request",
		checks: []check{
			atLeast(ratio(read[1], read[0]), 100, "%.0fx faster"),
			atMost(median(read[0].nanoseconds), 500, "%.0f ns"),
			atMost(median(read[0].allocations)-contextAllocations, 0, "%.0f allocations beyond the context's"),
		},
	}}, nil
}
