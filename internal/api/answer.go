package api

import (
	"encoding/json"
	"net/http"

	"github.com/paymount/paymount/httperr"
)

// writeJSON answers 200 with v as JSON, not to be cached: every answer is about one owner. A v that does not encode is a mistake
// of ours, and answers 500 with an empty body.
func writeJSON(w http.ResponseWriter, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(data, '\n')) // the client has gone; there is nobody left to tell
}

// invalid returns the 422 that reports fields.
func invalid(fields ...httperr.Field) *httperr.Error {
	return &httperr.Error{
		Status: http.StatusUnprocessableEntity, Code: httperr.CodeValidation, Detail: "The request is not valid.", Fields: fields,
	}
}

// bodyField is a mistake in the named field of the request's body.
func bodyField(name, message, kind string) httperr.Field {
	return httperr.Field{Loc: []string{"body", name}, Msg: message, Type: kind}
}
