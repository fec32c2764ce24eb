package api

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Fail encodes err as the answer, and logs what is not the client's doing.
func (c *Config) Fail(w http.ResponseWriter, r *http.Request, scope project.Scope, err error) {
	e := Error(err)
	if e.Status >= http.StatusInternalServerError {
		c.Logger.ErrorContext(r.Context(), "request failed", failure(r, scope, e, err)...)
	}
	c.Encode(w, r, e)
}

// maxRequestID is the longest id of a request that is logged: clients choose it.
const maxRequestID = 128

// failure returns what a log line says of a failed request. The request's own id is that of the header X-Request-ID, which
// proxies set; Stripe's is what its support and its dashboard know a call by.
func failure(r *http.Request, scope project.Scope, e *httperr.Error, err error) []any {
	args := []any{
		"method", r.Method, "path", r.URL.Path, "project", scope.ProjectID, "mode", string(scope.Mode),
		"status", e.Status, "code", e.Code, "error", err,
	}
	if caller, ok := auth.FromContext(r.Context()); ok {
		args = append(args, "user", caller.UserID)
		if caller.OwnerID != "" {
			args = append(args, "owner", caller.OwnerID)
		}
	}
	if id := r.Header.Get("X-Request-ID"); id != "" {
		args = append(args, "request_id", id[:min(len(id), maxRequestID)])
	}
	var failed *stripe.Error
	if errors.As(err, &failed) && failed.RequestID != "" {
		args = append(args, "stripe_request_id", failed.RequestID)
	}
	return args
}

// Unauthenticated is Encode for what auth.Require refuses. It logs what is the app's own mistake: an authenticator that
// failed, and one that returned an incomplete identity. Credentials that are missing or not valid are the client's.
func (c *Config) Unauthenticated(w http.ResponseWriter, r *http.Request, e *httperr.Error) {
	switch {
	case errors.Is(e, auth.ErrIncomplete):
		c.Refusals.Log(r.Context(), slog.LevelError, "incomplete identity",
			"the authenticator returned an incomplete identity", "path", r.URL.Path, "error", e.Cause)
	case e.Status >= http.StatusInternalServerError:
		c.Refusals.Log(r.Context(), slog.LevelError, "authenticator",
			"the authenticator failed", "path", r.URL.Path, "error", e.Cause)
	}
	c.Encode(w, r, e)
}

// Error returns the answer for an error of a handler.
func Error(err error) *httperr.Error {
	var answer *httperr.Error
	if errors.As(err, &answer) {
		return answer
	}
	err = stripe.Public(err)
	var reason *subscription.Error
	if errors.As(err, &reason) {
		return answerFor(reason, err)
	}
	return httperr.New(http.StatusNotFound, httperr.CodeNotConfigured, "Payments are not configured for this project and mode.")
}

func answerFor(reason *subscription.Error, err error) *httperr.Error {
	e := &httperr.Error{
		Status: httperr.Status(reason.Code), Code: reason.Code, Detail: reason.Message, RetryAfter: reason.RetryAfter, Cause: err,
	}
	for _, f := range reason.Fields {
		e.Fields = append(e.Fields, bodyField(f.Field, f.Message, f.Kind))
	}
	return e
}
