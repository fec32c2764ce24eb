package stripetest

import (
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
)

// Call is one request to the API as the log keeps it.
type Call struct {
	RequestID      string // the Request-Id of the answer
	AccountID      string // empty when the key was not valid
	Livemode       bool
	Method         string // "POST"
	Path           string // "/v1/checkout/sessions"
	Form           url.Values
	IdempotencyKey string
	Replayed       bool // answered from the idempotency key's store, not executed
	Status         int  // of the answer; 0 while in flight and when the connection was dropped
	Done           bool // answered or dropped
}

// Calls returns the API calls so far, in the order in which they arrived, those that were refused or made to fail
// included. Without arguments it returns all; with a method and a path pattern (as in [Fault]) those that match, for
// example Calls("POST", "/v1/checkout/sessions").
func (s *Server) Calls(methodAndPath ...string) []Call {
	var method, pattern string
	if len(methodAndPath) > 0 {
		method = methodAndPath[0]
	}
	if len(methodAndPath) > 1 {
		pattern = methodAndPath[1]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, call := range s.calls {
		if matches(method, pattern, call) {
			copied := *call
			copied.Form = maps.Clone(call.Form)
			out = append(out, copied)
		}
	}
	return out
}

// ResetCalls empties the log of calls.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

func (s *Server) record(r *http.Request, encoded string) *Call {
	call := &Call{
		RequestID: newID("req_"), Method: r.Method, Path: r.URL.Path, Form: form(encoded),
		IdempotencyKey: r.Header.Get("Idempotency-Key"),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = newest(append(s.calls, call), s.opts.LogLimit)
	return call
}

// newest drops the oldest entries of a log over a limit, 0 for none.
func newest[T any](log []T, limit int) []T {
	if limit <= 0 || len(log) <= limit {
		return log
	}
	return slices.Delete(log, 0, len(log)-limit)
}

func (s *Server) identify(call *Call, account *Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.AccountID, call.Livemode = account.ID, account.Livemode
}

func (s *Server) finish(call *Call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Status, call.Done = status, true
}

// matches compares a call with a method and a pattern of package path; empty ones match everything.
func matches(method, pattern string, call *Call) bool {
	if method != "" && method != call.Method {
		return false
	}
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, call.Path)
	return ok && err == nil
}
