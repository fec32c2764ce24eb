package api

import (
	"net/http"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/gate"
	"github.com/paymount/paymount/subscription"
)

// retryGate is what clients are told to wait when the store can't be read.
const retryGate = 2 * time.Second

// Gate returns a middleware that lets a verified user pass whom g finds entitled. The next handler finds the subscription with
// subscription.FromContext. Everyone else is answered 402, or 503 when the store can't be read. It must run inside auth.Verify
// and auth.Require.
func Gate(c *Config, g *gate.Gate, requirements ...subscription.Requirement) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			id, _ := auth.FromContext(ctx)
			s, err := g.Entitled(ctx, id.ProjectID, id.Owner(), requirements)
			switch {
			case err != nil:
				c.Logger.ErrorContext(ctx, "the gate could not read the store", "error", err)
				c.Encode(w, r, &httperr.Error{
					Status: http.StatusServiceUnavailable, Code: httperr.CodeUnavailable,
					Detail: "Your plan can't be checked right now. Try again shortly.", RetryAfter: retryGate, Cause: err,
				})
			case s == nil:
				c.Encode(w, r, httperr.New(http.StatusPaymentRequired, httperr.CodeSubscriptionRequired, "This needs a subscription."))
			default:
				next.ServeHTTP(w, r.WithContext(subscription.NewContext(ctx, s)))
			}
		})
	}
}
