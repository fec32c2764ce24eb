package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
)

// retryUnavailable is how long a client is asked to wait when credentials can't be checked yet.
const retryUnavailable = 2 * time.Second

// Verify returns a middleware that authenticates each request and lets every request pass. The next handler finds the
// caller with FromContext. A caller that the context already carries is kept.
func Verify(a Authenticator) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o, known := r.Context().Value(contextKey{}).(outcome)
			if !known {
				o.identity, o.err = a.Authenticate(r)
			}
			if d, ok := a.(defaultProject); ok && o.identity.ProjectID == "" {
				o.identity.ProjectID = d.project
			}
			if o.err == nil {
				o.err = o.identity.check()
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, o)))
		})
	}
}

// Require returns a middleware that lets only verified callers pass: those that Verify, or NewContext, put into the
// context. Everyone else is answered 401 with a challenge, or 503 when credentials can't be checked now. The challenge
// is a's when it is a Challenger, else one for a bearer token (RFC 6750 section 3). A nil encode means httperr.Write.
func Require(a Authenticator, encode httperr.Encoder) func(http.Handler) http.Handler {
	if encode == nil {
		encode = httperr.Write
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o, ok := r.Context().Value(contextKey{}).(outcome)
			switch {
			case !ok:
				o.err = ErrNoCredentials
			case o.err == nil:
				o.err = o.identity.check()
			}
			if o.err != nil {
				encode(w, r, rejection(a, o.err))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func rejection(a Authenticator, err error) *httperr.Error {
	if !errors.Is(err, ErrNoCredentials) && !errors.Is(err, ErrInvalidCredentials) {
		return &httperr.Error{
			Status: http.StatusServiceUnavailable, Code: httperr.CodeUnavailable,
			Detail: "Sign-in can't be checked right now. Try again shortly.", RetryAfter: retryUnavailable, Cause: err,
		}
	}
	detail, challenge := "Sign in to use this endpoint.", bearerChallenge(err)
	if errors.Is(err, ErrInvalidCredentials) {
		detail = "The credentials are not valid."
	}
	if c, ok := a.(Challenger); ok {
		challenge = c.Challenge(err)
	}
	return &httperr.Error{
		Status: http.StatusUnauthorized, Code: httperr.CodeUnauthorized, Detail: detail, Cause: err,
		Header: http.Header{"Www-Authenticate": {challenge}},
	}
}

// bearerChallenge is the challenge for a bearer token (RFC 6750 section 3).
func bearerChallenge(err error) string {
	if errors.Is(err, ErrInvalidCredentials) {
		return `Bearer realm="paymount", error="invalid_token"`
	}
	return `Bearer realm="paymount"`
}
