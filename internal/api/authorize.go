package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
)

// retryAuthorize is what clients are told to wait when the host can't tell what they may do.
const retryAuthorize = 2 * time.Second

// authorize returns the answer to a caller who may not take the action, and nil for one who may.
func (c *Config) authorize(ctx context.Context, caller auth.Identity, action auth.Action) error {
	if c.Authorize == nil {
		return nil
	}
	err := c.Authorize(ctx, caller, action)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, auth.ErrForbidden):
		return &httperr.Error{
			Status: http.StatusServiceUnavailable, Code: httperr.CodeUnavailable,
			Detail:     "Your permissions can't be checked right now. Try again shortly.",
			RetryAfter: retryAuthorize, Cause: fmt.Errorf("the Authorize hook failed: %w", err),
		}
	}
	e := httperr.New(http.StatusForbidden, httperr.CodeForbidden, "You may not do this.")
	e.Cause = err
	var lacks *auth.InsufficientScopeError
	if errors.As(err, &lacks) {
		// https://www.rfc-editor.org/rfc/rfc6750#section-3.1
		e.Header = http.Header{"Www-Authenticate": {fmt.Sprintf(`Bearer error="insufficient_scope", scope=%q`, lacks.Scope)}}
	}
	return e
}
