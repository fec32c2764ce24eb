package httperr

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// The stable codes of the wire contract.
const (
	CodeSubscriptionExists   = "subscription_exists"
	CodeSeveralSubscriptions = "several_subscriptions"
	CodeUnauthorized         = "unauthorized"
	CodeForbidden            = "forbidden"
	CodeCrossOrigin          = "cross_origin"
	CodeSubscriptionRequired = "subscription_required"
	CodeNotConfigured        = "not_configured"
	CodeNotFound             = "not_found"
	CodeBadRequest           = "bad_request"
	CodeMethodNotAllowed     = "method_not_allowed"
	CodeConflict             = "conflict"
	CodePaymentInProgress    = "payment_in_progress"
	CodeBodyTooLarge         = "body_too_large"
	CodeUnsupportedMedia     = "unsupported_media_type"
	CodeValidation           = "validation_error"
	CodeInvalidWebhook       = "invalid_webhook"
	CodeRateLimited          = "rate_limited"
	CodeStripe               = "stripe_error"
	CodeUnavailable          = "unavailable"
	CodeInternal             = "internal_error"
)

// Error is what an endpoint answers when it does not answer with its result.
//
// An Error is immutable once built and so safe for concurrent use.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is the stable, machine-readable code.
	Code string
	// Detail is one sentence for a person. It is not used when Fields is not empty.
	Detail string
	// Fields lists every wrong field of a 422.
	Fields []Field
	// RetryAfter, when positive, is sent as the Retry-After header in whole seconds, rounded up (RFC 9110 section 10.2.3).
	RetryAfter time.Duration
	// Header holds further headers of the answer, such as Allow and WWW-Authenticate.
	Header http.Header
	// Cause is what went wrong inside. It is for the log and never encoded.
	Cause error
}

// Field says what is wrong with one field of a request.
type Field struct {
	// Loc is where the field stands: "body", "query" or "path", then its name.
	Loc []string `json:"loc"`
	// Msg is a sentence for a person.
	Msg string `json:"msg"`
	// Type is a stable name of the kind of mistake, such as "missing".
	Type string `json:"type"`
}

// New returns an Error with a status, a stable code and a sentence.
func New(status int, code, detail string) *Error {
	return &Error{Status: status, Code: code, Detail: detail}
}

// Error describes e for a log. It includes the cause, so it must not be sent to a client: that is the Encoder's work.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Detail + ": " + e.Cause.Error()
	}
	return e.Code + ": " + e.Detail
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Encoder writes e as the answer to r. It must not write e.Cause. It must be safe for concurrent use.
type Encoder func(w http.ResponseWriter, r *http.Request, e *Error)

// Status returns the HTTP status of a stable code; 500 for a code that is none.
func Status(code string) int {
	switch code {
	case CodeSubscriptionExists, CodeBadRequest, CodeInvalidWebhook:
		return http.StatusBadRequest
	case CodeUnauthorized:
		return http.StatusUnauthorized
	case CodeSubscriptionRequired:
		return http.StatusPaymentRequired
	case CodeForbidden, CodeCrossOrigin:
		return http.StatusForbidden
	case CodeNotConfigured, CodeNotFound:
		return http.StatusNotFound
	case CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case CodeConflict, CodePaymentInProgress, CodeSeveralSubscriptions:
		return http.StatusConflict
	case CodeBodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case CodeUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case CodeValidation:
		return http.StatusUnprocessableEntity
	case CodeRateLimited:
		return http.StatusTooManyRequests
	case CodeStripe:
		return http.StatusBadGateway
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Write is the default Encoder: the shape of the wire contract.
func Write(w http.ResponseWriter, _ *http.Request, e *Error) {
	answer := body{Detail: e.Detail, Code: e.Code}
	if len(e.Fields) > 0 {
		answer.Detail = e.Fields
	}
	data, _ := json.Marshal(answer) //nolint:errchkjson // neither a text nor a list of texts fails to encode
	maps.Copy(w.Header(), e.Header)
	if e.RetryAfter > 0 {
		seconds := int64((e.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(e.Status)
	_, _ = w.Write(append(data, '\n')) // the client has gone; there is nobody left to tell
}

type body struct {
	// Detail is a sentence, or the list of the wrong fields.
	Detail any    `json:"detail"`
	Code   string `json:"code"`
}
