package paymount

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/catalog"
	"github.com/paymount/paymount/internal/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/gate"
	"github.com/paymount/paymount/internal/limitlog"
	"github.com/paymount/paymount/internal/manage"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/internal/unpaid"
	"github.com/paymount/paymount/subscription"
)

// Service is billing for one app. It is safe for concurrent use and has nothing to close. However it is printed or logged, no key
// shows.
type Service struct {
	// Whatever holds a key is behind a pointer, for those who print a Service and not a pointer to it: fmt prints unexported fields
	// without asking their methods, but follows no pointer in them.
	config    *Config
	stripe    *stripe.Gateway
	endpoint  *api.Config
	gate      *gate.Gate
	customers *customer.Customers
	checkout  *checkout.Checkout
	manage    *manage.Manager
	webhook   http.Handler
}

// New returns a Service. It works on a copy of config, and reports everything that is wrong with it at once.
func New(config Config) (*Service, error) {
	return newService(config, stripe.New(config.StripeURL, config.HTTPClient))
}

func newService(config Config, gateway *stripe.Gateway) (*Service, error) {
	origins, err := config.complete()
	if err != nil {
		return nil, err
	}
	known := config.liveCredentials()
	refusals := limitlog.New(config.Logger, config.Now)
	config.Credentials = api.CheckedCredentials(config.Credentials, config.Modes, refusals)
	if config.DefaultProject != "" {
		config.Authenticator = auth.DefaultProject(config.Authenticator, config.DefaultProject)
	}
	s := &Service{config: &config, stripe: gateway}
	s.endpoint = &api.Config{
		Authenticator: config.Authenticator, Authorize: config.Authorize,
		Credentials: config.Credentials, DefaultMode: config.DefaultMode,
		CrossOrigin: origins.cross, Encode: config.EncodeError, Logger: config.Logger, Refusals: refusals, Now: config.Now,
		Idempotency: config.IdempotencyStore, Quota: api.NewQuota(),
	}
	s.gate = gate.New(gate.Config{
		Store: config.Store, Mode: config.EntitlementMode, PastDueGrace: config.PastDueGrace, Now: config.Now,
	})
	s.customers = &customer.Customers{Store: config.Store, Stripe: gateway, Now: config.Now}
	refetcher := refetch.New(refetch.Config{
		Store: config.Store, Stripe: gateway, Customers: s.customers, OnChange: config.OnChange, Owner: config.Owner,
		Applied: s.gate.Drop, Recorded: s.gate.DropAll, Now: config.Now,
	})
	prices := catalog.New(catalog.Config{Stripe: gateway, Known: known, Now: config.Now, Logger: config.Logger})
	ender := unpaid.Ender{Stripe: gateway, Refetcher: refetcher, Logger: config.Logger}
	s.checkout = checkout.New(checkout.Config{
		Store: config.Store, Stripe: gateway, Catalog: prices, Customers: s.customers, Refetcher: refetcher,
		Unpaid: ender, Redirects: origins.redirect, MaxQuantity: config.MaxQuantity,
		GuardSubscriptionsOnly: config.GuardSubscriptionsOnly,
		ForbidOverride:         config.ForbidSecondSubscription, Options: config.CheckoutOptions,
		Customize: config.CustomizeCheckout, Now: config.Now, Logger: config.Logger,
	})
	s.manage = &manage.Manager{
		Store: config.Store, Stripe: gateway, Refetcher: refetcher, Catalog: prices, Unpaid: ender,
		Redirects: origins.redirect, Prorations: config.Prorations, CreditUnusedTime: config.CreditUnusedTime,
		QuoteKey: config.QuoteKey, MaxQuantity: config.MaxQuantity, Customize: config.CustomizeUpdate,
		Now: config.Now,
	}
	events := &event.Dispatcher{
		Ends: event.Ends{Sessions: s.checkout, Customers: s.customers}, Store: config.Store, Refetcher: refetcher,
		Prices: prices, Invoices: gateway,
	}
	s.webhook = api.Webhook{Config: s.endpoint, Events: events}.Handler()
	return s, nil
}

// String describes s without its keys.
func (s *Service) String() string { return "Service of " + s.config.String() }

// Format writes String for every verb: verbs that fmt does not hand to String would print the fields.
func (s *Service) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue is String, for slog.
func (s *Service) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Handler serves all endpoints, each at its path in the wire contract, on a mux rooted at "/". Below a prefix it stands behind
// http.StripPrefix, with or without a slash at the prefix's end.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/checkout-session", s.CreateCheckoutSession())
	mux.Handle("/checkout-session/{session_id}", s.CheckoutSession())
	mux.Handle("/my-subscription", s.MySubscription())
	mux.Handle("/my-subscriptions", s.MySubscriptions())
	mux.Handle("/my-payments", s.MyPayments())
	mux.Handle("/customer-portal", s.CustomerPortal())
	mux.Handle("/cancel-subscription", s.CancelSubscription())
	mux.Handle("/resume-subscription", s.ResumeSubscription())
	mux.Handle("/update-subscription", s.UpdateSubscription())
	mux.Handle("/update-subscription/preview", s.PreviewUpdate())
	mux.Handle("/webhooks/{project_id}/{mode}", s.Webhook())
	mux.Handle("/openapi.json", s.OpenAPI())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.config.EncodeError(w, r, httperr.New(http.StatusNotFound, httperr.CodeNotFound, "There is no such endpoint."))
	})
	return rooted(mux)
}

