package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// reconciler finds out what webhooks did not bring, for every project and mode that has credentials.
type reconciler struct {
	service  *paymount.Service
	settings settings
	logger   *slog.Logger
}

// run reconciles now and then at every interval, until ctx is done. Users are served meanwhile.
func (r *reconciler) run(ctx context.Context) {
	for {
		for _, scope := range r.scopes() {
			r.reconcile(ctx, scope)
		}
		if !wait(ctx, r.settings.reconcileEvery) {
			return
		}
	}
}

func (r *reconciler) scopes() []project.Scope {
	var credentials project.Static
	switch c := r.settings.credentials.(type) {
	case project.Static:
		credentials = c
	case *project.File:
		credentials = c.Current() // read again: a project may have come
	}
	var scopes []project.Scope
	for _, projectID := range slices.Sorted(maps.Keys(credentials)) {
		for _, mode := range slices.Sorted(maps.Keys(credentials[projectID])) {
			if r.settings.serves(mode) {
				scopes = append(scopes, project.Scope{ProjectID: projectID, Mode: mode})
			}
		}
	}
	return scopes
}

// reconcile does one run and logs one line. What failed is tried again at the next one.
func (r *reconciler) reconcile(ctx context.Context, scope project.Scope) {
	began := time.Now()
	result, err := r.service.Reconcile(ctx, scope, subscription.ReconcileOptions{})
	logger := r.logger.With("project", scope.ProjectID, "mode", scope.Mode)
	switch {
	case ctx.Err() != nil: // the server stops
	case errors.Is(err, subscription.ErrReconcileRunning):
		logger.InfoContext(ctx, "another replica reconciles")
	default:
		logger = logger.With("full", result.Full, "objects", result.Objects, "events", result.Events, "ignored", result.Ignored,
			"failed", result.Failed, "calls", result.Calls, "took", time.Since(began).String())
		if len(result.Missing) > 0 {
			logger.ErrorContext(ctx, "Stripe does not know live subscriptions of the store: the key may be one of another account",
				"subscriptions", result.Missing)
		}
		if err != nil {
			logger.WarnContext(ctx, "reconciled in part, trying again later", "error", err)
			return
		}
		logger.InfoContext(ctx, "reconciled")
	}
}
