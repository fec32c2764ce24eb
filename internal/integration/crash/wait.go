//go:build linux

package crash

import (
	"context"
	"time"
)

// pause waits for d. It reports false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// eventually asks again and again until the answer is yes. It reports false when the time is over first.
func eventually(ctx context.Context, limit, every time.Duration, yes func(context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !yes(ctx) {
		if !pause(ctx, every) {
			return false
		}
	}
	return true
}
