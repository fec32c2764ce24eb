package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// Action is what a caller wants to do with the billing of an owner.
type Action string

// The actions. The gate of paid routes needs none of them: whoever acts for an owner that pays may pass.
const (
	// View is to read subscriptions, payments and the state of a checkout.
	View Action = "view"
	// Buy is to open a checkout.
	Buy Action = "buy"
	// Manage is to change, preview, cancel and resume a subscription, and to open the customer portal.
	Manage Action = "manage"
	// Administer is to set up a project: the developer endpoints.
	Administer Action = "administer"
)

// ErrForbidden says that a caller may not do what was asked for. Test for it with errors.Is.
var ErrForbidden = errors.New("auth: forbidden")

// Authorize is the host's hook that says whether a caller may take an action for the owner that the identity names. It is asked
// for each request to an endpoint, once the caller is known and before anything else is looked at, and must be safe for
// concurrent use. With nil the action is done; with an error that wraps ErrForbidden the answer is 403. Any other error says that
// it can't be told now: it is logged, and the answer is 503.
type Authorize func(ctx context.Context, caller Identity, action Action) error

// InsufficientScopeError says which scope the caller's credentials lack. It is an ErrForbidden, and puts the name into the answer
// (RFC 6750 section 3.1).
type InsufficientScopeError struct {
	Scope string
}

func (e *InsufficientScopeError) Error() string {
	return fmt.Sprintf("auth: the scope %q is missing", e.Scope)
}

// Is reports whether target is ErrForbidden.
func (e *InsufficientScopeError) Is(target error) bool { return target == ErrForbidden }

// RequireScope returns an Authorize for callers whose credentials list scopes, such as JWTs: each action of required needs the
// scope that stands beside it, and every other action needs none.
func RequireScope(required map[Action]string) Authorize {
	required = maps.Clone(required)
	return func(_ context.Context, caller Identity, action Action) error {
		if scope := required[action]; scope != "" && !caller.HasScope(scope) {
			return &InsufficientScopeError{Scope: scope}
		}
		return nil
	}
}
