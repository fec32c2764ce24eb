package stripe

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/internal/sleep"
)

const (
	// maxRetries is how often a call is repeated.
	maxRetries = 2
	// firstPause is the least pause before a repetition; it doubles each time, and up to as much again is added by chance.
	firstPause = 250 * time.Millisecond
)

// retryable reports whether a failed call is worth repeating at once: no answer came, the object or the key was in use, or
// Stripe failed in a way that it does not keep for the idempotency key. Stripe's own advice wins
// (https://docs.stripe.com/error-low-level#retries).
func retryable(method string, err error) bool {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return true
	}
	if e.LastResponse != nil {
		switch e.LastResponse.Header.Get("Stripe-Should-Retry") {
		case "true":
			return true
		case "false":
			return false
		}
	}
	switch e.HTTPStatusCode {
	case http.StatusConflict, http.StatusServiceUnavailable:
		return true
	case http.StatusTooManyRequests:
		return e.Code == sdk.ErrorCodeLockTimeout
	}
	return e.HTTPStatusCode >= http.StatusInternalServerError && method == http.MethodGet
}

// pause waits before a repetition. It reports false when the context ends first, or would end during the pause.
func pause(ctx context.Context, try int) bool {
	d := firstPause << try
	d += rand.N(d) // #nosec G404 -- chance spreads the load, nothing more
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	return sleep.For(ctx, d) == nil
}
