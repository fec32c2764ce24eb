package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/paymount/paymount"
)

// newSingleRouter mounts endpoints one by one. Each answers the wrong method itself, so all are mounted for every method. The
// parameters have the names that the handlers look for, which chi hands on as path values.
func newSingleRouter(service *paymount.Service) http.Handler {
	router := chi.NewRouter()
	router.Handle("/billing/checkout-session", service.CreateCheckoutSession())
	router.Handle("/billing/checkout-session/{session_id}", service.CheckoutSession())
	router.Handle("/billing/my-subscription", service.MySubscription())
	router.Handle("/billing/webhooks/{project_id}/{mode}", service.Webhook())
	router.With(service.Require()).Get("/report", report)
	return router
}
