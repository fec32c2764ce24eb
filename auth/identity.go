package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Identity is the authenticated caller.
type Identity struct {
	// UserID names the user within the project. Never empty.
	UserID string
	// OwnerID names who pays for what the user buys and uses, where that is not the user alone: a team, a company. Empty: the user
	// pays. A project's owners and its users who pay for themselves share one space of ids: user 7 must not be team 7.
	OwnerID string
	// ProjectID is the project that the caller acts in.
	ProjectID string
	// Email is the user's address when the sign-in tells it, else empty. It is given to Stripe for a new customer.
	Email string
	// Scope lists what the credentials are good for, where they tell it: names with spaces between them (RFC 6749 section 3.3).
	Scope string
}

// Owner returns the id of who pays: OwnerID, or the user's where that is empty.
func (i Identity) Owner() string { return cmp.Or(i.OwnerID, i.UserID) }

// HasScope reports whether a name is among those of Scope.
func (i Identity) HasScope(name string) bool {
	for word := range strings.FieldsSeq(i.Scope) {
		if word == name {
			return true
		}
	}
	return false
}

// check returns an ErrIncomplete unless the identity names a user of a project, in text that every database can keep.
func (i Identity) check() error {
	switch {
	case !isName(i.UserID):
		return fmt.Errorf("%w: its UserID is empty, or holds a NUL or bytes that are not UTF-8", ErrIncomplete)
	case i.OwnerID != "" && !isName(i.OwnerID):
		return fmt.Errorf("%w: its OwnerID holds a NUL or bytes that are not UTF-8", ErrIncomplete)
	case !isName(i.ProjectID):
		return fmt.Errorf("%w: its ProjectID is empty, or holds a NUL or bytes that are not UTF-8", ErrIncomplete)
	}
	return nil
}

func isName(s string) bool { return s != "" && utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Authenticate fails with one of these; test with errors.Is. Any other error is a failure of the authenticator itself.
var (
	// ErrNoCredentials says that the request carries no credentials at all.
	ErrNoCredentials = errors.New("auth: no credentials")
	// ErrInvalidCredentials says that the request carries credentials which are not accepted.
	ErrInvalidCredentials = errors.New("auth: invalid credentials")
	// ErrUnavailable says that credentials can't be checked now, such as before the first keys have been loaded.
	ErrUnavailable = errors.New("auth: temporarily unavailable")
	// ErrIncomplete says that an authenticator returned an Identity that names no user or no project. The caller gets the answer
	// of ErrInvalidCredentials, which it wraps.
	ErrIncomplete = fmt.Errorf("%w: the identity is incomplete", ErrInvalidCredentials)
)

// Authenticator finds out who sent a request.
//
// Authenticate returns the caller, with UserID and ProjectID set, or an error that wraps one of the errors above. It
// must not write an answer or consume the body, and must be safe for concurrent use.
type Authenticator interface {
	Authenticate(r *http.Request) (Identity, error)
}

// AuthenticatorFunc makes a function an Authenticator.
type AuthenticatorFunc func(r *http.Request) (Identity, error)

// Authenticate calls f.
func (f AuthenticatorFunc) Authenticate(r *http.Request) (Identity, error) { return f(r) }

// Challenger is an Authenticator that says what to put into the WWW-Authenticate header of a 401 (RFC 9110 section
// 11.6.1) for an error that its Authenticate returned.
type Challenger interface {
	Challenge(err error) string
}

type contextKey struct{}

type outcome struct {
	identity Identity
	err      error
}

// NewContext returns a context that carries id as the verified caller. Middleware of this package does that after
// verification; call it yourself in tests and where another middleware has already verified the user.
func NewContext(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, outcome{identity: id})
}

// FromContext returns the verified caller. It reports false when there is none.
func FromContext(ctx context.Context) (Identity, bool) {
	o, ok := ctx.Value(contextKey{}).(outcome)
	if !ok || o.err != nil {
		return Identity{}, false
	}
	return o.identity, true
}
