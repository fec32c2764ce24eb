package manage

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

type cancelResponse struct {
	SubscriptionID string              `json:"subscription_id"`
	Status         subscription.Status `json:"status"`
	CancelAt       *time.Time          `json:"cancel_at"`
	CancelledAt    *time.Time          `json:"cancelled_at"`
	Message        string              `json:"message"`
}

// Cancel returns the handler of POST /cancel-subscription: at the end of the period, or at once. To ask twice is fine.
func (c Config) Cancel() http.Handler {
	return endpoint.Handler(c.Endpoint, endpoint.Endpoint[bool, cancelResponse]{
		Method: http.MethodPost, Name: "cancel-subscription", Timeout: timeout,
		Parse: func(f *endpoint.Form) bool { return f.Bool("cancel_immediately", false) },
		Serve: c.cancel,
	})
}

func (c Config) cancel(ctx context.Context, call endpoint.Call, now bool) (cancelResponse, error) {
	s, err := c.fresh(ctx, call)
	if notFound(err) {
		return c.cancelled(ctx, call, err)
	}
	if err != nil {
		return cancelResponse{}, err
	}
	if err := changeable(s); err != nil {
		return cancelResponse{}, err
	}
	switch {
	case now:
		err = c.Stripe.CancelSubscription(ctx, call.Credentials, s.ID)
	case s.CancelAt.IsZero() && !s.CancelAtPeriodEnd:
		err = c.Stripe.CancelAtPeriodEnd(ctx, call.Credentials, s.ID, true)
	default:
		return cancelAnswer(s), nil
	}
	if err != nil && !stripeerr.Is(err, stripeerr.Missing) {
		return cancelResponse{}, err
	}
	if s, err = c.after(ctx, call, s.ID); err != nil {
		return cancelResponse{}, err
	}
	return cancelAnswer(s), nil
}

// cancelled answers a user who has no subscription any more with the one that was cancelled last, or with none.
func (c Config) cancelled(ctx context.Context, call endpoint.Call, none error) (cancelResponse, error) {
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return cancelResponse{}, err
	}
	var last subscription.Subscription
	for _, s := range subs {
		if s.Status == subscription.StatusCanceled && !s.EndedAt.Before(last.EndedAt) {
			last = s
		}
	}
	if last.ID == "" {
		return cancelResponse{}, none
	}
	return cancelAnswer(last), nil
}

func cancelAnswer(s subscription.Subscription) cancelResponse {
	view := s.View()
	message := "The subscription is cancelled."
	switch {
	case s.Status.Ended():
	case s.CancelAt.IsZero():
		message = "The subscription ends with its period."
	default:
		message = "The subscription ends on " + s.CancelAt.Format("2 January 2006") + "."
	}
	return cancelResponse{
		SubscriptionID: s.ID, Status: s.Status, CancelAt: view.CancelAt, CancelledAt: view.CancelledAt, Message: message,
	}
}

func notFound(err error) bool {
	var e *httperr.Error
	return errors.As(err, &e) && e.Code == httperr.CodeNotFound
}

// Resume returns the handler of POST /resume-subscription: it takes a scheduled cancellation back, whichever way it was
// scheduled.
func (c Config) Resume() http.Handler {
	return endpoint.Handler(c.Endpoint, endpoint.Endpoint[struct{}, subscription.View]{
		Method: http.MethodPost, Name: "resume-subscription", Timeout: timeout,
		Parse: nothing, Serve: c.resume,
	})
}

func (c Config) resume(ctx context.Context, call endpoint.Call, _ struct{}) (subscription.View, error) {
	s, err := c.fresh(ctx, call)
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
			err = c.Stripe.CancelAtPeriodEnd(ctx, call.Credentials, s.ID, false)
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
