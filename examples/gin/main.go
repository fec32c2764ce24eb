// Command gin is a small app on gin-gonic/gin that sells a plan: billing below /billing, and one paid route.
//
//	export STRIPE_SECRET_KEY=sk_test_… STRIPE_WEBHOOK_SECRET=whsec_… TOKEN_SECRET=… REDIRECT_ORIGIN=http://localhost:3000
//	go run ./gin
//
// gin's WrapH mounts the handlers; a bridge of ten lines runs a net/http middleware.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

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
	gin.SetMode(gin.ReleaseMode)
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
	router := gin.New()
	router.Any("/billing/*path", gin.WrapH(http.StripPrefix("/billing", service.Handler())))
	router.GET("/report", use(service.Require()), report)
	return router
}

// use makes a net/http middleware one of gin's. A middleware that lets nobody pass has answered already, so all that is left
// to do is to abort: a status or a body written here would spoil that answer.
func use(middleware func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			passed = true
			c.Request = r // it carries who calls
			c.Next()
		})
		middleware(next).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}

// report is the paid feature: only subscribers come here.
func report(c *gin.Context) {
	ctx := c.Request.Context()
	user, _ := auth.FromContext(ctx)
	plan, _ := subscription.FromContext(ctx)
	c.JSON(http.StatusOK, gin.H{"user": user.UserID, "plan": plan.Plan().PlanName})
}
