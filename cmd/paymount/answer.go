package main

import (
	"encoding/json"
	"net/http"

	"github.com/paymount/paymount/httperr"
)

// writeJSON answers 200 with v, not to be cached.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // the client has gone; there is nobody left to tell
}

// wrongField is the 422 about one field of the body.
func wrongField(name, message, kind string) *httperr.Error {
	e := httperr.New(http.StatusUnprocessableEntity, httperr.CodeValidation, "The request is not valid.")
	e.Fields = []httperr.Field{{Loc: []string{"body", name}, Msg: message, Type: kind}}
	return e
}

// unavailable is the 503 while the database is away.
func unavailable(detail string) *httperr.Error {
	e := httperr.New(http.StatusServiceUnavailable, httperr.CodeUnavailable, detail)
	e.RetryAfter = retryAfter
	return e
}

// internalError is the 500 that says nothing about its cause.
func internalError(cause error) *httperr.Error {
	e := httperr.New(http.StatusInternalServerError, httperr.CodeInternal, "Something went wrong on our side.")
	e.Cause = cause
	return e
}
