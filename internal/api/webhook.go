package api

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// maxPayload is the largest payload, in bytes. Real ones have passed 50 KB; Stripe names no limit.
const maxPayload = 1 << 20

// Webhook receives Stripe's events. Every field is required.
type Webhook struct {
	Config *Config
	Events *event.Dispatcher
}

// Handler returns the handler of POST /webhooks/{project_id}/{mode}, which reads both path values. It answers 200 when the
// event has been dealt with, and 500 when that failed and Stripe has to deliver it again.
func (h Webhook) Handler() http.Handler {
	return h.Config.Method(http.MethodPost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The project comes from the path alone: a tenant controls all that its events say.
		scope := project.Scope{ProjectID: r.PathValue("project_id"), Mode: project.Mode(r.PathValue("mode"))}
		if err := h.receive(w, r, scope); err != nil {
			h.logRefusal(r, scope, err)
			h.Config.Fail(w, r, scope, err)
			return
		}
		writeJSON(w, map[string]bool{"received": true})
	}))
}

func (h Webhook) receive(w http.ResponseWriter, r *http.Request, scope project.Scope) error {
	credentials, err := h.Config.Credentials.ResolveCredentials(r.Context(), scope.ProjectID, scope.Mode)
	if err != nil {
		return err
	}
	payload, err := ReadBody(w, r, maxPayload)
	if err != nil {
		return err
	}
	err = stripe.Verify(payload, r.Header.Get("Stripe-Signature"), credentials.WebhookSecrets, h.Config.Now())
	if err != nil {
		return refuse("The signature does not verify.", err)
	}
	e, err := stripe.Parse(payload)
	if err != nil {
		return refuse("The payload is not an event with its object.", err)
	}
	if e.Account != "" {
		return nil // of a connected account: not ours. A live endpoint gets their test events too.
	}
	if e.Livemode != (scope.Mode == project.ModeLive) {
		return refuse("The event is of the other mode.", nil)
	}
	if err := h.Events.Dispatch(r.Context(), refetch.Target{Scope: scope, Credentials: credentials}, e); err != nil {
		return &httperr.Error{
			Status: http.StatusInternalServerError, Code: httperr.CodeInternal,
			Detail: "The event could not be dealt with. Deliver it again.", Cause: err,
		}
	}
	return nil
}

func refuse(detail string, cause error) error {
	return &httperr.Error{Status: http.StatusBadRequest, Code: httperr.CodeInvalidWebhook, Detail: detail, Cause: cause}
}

// maxLogged is how much of what stands in a path is logged.
const maxLogged = 128

// logRefusal logs why a delivery was refused: Stripe shows its answer to nobody who could act on it. What failed here, with a
// status of 500 and more, is logged as every failed request is.
func (h Webhook) logRefusal(r *http.Request, scope project.Scope, err error) {
	status := Error(err).Status
	if status >= http.StatusInternalServerError {
		return
	}
	key := "webhook/" + string(scope.Mode) + "/" + scope.ProjectID
	if errors.Is(err, project.ErrNotConfigured) {
		key = "webhook" // the path is whatever a client likes
	}
	h.Config.Refusals.Log(r.Context(), slog.LevelWarn, key, "webhook refused", "status", status,
		"project", scope.ProjectID[:min(len(scope.ProjectID), maxLogged)],
		"mode", string(scope.Mode[:min(len(scope.Mode), maxLogged)]), "reason", err)
}
