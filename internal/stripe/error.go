package stripe

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Kind is what a failed call means for the caller.
type Kind int

// The kinds.
const (
	// Refused: Stripe answered that it will not do this.
	Refused Kind = iota
	// Missing: Stripe knows no such object.
	Missing
	// Broken: Stripe answered with a failure of its own (5xx). It may have acted.
	Broken
	// KeyInUse: a call with the same idempotency key is in flight, or the object is locked. Try again.
	KeyInUse
	// KeyReused: a call with other parameters was made with the same idempotency key. That one may have acted.
	KeyReused
	// RateLimited: Stripe did nothing. Try again later.
	RateLimited
	// Unreachable: no answer came. Stripe may have acted.
	Unreachable
)

// CodeOtherCurrency is the Code of a refusal because the customer has something open in another currency. Stripe itself has
// no code for it, only a text (https://support.stripe.com/questions/set-or-change-currency-for-an-invoice-or-customer-in-stripe-billing).
const CodeOtherCurrency = "other_currency"

// Error is a failed call to Stripe.
type Error struct {
	Kind Kind
	// Code and Param are Stripe's error code and the parameter it is about (https://docs.stripe.com/error-codes).
	Code, Param string
	// Status is the HTTP status, 0 when no answer came, and RequestID Stripe's name for the request.
	Status    int
	RequestID string
	// RetryAfter is what Stripe asked for, else 0.
	RetryAfter time.Duration
	// Cause is set when no answer came: a network error, or the end of the context.
	Cause error
}

// Error describes the failure for a log.
func (e *Error) Error() string {
	if e.Cause != nil {
		return "stripe: no answer: " + e.Cause.Error()
	}
	return fmt.Sprintf("stripe: status %d, code %q, param %q, request %s", e.Status, e.Code, e.Param, e.RequestID)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether err is a failed call of one of the kinds.
func Is(err error, kinds ...Kind) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(kinds, e.Kind)
}

// Answered reports whether Stripe's answer to the call is final: the same idempotency key would get it again
// (https://docs.stripe.com/api/idempotent_requests). A call whose API key was refused was not looked at: with a key that is
// accepted it gets the answer that an earlier call of that idempotency key has had.
func Answered(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden {
		return false
	}
	return slices.Contains([]Kind{Refused, Missing, Broken, KeyReused}, e.Kind)
}

// MayHaveActed reports whether Stripe's answer leaves open what has been done.
func MayHaveActed(err error) bool { return Is(err, Broken, KeyReused) }

// HasCode reports whether Stripe answered with that error code.
func HasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// PaymentFailed reports whether Stripe refused because a payment did not go through.
func PaymentFailed(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusPaymentRequired
}

// retryLater is what callers are told to wait where nobody says how long.
const retryLater = 2 * time.Second

// Public returns the error that the caller of a use case gets for err: a *subscription.Error, whose cause err is, or an error
// that wraps project.ErrNotConfigured. What is neither of them nor an answer of Stripe's is a failure of the store or of another
// collaborator of the host's, so it is worth trying again.
func Public(err error) error {
	var public *subscription.Error
	if err == nil || errors.As(err, &public) || errors.Is(err, project.ErrNotConfigured) {
		return err
	}
	var e *Error
	switch {
	case !errors.As(err, &e):
		public = subscription.ErrUnavailable.Because(subscription.ErrUnavailable.Message)
		public.RetryAfter = retryLater
	case e.Kind == RateLimited || e.Kind == KeyInUse:
		public = subscription.ErrBusy.Because(subscription.ErrBusy.Message)
		public.RetryAfter = max(e.RetryAfter, retryLater)
	case e.Kind == Refused || e.Kind == Missing:
		public = subscription.ErrStripe.Because(subscription.ErrStripe.Message)
	default:
		public = subscription.ErrUnavailable.Because("The payment provider can't be reached right now. Try again shortly.")
		public.RetryAfter = retryLater
	}
	public.Cause = err
	return public
}
