// Package sleep pauses as long as a context lets it.
package sleep

import (
	"context"
	"time"
)

// For returns nil after d, or the context's cause once it is done, whichever comes first. When both have come it is the cause.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}
