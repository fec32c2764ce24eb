package endpoint

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

// Config is what all endpoints share. Every field but Idempotency is required.
type Config struct {
	Authenticator auth.Authenticator
	Credentials   auth.CredentialResolver
	// DefaultMode is the mode of a request that names none; Modes are those that are served.
	DefaultMode auth.Mode
	Modes       []auth.Mode
	Encode      httperr.Encoder
	Logger      *slog.Logger
	Now         func() time.Time
	// Idempotency keeps answers; nil ignores the header Idempotency-Key.
	Idempotency subscription.IdempotencyStore
}

// Endpoint is one endpoint: In is its parsed request, Out what it answers with 200 as JSON.
type Endpoint[In, Out any] struct {
	// Method is GET or POST; GET serves HEAD too. Name is the endpoint's path, which tells idempotency keys apart.
	Method, Name string
	// Timeout bounds the work.
	Timeout time.Duration
	// Parse reads the request and reports what is wrong with it to the form.
	Parse func(*Form) In
	// Serve does the work.
	Serve func(ctx context.Context, call Call, in In) (Out, error)
}

// Call is who calls, and with which Stripe account they are served.
type Call struct {
	Identity    auth.Identity
	Owner       subscription.Owner
	Credentials auth.Credentials
}

// retryStore is what clients are told to wait when the store or another collaborator fails.
const retryStore = 2 * time.Second

// Handler returns e as an http.Handler.
func Handler[In, Out any](c *Config, e Endpoint[In, Out]) http.Handler {
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), e.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		if err := handle(c, e, w, r); err != nil {
			c.Fail(w, r, err)
		}
	})
	signedIn := auth.Verify(c.Authenticator)(auth.Require(c.Authenticator, c.Encode)(serve))
	return c.Method(e.Method, signedIn)
}

// Method answers 405 to requests with any other method.
func (c *Config) Method(method string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method || (method == http.MethodGet && r.Method == http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		allow := method
		if method == http.MethodGet {
			allow = "GET, HEAD"
		}
		c.Encode(w, r, &httperr.Error{
			Status: http.StatusMethodNotAllowed, Code: httperr.CodeMethodNotAllowed,
			Detail: "This endpoint serves " + allow + ".", Header: http.Header{"Allow": {allow}},
		})
	})
}

func handle[In, Out any](c *Config, e Endpoint[In, Out], w http.ResponseWriter, r *http.Request) error {
	form, err := newForm(w, r)
	if err != nil {
		return err
	}
	mode := form.mode(c.DefaultMode)
	in := e.Parse(form)
	if err := form.err(); err != nil {
		return err
	}
	call, err := c.call(r.Context(), mode)
	if err != nil {
		return err
	}
	ctx := r.Context()
	serve := func(w http.ResponseWriter) error {
		out, err := e.Serve(ctx, call, in)
		if err != nil {
			return err
		}
		httperr.WriteJSON(w, http.StatusOK, out)
		return nil
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" && e.Method == http.MethodPost && c.Idempotency != nil {
		return c.once(w, r, once{key: key, route: e.Name, call: call, body: form.raw, serve: serve})
	}
	return serve(w)
}

// call finds out who calls and resolves the credentials. An unknown project and a mode that is not configured or not
// served get one answer, so that projects can't be told apart from outside.
func (c *Config) call(ctx context.Context, mode auth.Mode) (Call, error) {
	id, _ := auth.FromContext(ctx) // Require has let only verified callers through
	call := Call{
		Identity: id,
		Owner:    subscription.Owner{Scope: subscription.Scope{ProjectID: id.ProjectID, Mode: mode}, UserID: id.UserID},
	}
	if !slices.Contains(c.Modes, mode) {
		return call, auth.ErrNotConfigured
	}
	var err error
	call.Credentials, err = c.Credentials.ResolveCredentials(ctx, id.ProjectID, mode)
	if err != nil {
		return call, err
	}
	if keyMode, ok := auth.KeyMode(call.Credentials.SecretKey); !ok || keyMode != mode {
		c.Logger.ErrorContext(ctx, "the secret key is not one of the mode", "project", id.ProjectID, "mode", mode)
		return call, auth.ErrNotConfigured
	}
	return call, nil
}

// Fail encodes err as the answer, and logs what is not the client's doing.
func (c *Config) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := Error(err)
	if e.Status >= http.StatusInternalServerError {
		c.Logger.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path,
			"status", e.Status, "code", e.Code, "error", err)
	}
	c.Encode(w, r, e)
}

// Error returns the answer for an error of a handler. What is neither an answer already nor Stripe's doing comes from
// the store or another collaborator of the host's, so it is worth trying again.
func Error(err error) *httperr.Error {
	var answer *httperr.Error
	var stripe *stripeerr.Error
	switch {
	case errors.As(err, &answer):
		return answer
	case errors.As(err, &stripe):
		return stripeerr.HTTP(err)
	case errors.Is(err, auth.ErrNotConfigured):
		return httperr.New(http.StatusNotFound, httperr.CodeNotConfigured, "Payments are not configured for this project and mode.")
	}
	return httperr.Unavailable("The service can't be reached right now. Try again shortly.", retryStore, err)
}
