package stripetest

import (
	"net/http"
)

// keyLife is how long Stripe keeps an idempotency key at least, in seconds.
const keyLife = 24 * 60 * 60

// stored is what is known under one idempotency key: a call in flight, or its answer.
type stored struct {
	fingerprint string // method, path and parameters
	requestID   string // of the first call
	created     int64
	result      *answer // nil while in flight
}

// reserve looks a call's idempotency key up, as described on https://docs.stripe.com/api/idempotent_requests. It
// returns the entry to use (nil without a key), or the answer that refuses the call.
func (s *Server) reserve(r *request, encoded string) (*stored, *answer) {
	key := r.call.IdempotencyKey
	if key == "" || r.http.Method != http.MethodPost {
		return nil, nil
	}
	if len(key) > 255 {
		result := errorAnswer(refuse("", "", "The idempotency key is longer than 255 characters"))
		return nil, &result
	}
	fingerprint := r.http.Method + " " + r.http.URL.Path + "?" + encoded
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := r.account.keys[key]
	if entry == nil || entry.result != nil && entry.created+keyLife <= s.now() {
		entry = &stored{fingerprint: fingerprint, requestID: r.call.RequestID, created: s.now()}
		r.account.keys[key] = entry
		return entry, nil
	}
	if entry.fingerprint != fingerprint {
		result := errorAnswer(&apiError{
			status: http.StatusBadRequest, kind: "idempotency_error",
			message: "Keys for idempotent requests can only be used with the endpoint and parameters they were first used with.",
		})
		return nil, &result
	}
	if entry.result == nil {
		result := errorAnswer(&apiError{
			status: http.StatusConflict, kind: "idempotency_error", code: "idempotency_key_in_use",
			message: "There is currently another in-progress request using this Stripe-Idempotency-Key.",
		})
		result.header = map[string]string{"Stripe-Should-Retry": "true"}
		return nil, &result
	}
	return entry, nil
}

// replayOrRun returns the answer stored under the call's key, or executes the call.
func (s *Server) replayOrRun(r *request, entry *stored, op operation) (result answer, keep bool) {
	if entry == nil || entry.requestID == r.call.RequestID {
		return s.run(r, op)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.call.Replayed = true
	result = *entry.result
	result.header = map[string]string{"Idempotent-Replayed": "true", "Original-Request": entry.requestID}
	return result, true
}

// settle ends a call's hold on its idempotency key: with keep the answer stays there for replays, without it the key is
// free again. A replay changes nothing.
func (s *Server) settle(r *request, entry *stored, result *answer, keep bool) {
	if entry == nil || entry.requestID != r.call.RequestID {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if keep && result != nil {
		entry.result = result
		return
	}
	delete(r.account.keys, r.call.IdempotencyKey)
}
