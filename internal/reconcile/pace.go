package reconcile

import (
	"context"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/paymount/paymount/subscription"
)

// Pace bounds the calls of one run to Stripe, and counts them.
type Pace struct {
	limiter *rate.Limiter
	calls   atomic.Int64
}

// NewPace returns the pace that the options ask for.
func NewPace(o subscription.ReconcileOptions) (*Pace, error) {
	perSecond, err := callsPerSecond(o)
	if err != nil {
		return nil, err
	}
	return &Pace{limiter: rate.NewLimiter(rate.Limit(perSecond), 1)}, nil
}

// Wait returns when the next call may be made, or with an error once ctx is done. It is safe for concurrent use.
func (p *Pace) Wait(ctx context.Context) error {
	err := p.limiter.Wait(ctx)
	if err == nil {
		p.calls.Add(1)
	}
	return err
}
