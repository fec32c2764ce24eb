package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/limitlog"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Config is what all endpoints share. Every field but Authorize and Idempotency is required.
type Config struct {
	Authenticator auth.Authenticator
	// Authorize says what callers may do; nil lets them do everything.
	Authorize auth.Authorize
	// Credentials is what CheckedCredentials returned.
	Credentials project.CredentialResolver
	// DefaultMode is the mode of a request that names none.
	DefaultMode project.Mode
	// CrossOrigin tells requests from pages of other origins, and knows the trusted ones.
	CrossOrigin *http.CrossOriginProtection
	Encode      httperr.Encoder
	Logger      *slog.Logger
	// Refusals takes what clients can cause at will.
	Refusals *limitlog.Logger
	Now      func() time.Time
	// Idempotency keeps answers; nil ignores the header Idempotency-Key.
	Idempotency subscription.IdempotencyStore
	// Quota limits the keys of each owner.
	Quota *Quota
}

// Endpoint is one endpoint: In is its parsed request, Out what it answers with 200 as JSON.
type Endpoint[In, Out any] struct {
	// Method is GET or POST; GET serves HEAD too. Name is the endpoint's path, which tells idempotency keys apart.
	Method, Name string
	// Action is what the caller must be allowed to do.
	Action auth.Action
	// Timeout bounds the work.
	Timeout time.Duration
	// Parse reads the request and reports what is wrong with it to the form.
	Parse func(*Form) In
	// Check returns what the use case finds wrong with the request, so that it is reported with the mistakes that Parse finds. It
	// may be nil.
	Check func(In) []subscription.FieldError
	// Serve does the work.
	Serve func(ctx context.Context, buyer customer.Buyer, in In) (Out, error)
}

// Handler returns e as an http.Handler.
func Handler[In, Out any](c *Config, e Endpoint[In, Out]) http.Handler {
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), e.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		if scope, err := handle(c, e, w, r); err != nil {
			c.Fail(w, r, scope, err)
		}
	})
	signedIn := auth.Verify(c.Authenticator)(auth.Require(c.Authenticator, c.Unauthenticated)(serve))
	return c.Method(e.Method, c.SameOrigin(signedIn))
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

// handle returns the scope of the request, as far as it is known, and why it was not served.
func handle[In, Out any](c *Config, e Endpoint[In, Out], w http.ResponseWriter, r *http.Request) (project.Scope, error) {
	id, _ := auth.FromContext(r.Context()) // auth.Require has let only verified callers through
	scope := project.Scope{ProjectID: id.ProjectID}
	if err := c.authorize(r.Context(), id, e.Action); err != nil {
		return scope, err
	}
	form, err := newForm(w, r)
	if err != nil {
		return scope, err
	}
	scope.Mode = form.mode(c.DefaultMode)
	in := e.Parse(form)
	if e.Check != nil {
		form.check(e.Check(in))
	}
	if err := form.err(); err != nil {
		return scope, err
	}
	buyer := customer.Buyer{Identity: id, Owner: subscription.Owner{Scope: scope, ID: id.Owner()}}
	// An unknown project and a mode that is not configured get one answer, so that projects can't be told apart from outside.
	if buyer.Credentials, err = c.Credentials.ResolveCredentials(r.Context(), scope.ProjectID, scope.Mode); err != nil {
		return scope, err
	}
	ctx := r.Context()
	serve := func(w http.ResponseWriter) error {
		out, err := e.Serve(ctx, buyer, in)
		if err != nil {
			return err
		}
		writeJSON(w, out)
		return nil
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" && e.Method == http.MethodPost && c.Idempotency != nil {
		return scope, c.once(w, r, once{key: key, route: e.Name, buyer: buyer, body: form.raw, serve: serve})
	}
	return scope, serve(w)
}
