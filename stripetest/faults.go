package stripetest

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"
)

// Fault makes matching API calls slow or makes them fail. The zero Fault matches every call once and does nothing.
//
// Calls that are refused for their key, or for the Idempotency-Key that another call holds, are not matched.
//
// A call that matches is stopped at one point, before its execution or, with Acted, after it. There OnHit is called,
// then Delay and Wait are waited for, and then the call fails with Status or Drop; with neither it goes on.
type Fault struct {
	Method string // "POST"; empty matches any
	Path   string // a pattern of package path, "/v1/checkout/sessions/*/expire"; empty matches any. * is one segment.

	Skip  int // the first Skip matching calls pass
	Times int // then so many are hit; 0 means one, a negative number means all

	// Acted lets Stripe act first: the objects are made and the events sent, and only the answer is lost or replaced.
	// The replaced answer is stored under the call's Idempotency-Key, as Stripe stores a 500; a dropped connection
	// leaves the real answer there.
	Acted bool

	Status     int    // of the failing answer: 500, 503, 429, 402, …
	Type       string // "type" of the error; default by Status: api_error, invalid_request_error, card_error
	Code       string // "code" of the error; default for 429: rate_limit
	Param      string // "param" of the error: the parameter that Stripe complains of
	RetryAfter int    // seconds, sent as the Retry-After header
	// Remember stores the failing answer under the call's Idempotency-Key although nothing was executed, as when an
	// execution began and failed. Without it a retry with the same key is executed.
	Remember bool

	Drop bool // close the connection without an answer

	Delay time.Duration   // real time
	Wait  <-chan struct{} // wait until the channel is closed
	OnHit func(Call)      // called without locks, on the goroutine of the call
}

type activeFault struct {
	Fault

	seen, hits int
}

type point bool

const (
	beforeExecution point = false
	afterExecution  point = true
)

// Inject adds a fault. Faults are looked through in the order in which they were added and the first that matches is
// used. The returned function removes the fault. A malformed Path pattern is reported as [ErrInvalid].
func (s *Server) Inject(f Fault) (remove func(), err error) {
	if _, err := path.Match(f.Path, "/"); err != nil {
		return nil, ErrInvalid
	}
	if f.Times == 0 {
		f.Times = 1
	}
	active := &activeFault{Fault: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, active)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(other *activeFault) bool { return other == active })
	}, nil
}

// ClearFaults removes all faults. Calls that a fault is holding up go on to their end.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// matchFault returns the fault that hits a call, or nil, and counts it.
func (s *Server) matchFault(call *Call) *activeFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !matches(f.Method, f.Path, call) || (f.Times > 0 && f.hits >= f.Times) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip {
			continue
		}
		f.hits++
		return f
	}
	return nil
}

func (f *activeFault) stops(at point) bool { return f != nil && point(f.Acted) == at }

// strike holds the call up and returns the failing answer, nil when the fault has none.
func (f *activeFault) strike(server, caller context.Context, call *Call) (failure *answer, keep bool) {
	if f.OnHit != nil {
		f.OnHit(*call)
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		wait(server, caller, timer.C)
	}
	if f.Wait != nil {
		wait(server, caller, f.Wait)
	}
	if f.Status == 0 {
		return nil, false
	}
	result := errorAnswer(&apiError{
		status: f.Status, kind: f.errorType(), code: f.errorCode(), param: f.Param,
		message: "This failure was injected by the test.",
	})
	if f.RetryAfter > 0 {
		result.header = map[string]string{"Retry-After": strconv.Itoa(f.RetryAfter)}
	}
	return &result, f.Remember
}

// wait returns when c delivers, the caller goes away or the server closes.
func wait[T any](server, caller context.Context, c <-chan T) {
	select {
	case <-c:
	case <-caller.Done():
	case <-server.Done():
	}
}

func (f *activeFault) errorType() string {
	switch {
	case f.Type != "":
		return f.Type
	case f.Status == http.StatusPaymentRequired:
		return "card_error"
	case f.Status < http.StatusInternalServerError:
		return "invalid_request_error"
	default:
		return "api_error"
	}
}

func (f *activeFault) errorCode() string {
	if f.Code == "" && f.Status == http.StatusTooManyRequests {
		return "rate_limit"
	}
	return f.Code
}
