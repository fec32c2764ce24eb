package main

import (
	"net/http"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/cmd/paymount/internal/admission"
	"github.com/paymount/paymount/project"
)

const (
	// places is how many requests of one kind are worked on at the same time, far more than keep the database busy: beyond it,
	// they would only wait longer and take memory. One project gets half of them.
	places, placesEach = 512, 256
	// webhookBytes and userBytes bound the memory for bodies. Stripe's largest events are far below the 1 MiB that the
	// contract allows.
	webhookBytes, webhookBytesEach = 64 << 20, 16 << 20
	userBytes, userBytesEach       = 32 << 20, 8 << 20
	// maxWebhook and maxBody are the largest bodies of the contract.
	maxWebhook, maxBody = 1 << 20, 64 << 10
	bodyLimit           = 5 * time.Second
)

// limits are the kinds of work of this server. What one of them is full of does not keep the others from going on.
type limits struct {
	webhooks admission.Kind
	// users are the requests of signed-in users, waiting those of success pages, which can take half a minute for a payment:
	// else those who wait would shut out those who pay.
	users, waiting admission.Kind
	// gate is the host's own work behind the gate.
	gate admission.Kind
}

func newLimits(credentials project.CredentialResolver) limits {
	user := func() admission.Kind {
		return admission.Kind{
			Places: admission.NewShare(places, placesEach), Bytes: admission.NewShare(userBytes, userBytesEach),
			MaxBody: maxBody, Within: bodyLimit, Key: callersProject,
		}
	}
	return limits{
		webhooks: admission.Kind{
			Places: admission.NewShare(places, placesEach), Bytes: admission.NewShare(webhookBytes, webhookBytesEach),
			MaxBody: maxWebhook, Within: bodyLimit, Key: webhookProject(credentials),
		},
		users: user(), waiting: user(), gate: user(),
	}
}

// routesWithin are what the limits hold for.
type routesWithin struct {
	// verify finds out who is calling, so that the limits know a user's project.
	verify   func(http.Handler) http.Handler
	api, pro http.Handler
}

func (l limits) mount(mux *http.ServeMux, r routesWithin) {
	mux.Handle(mountPath+"/", r.verify(l.users.Handler(r.api)))
	mux.Handle("GET "+mountPath+"/checkout-session/{id}", r.verify(l.waiting.Handler(r.api)))
	mux.Handle("POST "+mountPath+"/webhooks/{project}/{mode}", l.webhooks.Handler(r.api))
	mux.Handle("GET /pro", r.verify(l.gate.Handler(r.pro)))
}

// callersProject is the project of a user whom auth.Verify has verified, and nothing for all others together.
func callersProject(r *http.Request) string {
	caller, _ := auth.FromContext(r.Context())
	return caller.ProjectID
}

// webhookProject returns the project of a webhook, and nothing for all those together that do not exist.
func webhookProject(credentials project.CredentialResolver) func(*http.Request) string {
	return func(r *http.Request) string {
		projectID, mode := r.PathValue("project"), project.Mode(r.PathValue("mode"))
		if _, err := credentials.ResolveCredentials(r.Context(), projectID, mode); err != nil {
			return ""
		}
		return projectID
	}
}
