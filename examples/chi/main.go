// Command chi is a small app on go-chi/chi that sells a plan: billing below /billing, and one paid route.
//
//	export STRIPE_SECRET_KEY=sk_test_… STRIPE_WEBHOOK_SECRET=whsec_… TOKEN_SECRET=… REDIRECT_ORIGIN=http://localhost:3000
//	go run ./chi
//
// chi takes net/http handlers and middlewares as they are.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func main() {
	if err := run(context.Background(), os.Getenv); err != nil {
		slog.New(slog.NewTextHandler(os.Stderr, nil)).Error("the app failed", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string) error {
	app, err := newApp(ctx, getenv)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: app, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func newApp(ctx context.Context, getenv func(string) string) (http.Handler, error) {
	service, err := newService(ctx, getenv)
	if err != nil {
		return nil, err
	}
	return newRouter(service), nil
}

func newService(ctx context.Context, getenv func(string) string) (*paymount.Service, error) {
	authenticator, err := bearer.New(ctx, bearer.Config{HS256Secret: []byte(getenv("TOKEN_SECRET")), Project: "shop"})
	if err != nil {
		return nil, err
	}
	return paymount.New(paymount.Config{
		Store: memstore.New(), // see ../../cmd/paymount for a database
		Credentials: project.Static{"shop": {project.ModeTest: {
			SecretKey: getenv("STRIPE_SECRET_KEY"), WebhookSecrets: []string{getenv("STRIPE_WEBHOOK_SECRET")},
		}}},
		Authenticator:   authenticator,
		RedirectOrigins: []string{getenv("REDIRECT_ORIGIN")},
		EntitlementMode: project.ModeTest,
		StripeURL:       getenv("STRIPE_API_BASE"), // empty: Stripe's own
	})
}

func newRouter(service *paymount.Service) http.Handler {
	router := chi.NewRouter()
	router.Mount("/billing", http.StripPrefix("/billing", service.Handler()))
	router.With(service.Require()).Get("/report", report)
	return router
}

// report is the paid feature: only subscribers come here.
func report(w http.ResponseWriter, r *http.Request) {
	user, _ := auth.FromContext(r.Context())
	plan, _ := subscription.FromContext(r.Context())
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]string{"user": user.UserID, "plan": plan.Plan().PlanName}
	_ = json.NewEncoder(w).Encode(answer) //nolint:errchkjson // the client may have gone
}
