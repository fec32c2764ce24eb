package paymount_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// The whole of it: a store, a way to know users, Stripe's keys, and two lines on the mux.
func Example() {
	report := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plan, _ := subscription.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "For subscribers of %s.", plan.Plan().PlanName)
	})
	app := func(ctx context.Context, db *sql.DB) (http.Handler, error) {
		mux := http.NewServeMux()
		return mux, mount(ctx, mux, db, report)
	}
	_ = app
}

func mount(ctx context.Context, mux *http.ServeMux, db *sql.DB, report http.Handler) error {
	store, err := sqlstore.New(db, sqlstore.Postgres, sqlstore.Config{}) // or sqlstore.SQLite
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	users, err := bearer.New(ctx, bearer.Config{
		JWKSURL:  "https://id.example.com/.well-known/jwks.json",
		Issuer:   "https://id.example.com/", // of whom tokens are accepted,
		Audience: "https://api.example.com", // and for whom: without it, tokens for other apps pass
		Project:  "shop",                    // without it, each token needs the claim project_id
	})
	if err != nil {
		return err
	}
	key := os.Getenv("STRIPE_SECRET_KEY")
	mode, _ := project.KeyMode(key) // test or live; New reports a key that is neither
	billing, err := paymount.New(paymount.Config{
		Store:         store,
		Authenticator: users,
		Credentials: project.Static{"shop": {mode: {
			SecretKey:      key,
			WebhookSecrets: []string{os.Getenv("STRIPE_WEBHOOK_SECRET")},
			Prices:         []string{"price_monthly", "price_yearly"}, // without it, clients can buy any price of the account
		}}},
		// One mode: what clients get by default, what is served, and what opens the gate.
		DefaultMode: mode, Modes: []project.Mode{mode}, EntitlementMode: mode,
		RedirectOrigins: []string{"https://app.example.com"},
	})
	if err != nil {
		return err
	}
	mux.Handle("/billing/", http.StripPrefix("/billing", billing.Handler()))
	mux.Handle("/pro", billing.Require()(report))
	return nil
}

// An app with its own sign-in implements auth.Authenticator and needs no JWT.
func Example_sessionCookies() {
	sessions := map[string]string{"8c1f": "ada"} // the app's own

	service, err := paymount.New(paymount.Config{
		Store:       memstore.New(),
		Credentials: project.Static{"shop": {project.ModeTest: {SecretKey: "sk_test_123"}}},
		Authenticator: auth.AuthenticatorFunc(func(r *http.Request) (auth.Identity, error) {
			cookie, err := r.Cookie("session")
			if err != nil {
				return auth.Identity{}, auth.ErrNoCredentials
			}
			user, ok := sessions[cookie.Value]
			if !ok {
				return auth.Identity{}, auth.ErrInvalidCredentials
			}
			return auth.Identity{UserID: user, ProjectID: "shop"}, nil
		}),
		RedirectOrigins: []string{"http://localhost:3000"},
		EntitlementMode: project.ModeTest, // as long as the app only has a test key
	})
	fmt.Println(service != nil, err)
	// Output: true <nil>
}

// Some routes are for some plans only.
func ExampleService_Require() {
	var service *paymount.Service // from New
	mount := func(mux *http.ServeMux, reports, exports http.Handler) {
		mux.Handle("/reports", service.Require()(reports)) // any plan
		mux.Handle("/exports", service.Require(subscription.Product("prod_team"))(exports))
	}
	_ = mount
}

// A webhook at a path of the app's own choice gets its path values from the app.
func ExampleService_Webhook() {
	var service *paymount.Service // from New
	mount := func(mux *http.ServeMux) {
		mux.HandleFunc("/stripe-webhook", func(w http.ResponseWriter, r *http.Request) {
			r.SetPathValue("project_id", "shop")
			r.SetPathValue("mode", "live")
			service.Webhook().ServeHTTP(w, r)
		})
	}
	_ = mount
}

// The success page waits for up to 30 seconds when it is asked to, and an endpoint works for up to 45.
func ExampleService_Handler() {
	serve := func(mux *http.ServeMux) *http.Server {
		return &http.Server{
			Handler:           mux,
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       20 * time.Second,
			WriteTimeout:      80 * time.Second,
			IdleTimeout:       2 * time.Minute,
		}
	}
	_ = serve
}

// An app is tested against the fake Stripe, which needs no network and no account.
func Example_fakeStripe() {
	var checkout func(t *testing.T, stripeURL, price string) (session string) // the app's own

	test := func(t *testing.T) {
		t.Helper()
		srv := stripetest.New(t) // a Stripe on loopback: API, hosted pages, signed webhooks
		price := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
		session := checkout(t, srv.URL, price.ID)     // your app, with srv.URL as Config.StripeURL
		if err := srv.Complete(session); err != nil { // a person pays
			t.Fatal(err)
		}
	}
	_ = test
}

// A public page greets those who are signed in.
func ExampleService_Authenticate() {
	var service *paymount.Service // from New
	home := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, signedIn := auth.FromContext(r.Context()); signedIn {
			_, _ = fmt.Fprintln(w, "Hello,", user.UserID)
		}
	})
	mount := func(mux *http.ServeMux) { mux.Handle("/", service.Authenticate(home)) }
	_ = mount
}

// What to subscribe the webhook's endpoint to at Stripe.
func ExampleEventTypes() {
	for _, name := range paymount.EventTypes()[:3] {
		fmt.Println(name)
	}
	// Output:
	// checkout.session.completed
	// checkout.session.async_payment_succeeded
	// checkout.session.async_payment_failed
}
