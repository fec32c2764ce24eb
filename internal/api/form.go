package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxBody is the largest request body, in bytes.
	maxBody = 64 << 10
	// maxFields is how many wrong fields an answer lists, and maxMsg how long each sentence is, in bytes: what a client sends is
	// not to come back many times as large.
	maxFields = 32
	maxMsg    = 250
)

// Form reads the fields of a request and collects what is wrong with them. Its messages and types are those that clients
// of the compatible API know.
type Form struct {
	request *http.Request
	raw     []byte
	body    map[string]json.RawMessage
	fields  []httperr.Field
}

// newForm reads the body of a request that has one. It must be a JSON object; an empty body counts as an empty object.
func newForm(w http.ResponseWriter, r *http.Request) (*Form, error) {
	f := &Form{request: r}
	if r.Method != http.MethodPost {
		return f, nil
	}
	var err error
	f.raw, err = ReadBody(w, r, maxBody)
	if err != nil {
		return nil, err
	}
	// A page of another site can send a form or a Blob in the name of a signed-in user without asking the server first, but
	// not this type (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
	if !isJSON(r.Header.Get("Content-Type")) && (len(f.raw) > 0 || ambient(r)) {
		return nil, httperr.New(http.StatusUnsupportedMediaType, httperr.CodeUnsupportedMedia,
			"The Content-Type must be application/json.")
	}
	if len(f.raw) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(f.raw, &f.body); err != nil || f.body == nil {
		kind, msg := "json_invalid", "The body is not valid JSON"
		if json.Valid(f.raw) {
			kind, msg = "model_attributes_type", "Input should be a valid object"
		}
		f.Fail(httperr.Field{Loc: []string{"body"}, Msg: msg, Type: kind})
		return nil, f.err()
	}
	return f, nil
}

// ReadBody reads a whole body of at most limit bytes.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, httperr.New(http.StatusRequestEntityTooLarge, httperr.CodeBodyTooLarge,
			"The body is larger than "+strconv.FormatInt(limit>>10, 10)+" KiB.")
	case err != nil:
		return nil, &httperr.Error{
			Status: http.StatusBadRequest, Code: httperr.CodeBadRequest, Detail: "The body could not be read.", Cause: err,
		}
	}
	return data, nil
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}

// Fail reports a wrong field. Only the first 32 are listed, and a sentence that quotes too much is cut.
func (f *Form) Fail(field httperr.Field) {
	if len(f.fields) == maxFields {
		return
	}
	if len(field.Msg) > maxMsg {
		field.Msg = strings.ToValidUTF8(field.Msg[:maxMsg], "") + "…"
	}
	f.fields = append(f.fields, field)
}

// check reports what a use case finds wrong with fields that were read without a mistake.
func (f *Form) check(mistakes []subscription.FieldError) {
	unread := f.fields
	for _, m := range mistakes {
		field := bodyField(m.Field, m.Message, m.Kind)
		if !slices.ContainsFunc(unread, func(other httperr.Field) bool { return slices.Equal(other.Loc, field.Loc) }) {
			f.Fail(field)
		}
	}
}

func (f *Form) err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return invalid(f.fields...)
}

// PathValue returns a value of the path.
func (f *Form) PathValue(name string) string { return f.request.PathValue(name) }

// Has reports whether the body has the field, be it null.
func (f *Form) Has(name string) bool { _, ok := f.body[name]; return ok }

// RequiredString returns a field that must be a string with at least one character.
func (f *Form) RequiredString(name string) string {
	if !f.Has(name) {
		f.Fail(bodyField(name, "Field required", "missing"))
		return ""
	}
	s, ok := decode[string](f, name, "", "string_type", "Input should be a valid string")
	if ok && s == "" {
		f.Fail(bodyField(name, "String should have at least 1 character", "string_too_short"))
	}
	return s
}

// String returns a field that, when it is there, must be a string.
func (f *Form) String(name string) string {
	s, _ := decode[string](f, name, "", "string_type", "Input should be a valid string")
	return s
}

// OptionalString returns a field that, when it is there, must be a string with at least one character: an empty one is no way
// to leave it out.
func (f *Form) OptionalString(name string) string {
	if !f.Has(name) {
		return ""
	}
	return f.RequiredString(name)
}

