package manage

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Resume returns the handler of POST /resume-subscription: it takes a scheduled cancellation back, whichever way it was
// scheduled.
func (c Config) Resume() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[string, subscription.View]{
		Method: http.MethodPost, Name: "resume-subscription", Timeout: timeout,
		Parse: subscriptionID, Serve: c.resume,
	})
}

func (c Config) resume(ctx context.Context, call customer.Buyer, id string) (subscription.View, error) {
	s, err := c.fresh(ctx, call, id)
	if err != nil {
		return subscription.View{}, err
	}
	if err := changeable(s); err != nil {
		return subscription.View{}, err
	}
	if s.CancelAt.IsZero() && !s.CancelAtPeriodEnd {
		return subscription.View{}, conflict("The subscription is not about to end: there is nothing to resume.")
	}
	// A subscription can have both the flag and a date: the second round takes back what is left of the first.
	for range 2 {
		if s.CancelAtPeriodEnd {
			err = c.Stripe.CancelAtPeriodEnd(ctx, call.Credentials, s.ID, false, stripe.Reason{})
		} else {
			err = c.Stripe.ClearCancelAt(ctx, call.Credentials, s.ID)
		}
		if err != nil {
			return subscription.View{}, err
		}
		if s, err = c.after(ctx, call, s.ID); err != nil || s.CancelAt.IsZero() && !s.CancelAtPeriodEnd {
			break
		}
	}
	return s.View(), err
}
