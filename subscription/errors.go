package subscription

import (
	"time"

	"github.com/paymount/paymount/httperr"
)

// The reasons for which a use case is refused or fails, in Go as over HTTP. Match them with errors.Is, which compares codes:
// the sentence of what is returned can be another one.
var (
	// ErrExists: the owner has a subscription, and is not sold a second one.
	ErrExists = &Error{Code: httperr.CodeSubscriptionExists, Message: "You already have a subscription."}
	// ErrSeveral: the owner has several subscriptions, and the request does not say which one it is about.
	ErrSeveral = &Error{
		Code: httperr.CodeSeveralSubscriptions, Message: "You have several subscriptions. Say which one by its subscription_id.",
	}
	// ErrNone: there is no such thing, or it is not the owner's.
	ErrNone = &Error{Code: httperr.CodeNotFound, Message: "You have no subscription."}
	// ErrConflict: it can't be done as things stand.
	ErrConflict = &Error{Code: httperr.CodeConflict, Message: "This can't be done as things stand."}
	// ErrPaymentInProgress: a payment is on its way, and nothing is changed until it has arrived or failed.
	ErrPaymentInProgress = &Error{
		Code: httperr.CodePaymentInProgress, Message: "A payment is on its way. Wait until it has arrived or failed.",
	}
	// ErrInvalid: a field of the request is wrong; Error.Fields lists every one.
	ErrInvalid = &Error{Code: httperr.CodeValidation, Message: "The request is not valid."}
	// ErrBusy: Stripe, or the owner's other requests, leave no room. Try again after Error.RetryAfter.
	ErrBusy = &Error{Code: httperr.CodeRateLimited, Message: "The payment provider is busy. Try again shortly."}
	// ErrStripe: Stripe refused.
	ErrStripe = &Error{Code: httperr.CodeStripe, Message: "The payment provider refused the request."}
	// ErrUnavailable: Stripe, the store or another collaborator can't be reached. Try again after Error.RetryAfter.
	ErrUnavailable = &Error{Code: httperr.CodeUnavailable, Message: "The service can't be reached right now. Try again shortly."}
)

// Error is why a use case was refused or failed. It is not changed once it is made, and so safe for concurrent use.
type Error struct {
	// Code is the stable code of the wire contract: the same as over HTTP.
	Code string
	// Message is one sentence for a person. It holds nothing of Stripe's text.
	Message string
	// Fields lists every wrong field, with ErrInvalid.
	Fields []FieldError
	// RetryAfter, when positive, is how long to wait before another try.
	RetryAfter time.Duration
	// Cause is what went wrong inside, for a log; nil where nothing did.
	Cause error
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	// Field is its name in the request's JSON.
	Field string
	// Message is a sentence for a person, Kind a stable name of the kind of mistake, such as "missing".
	Message, Kind string
}

// Error describes e for a log. It includes the cause.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Is reports whether target is an Error with the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Because returns e with another sentence.
func (e *Error) Because(message string) *Error {
	other := *e
	other.Message = message
	return &other
}

// Invalid returns ErrInvalid for the fields.
func Invalid(fields ...FieldError) *Error {
	other := *ErrInvalid
	other.Fields = fields
	return &other
}
