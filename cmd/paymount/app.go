package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// mountPath is where a client of the compatible API looks for the endpoints.
const mountPath = "/api/v1/payments/stripe"

// app is the service with all that it works with.
type app struct {
	handler  http.Handler
	mode     project.Mode // that the gate counts
	database *database
	workers  sync.WaitGroup
	// cleanup runs in the end, after the workers.
	cleanup []func() error
}

// newApp puts the app together, with further routes. Its goroutines run until work is done; close waits for them.
func newApp(
	work context.Context, s settings, logger *slog.Logger, routes ...func(*http.ServeMux, *paymount.Service),
) (*app, error) {
	db, err := openDatabase(work, s.database, logger)
	if err != nil {
		return nil, err
	}
	authenticator, err := newAuthenticator(work, s, logger)
	if err != nil {
		return nil, errors.Join(mistakesOf(err), db.close())
	}
	service, err := newService(s, db.store, authenticator, logger)
	if err != nil {
		return nil, errors.Join(mistakesOf(err), db.close())
	}
	a := &app{mode: s.mode, database: db, cleanup: []func() error{db.close}}
	mux := http.NewServeMux()
	newLimits(s.credentials).mount(mux, routesWithin{
		verify: auth.Verify(authenticator),
		api:    db.required(http.StripPrefix(mountPath, service.Handler())),
		pro:    db.required(service.Require()(http.HandlerFunc(pro))),
	})
	mux.HandleFunc("GET /healthz", db.health)
	for _, register := range routes {
		register(mux, service)
	}
	a.handler = mux
	a.workers.Go(func() { db.run(work) })
	if watch := newKeyWatch(s, logger); watch != nil {
		a.workers.Go(func() { watch.run(work) })
	}
	if s.reconcileEvery > 0 {
		r := &reconciler{service, s, logger}
		a.workers.Go(func() {
			if db.wait(work) {
				r.run(work)
			}
		})
	}
	return a, nil
}

// validated are credentials that the settings have looked at. New does not look at them once more: a gate of live mode whose
// keys may still come is a warning here, and a mistake there.
type validated struct{ project.CredentialResolver }

func newAuthenticator(work context.Context, s settings, logger *slog.Logger) (*bearer.Authenticator, error) {
	return bearer.New(work, bearer.Config{
		HS256Secret: []byte(s.hs256Secret), JWKSURL: s.jwksURL, Issuer: s.issuer, Audience: s.audience,
		OwnerClaim: s.ownerClaim, Logger: logger,
	})
}

func newService(
	s settings, store subscription.SubscriptionStore, authenticator auth.Authenticator, logger *slog.Logger,
) (*paymount.Service, error) {
	return paymount.New(paymount.Config{
		Store: store, Credentials: validated{s.credentials}, Authenticator: authenticator,
		RedirectOrigins: s.origins, Modes: s.modes, EntitlementMode: s.mode, StripeURL: s.stripeBase, Logger: logger,
		PastDueGrace: s.pastDueGrace, CheckoutOptions: checkout.Options{TrialDays: s.trialDays}, Prorations: s.prorations,
		Authorize: auth.RequireScope(map[auth.Action]string{auth.Buy: s.manageScope, auth.Manage: s.manageScope}), Now: s.now,
		OnChange: func(ctx context.Context, change subscription.Change) error {
			logger.InfoContext(ctx, "changed", "change", describe(change))
			return nil
		},
	})
}

// describe is what the log says of a change. Here a host would send a receipt, or ship what was paid.
func describe(c subscription.Change) slog.Value {
	if c.Payment != nil {
		return slog.GroupValue(slog.String("id", c.ID), slog.String("payment", c.Payment.ID),
			slog.Int64("amount", c.Payment.Amount), slog.String("currency", c.Payment.Currency))
	}
	return slog.GroupValue(slog.String("id", c.ID), slog.String("subscription", c.New.ID),
		slog.String("status", string(c.New.Status)))
}

// pro stands for the host's own paid feature.
func pro(w http.ResponseWriter, r *http.Request) {
	user, _ := auth.FromContext(r.Context())
	plan, _ := subscription.FromContext(r.Context())
	writeJSON(w, map[string]string{
		"message": "Welcome to the paid feature.", "user_id": user.UserID, "plan": plan.Plan().PlanName,
	})
}

// close ends what the app has started. The context that newApp got must be done.
func (a *app) close() error {
	a.workers.Wait()
	var errs []error
	for _, cleanup := range a.cleanup {
		errs = append(errs, cleanup())
	}
	return errors.Join(errs...)
}
