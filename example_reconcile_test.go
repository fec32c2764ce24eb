package paymount_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// An app reconciles when it starts and every few minutes, for what webhooks did not bring.
func ExampleService_Reconcile() {
	var service *paymount.Service // from New
	watch := func(ctx context.Context, logger *slog.Logger) {
		scope := project.Scope{ProjectID: "my-project", Mode: project.ModeLive}
		tick := time.NewTicker(15 * time.Minute)
		defer tick.Stop()
		for ctx.Err() == nil {
			result, err := service.Reconcile(ctx, scope, subscription.ReconcileOptions{})
			if err != nil && !errors.Is(err, subscription.ErrReconcileRunning) { // that is another replica
				logger.WarnContext(ctx, "reconciled in part", "failed", result.Failed, "error", err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}
	_ = watch
}

// Customers and subscriptions from before an app mounted paymount are taken in once. When that is interrupted, the same call
// goes on where it was. Config.Owner says whose they are, there and in webhooks.
func ExampleService_Reconcile_backfill() {
	userByEmail := func(context.Context, string) (string, error) { return "", nil }
	config := paymount.Config{ // and what else New needs
		Owner: func(ctx context.Context, found subscription.Found) (string, error) {
			if id := found.CustomerMetadata["our_user"]; id != "" {
				return id, nil
			}
			return userByEmail(ctx, strings.ToLower(found.Email))
		},
	}

	backfill := func(ctx context.Context, logger *slog.Logger) error {
		service, err := paymount.New(config)
		if err != nil {
			return err
		}
		_, err = service.Reconcile(ctx, project.Scope{ProjectID: "my-project", Mode: project.ModeLive}, subscription.ReconcileOptions{
			Full: true, SkipInitial: true, CallsPerSecond: 20,
			Progress: func(ctx context.Context, sofar subscription.ReconcileResult) error {
				logger.InfoContext(ctx, "backfill", "list", sofar.List, "objects", sofar.Objects, "calls", sofar.Calls)
				return nil
			},
		})
		return err
	}
	_ = backfill
}
