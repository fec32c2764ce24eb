package stripetest

import (
	"errors"
	"fmt"
	"net/http"
)

// Errors of the Go methods; check with errors.Is.
var (
	// ErrNotFound: no object with that id in this account and mode.
	ErrNotFound = errors.New("stripetest: not found")
	// ErrState: the object is not in a state that allows the action, for example a session that is not open.
	ErrState = errors.New("stripetest: wrong state")
	// ErrInvalid: an argument that Stripe would refuse.
	ErrInvalid = errors.New("stripetest: invalid argument")
)

// apiError is an answer in the shape of https://docs.stripe.com/api/errors.
type apiError struct {
	status      int
	kind        string // "type" in JSON
	code        string
	declineCode string
	param       string
	message     string
}

func (e *apiError) Error() string { return e.message }

func (e *apiError) doc(requestURL string) doc {
	body := doc{"type": e.kind, "message": e.message}
	if e.code != "" {
		body["code"] = e.code
		body["doc_url"] = "https://stripe.com/docs/error-codes/" + dashed(e.code)
	}
	if e.declineCode != "" {
		body["decline_code"] = e.declineCode
	}
	if e.param != "" {
		body["param"] = e.param
	}
	if requestURL != "" {
		body["request_log_url"] = requestURL
	}
	return doc{"error": body}
}

func dashed(code string) string {
	out := []byte(code)
	for i, c := range out {
		if c == '_' {
			out[i] = '-'
		}
	}
	return string(out)
}

// refuse is a 400 invalid_request_error about one parameter.
func refuse(param, code, format string, args ...any) *apiError {
	return &apiError{
		status: http.StatusBadRequest, kind: "invalid_request_error",
		code: code, param: param, message: fmt.Sprintf(format, args...),
	}
}

// missing is the answer for an object in the path that does not exist: 404.
func missing(noun, id, param string) *apiError {
	err := refuse(param, "resource_missing", "No such %s: '%s'", noun, id)
	err.status = http.StatusNotFound
	return err
}

// missingParam is the answer for an object named by a parameter: 400, else as missing.
func missingParam(noun, id, param string) *apiError {
	return refuse(param, "resource_missing", "No such %s: '%s'", noun, id)
}

func notFound(noun, id string) error { return fmt.Errorf("%w: no %s %q", ErrNotFound, noun, id) }