// rooted gives paths that have lost their first slash with a prefix that ended in it, as in http.StripPrefix("/billing/", h),
// the slash back. The mux would redirect them out of the prefix.
func rooted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") {
			u := *r.URL
			u.Path = "/" + u.Path
			if u.RawPath != "" {
				u.RawPath = "/" + u.RawPath
			}
			changed := *r // as http.StripPrefix does it
			changed.URL = &u
			r = &changed
		}
		next.ServeHTTP(w, r)
	})
}

// CreateCheckoutSession is POST /checkout-session: it answers with the URL of a Stripe Checkout page.
func (s *Service) CreateCheckoutSession() http.Handler {
	return api.CreateCheckoutSession(s.endpoint, s.checkout)
}

// CheckoutSession is GET /checkout-session/{session_id}, for the success page. Mounted alone it needs that path value.
func (s *Service) CheckoutSession() http.Handler { return api.CheckoutSession(s.endpoint, s.checkout) }

// MySubscription is GET /my-subscription: the user's current subscription, or null.
func (s *Service) MySubscription() http.Handler { return api.MySubscription(s.endpoint, s.manage) }

// MySubscriptions is GET /my-subscriptions: all of the user's subscriptions, the best first.
func (s *Service) MySubscriptions() http.Handler { return api.MySubscriptions(s.endpoint, s.manage) }

// MyPayments is GET /my-payments: the user's payments, newest first.
func (s *Service) MyPayments() http.Handler { return api.MyPayments(s.endpoint, s.manage) }

// CustomerPortal is POST /customer-portal: it answers with the URL of Stripe's customer portal.
func (s *Service) CustomerPortal() http.Handler { return api.CustomerPortal(s.endpoint, s.manage) }

// CancelSubscription is POST /cancel-subscription: at the end of the period, or at once.
func (s *Service) CancelSubscription() http.Handler { return api.Cancel(s.endpoint, s.manage) }

// ResumeSubscription is POST /resume-subscription: it takes a scheduled cancellation back.
func (s *Service) ResumeSubscription() http.Handler { return api.Resume(s.endpoint, s.manage) }

// UpdateSubscription is POST /update-subscription: another price or quantity.
func (s *Service) UpdateSubscription() http.Handler { return api.Update(s.endpoint, s.manage) }

// PreviewUpdate is POST /update-subscription/preview: what an update would cost, with a binding quote.
func (s *Service) PreviewUpdate() http.Handler { return api.Preview(s.endpoint, s.manage) }

// Webhook is POST /webhooks/{project_id}/{mode}, where Stripe sends its events. Mounted alone it needs both path values.
func (s *Service) Webhook() http.Handler { return s.webhook }

// EventTypes returns the types of the events that Webhook deals with: what to subscribe the endpoint to at Stripe, which takes no
// pattern such as "invoice.*" there. Stripe offers invoice_payment.paid to endpoints of version 2025-05-28.basil and later;
// without it nothing is missed, since invoice.updated comes as well. Events of other types do no harm.
func EventTypes() []string { return event.EventTypes() }

// OpenAPI is GET /openapi.json: the OpenAPI 3.1 document of the endpoints, for everyone.
func (s *Service) OpenAPI() http.Handler { return api.OpenAPI(s.endpoint) }

// Authenticate is the middleware that finds out who is calling and lets everyone pass: for public routes that want to
// know their user, by auth.FromContext.
func (s *Service) Authenticate(next http.Handler) http.Handler {
	return auth.Verify(s.config.Authenticator)(next)
}

// Require returns the middleware for the app's paid routes: it authenticates, answers 401 to callers without valid
// credentials and 402 to users without an entitling subscription in Config.EntitlementMode. With requirements the
// subscription must meet at least one of them. The next handler finds the caller by auth.FromContext and the
// subscription by subscription.FromContext.
func (s *Service) Require(requirements ...subscription.Requirement) func(http.Handler) http.Handler {
	entitled := api.Gate(s.endpoint, s.gate, requirements...)
	signedIn := auth.Require(s.config.Authenticator, s.endpoint.Unauthenticated)
	return func(next http.Handler) http.Handler {
		return s.Authenticate(signedIn(entitled(next)))
	}
}
