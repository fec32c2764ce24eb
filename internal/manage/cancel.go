package manage

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// maxComment is the longest comment that Stripe takes, in characters
// (https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-comment).
const maxComment = 5000

// feedbacks are the reasons that Stripe knows
// (https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-feedback).
func feedbacks() []string {
	return []string{
		"customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused",
	}
}

// cancellation is the body of POST /cancel-subscription.
type cancellation struct {
	subscriptionID string
	now            bool
	why            stripe.Reason
}

func parseCancellation(f *api.Form) cancellation {
	in := cancellation{subscriptionID: subscriptionID(f), now: f.Bool("cancel_immediately", false)}
	if f.Has("reason") {
		in.why.Feedback = f.Choice("reason", feedbacks()...)
	}
	in.why.Comment = f.String("comment")
	if utf8.RuneCountInString(in.why.Comment) > maxComment {
		f.Fail(httperr.BodyField("comment", "String should have at most 5000 characters", "string_too_long"))
	}
	return in
}

type cancelResponse struct {
	SubscriptionID string              `json:"subscription_id"`
	Status         subscription.Status `json:"status"`
	CancelAt       *time.Time          `json:"cancel_at"`
	CancelledAt    *time.Time          `json:"cancelled_at"`
	Message        string              `json:"message"`
}

// Cancel returns the handler of POST /cancel-subscription: at the end of the period, or at once. To ask twice is fine.
func (c Config) Cancel() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[cancellation, cancelResponse]{
		Method: http.MethodPost, Name: "cancel-subscription", Timeout: timeout,
		Parse: parseCancellation, Serve: c.cancel,
	})
}

func (c Config) cancel(ctx context.Context, call customer.Buyer, in cancellation) (cancelResponse, error) {
	s, err := c.fresh(ctx, call, in.subscriptionID)
	if in.subscriptionID == "" && notFound(err) {
		s, err = c.lastEnded(ctx, call, err)
	}
	if err != nil {
		return cancelResponse{}, err
	}
	if s.Status.Ended() {
		// An immediate cancellation that broke off after the end is gone on with.
		return cancelAnswer(s), c.Stripe.ResumeCollection(ctx, call.Credentials, s.CustomerID)
	}
	if err := changeable(s); err != nil {
		return cancelResponse{}, err
	}
	switch scheduled := s.CancelAtPeriodEnd || !s.CancelAt.IsZero(); {
	case s.Status == subscription.StatusIncomplete: // Stripe does not schedule the end of such a one
		err = c.endIncomplete(ctx, call, s, in.why)
	case in.now:
		err = c.end(ctx, call, s, in.why)
	case !scheduled:
		err = c.Stripe.CancelAtPeriodEnd(ctx, call.Credentials, s.ID, true, in.why)
	case in.why != stripe.Reason{}:
		err = c.Stripe.ExplainCancellation(ctx, call.Credentials, s.ID, in.why)
	default:
		return cancelAnswer(s), nil
	}
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return cancelResponse{}, err
	}
	if s, err = c.after(ctx, call, s.ID); err != nil {
		return cancelResponse{}, err
	}
	return cancelAnswer(s), nil
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