// Choice returns a field that must be one of choices; the first one when it is not there.
func (f *Form) Choice(name string, choices ...string) string {
	s, ok := decode(f, name, choices[0], "string_type", "Input should be a valid string")
	for _, choice := range choices {
		if !ok || s == choice {
			return s
		}
	}
	f.Fail(bodyField(name, "Input should be one of: "+strings.Join(choices, ", "), "string_pattern_mismatch"))
	return s
}

// Bool returns a field that must be true or false; fallback when it is not there.
func (f *Form) Bool(name string, fallback bool) bool {
	b, _ := decode(f, name, fallback, "bool_type", "Input should be a valid boolean")
	return b
}

// Int returns a field that must be a whole number from low to high; fallback when it is not there, or wrong.
func (f *Form) Int(name string, fallback, low, high int64) int64 {
	// A float64 reads 2.0 and 1e3, which are whole numbers in JSON, and is exact far above any limit in use.
	n, ok := decode(f, name, float64(fallback), "int_type", "Input should be a valid integer")
	switch {
	case !ok:
		return fallback
	case n != float64(int64(n)):
		f.Fail(bodyField(name, "Input should be a valid integer", "int_from_float"))
	case n < float64(low):
		f.Fail(bodyField(name, "Input should be greater than or equal to "+strconv.FormatInt(low, 10), "greater_than_equal"))
	case n > float64(high):
		f.Fail(bodyField(name, "Input should be less than or equal to "+strconv.FormatInt(high, 10), "less_than_equal"))
	default:
		return int64(n)
	}
	return fallback
}

// Object returns a field that must be an object or null; nil when it is not there.
func (f *Form) Object(name string) map[string]json.RawMessage {
	if bytes.Equal(f.body[name], []byte("null")) {
		return nil
	}
	m, _ := decode[map[string]json.RawMessage](f, name, nil, "dict_type", "Input should be a valid object")
	return m
}

// decode returns a field of the body, fallback when it is not there, and reports one of another type. It tells whether
// the field was there and right.
func decode[T any](f *Form, name string, fallback T, kind, msg string) (T, bool) {
	raw, there := f.body[name]
	if !there {
		return fallback, false
	}
	var v T
	if text, ok := any(&v).(*string); ok && plain(raw) {
		*text = string(raw[1 : len(raw)-1])
		return v, true
	}
	if err := json.Unmarshal(raw, &v); err != nil || bytes.Equal(raw, []byte("null")) {
		f.Fail(bodyField(name, msg, kind))
		return fallback, false
	}
	return v, true
}

// plain reports whether a JSON value is a string that reads as it is written, as almost all do. To decode one costs ten times
// as much as to look.
func plain(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// QueryInt returns a query parameter that must be a whole number from low to high; fallback when it is not there.
func (f *Form) QueryInt(name string, fallback, low, high int64) int64 {
	query := f.request.URL.Query()
	if !query.Has(name) {
		return fallback
	}
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	switch {
	case err != nil:
		f.failQuery(name, "Input should be a valid integer", "int_parsing")
	case n < low:
		f.failQuery(name, "Input should be greater than or equal to "+strconv.FormatInt(low, 10), "greater_than_equal")
	case n > high:
		f.failQuery(name, "Input should be less than or equal to "+strconv.FormatInt(high, 10), "less_than_equal")
	}
	return n
}

// mode returns the mode that test_mode picks.
func (f *Form) mode(fallback project.Mode) project.Mode {
	if f.QueryBool("test_mode", fallback == project.ModeTest) {
		return project.ModeTest
	}
	return project.ModeLive
}

// QueryBool returns a query parameter that must be a word for true or false; fallback when it is not there.
func (f *Form) QueryBool(name string, fallback bool) bool {
	values, there := f.request.URL.Query()[name]
	if !there {
		return fallback
	}
	switch strings.ToLower(values[len(values)-1]) {
	case "true", "1", "yes", "on":
		return true
	case "false", "0", "no", "off":
		return false
	}
	f.failQuery(name, "Input should be a valid boolean", "bool_parsing")
	return fallback
}

func (f *Form) failQuery(name, msg, kind string) {
	f.Fail(httperr.Field{Loc: []string{"query", name}, Msg: msg, Type: kind})
}
