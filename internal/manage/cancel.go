package manage

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// maxComment is the longest comment that Stripe takes, in characters
// (https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-comment).
const maxComment = 5000

// CheckCancellation returns the mistakes in a cancellation that can be seen without a look at the subscription.
func CheckCancellation(in subscription.Cancellation) []subscription.FieldError {
	var mistakes []subscription.FieldError
	if reasons := subscription.CancellationReasons(); in.Reason != "" && !slices.Contains(reasons, in.Reason) {
		mistakes = append(mistakes, notOneOf("reason", reasons...))
	}
	if utf8.RuneCountInString(in.Comment) > maxComment {
		mistakes = append(mistakes, subscription.FieldError{
			Field: "comment", Message: "String should have at most 5000 characters", Kind: "string_too_long",
		})
	}
	return mistakes
}

// Cancel ends a subscription with its period, or at once. To ask twice is fine: an owner who has cancelled all gets the one that
// ended last once more.
func (m *Manager) Cancel(
	ctx context.Context, buyer customer.Buyer, in subscription.Cancellation,
) (subscription.Subscription, error) {
	if err := invalid(CheckCancellation(in)); err != nil {
		return subscription.Subscription{}, err
	}
	s, err := m.fresh(ctx, buyer, in.SubscriptionID)
	if in.SubscriptionID == "" && errors.Is(err, subscription.ErrNone) {
		s, err = m.lastCanceled(ctx, buyer)
	}
	if err != nil {
		return subscription.Subscription{}, err
	}
	if s.Status.Ended() {
		// The request that ended it may have failed after that: this completes it.
		return s, m.Stripe.ResumeCollection(ctx, buyer.Credentials, s.CustomerID, s.ID)
	}
	if err := changeable(s); err != nil {
		return subscription.Subscription{}, err
	}
	why := stripe.Reason{Feedback: in.Reason, Comment: in.Comment}
	switch {
	case s.Status == subscription.StatusIncomplete: // Stripe does not schedule the end of such a one
		err = m.endIncomplete(ctx, buyer, s, why)
	case in.Immediately:
		err = m.end(ctx, buyer, s, why)
	case !endIsScheduled(s):
		err = m.Stripe.CancelAtPeriodEnd(ctx, buyer.Credentials, s.ID, true, why)
	case why != stripe.Reason{}:
		err = m.Stripe.ExplainCancellation(ctx, buyer.Credentials, s.ID, why)
	default:
		return s, nil
	}
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return subscription.Subscription{}, err
	}
	return m.refetch(ctx, buyer, s.ID)
}
