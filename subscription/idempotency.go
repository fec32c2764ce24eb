package subscription

import (
	"context"
	"time"

	"github.com/paymount/paymount/project"
)

// IdempotencyStore is an ability that a SubscriptionStore can have besides: it keeps the answers to requests that carried
// an Idempotency-Key. Without it the header is ignored. The rules of SubscriptionStore hold for it too. How much it has to
// keep is limited: an owner may use 1000 keys at once, and as many again in 24 hours; beyond that each process answers 429.
type IdempotencyStore interface {
	// ReserveKey begins a request. When key is free in scope it stores r, whose Reply is nil, and reports true; existing then
	// means nothing. A key is free when there is none, when it has expired (at or before r.At), and when it is in flight with a
	// lock that ended at or before r.At. Otherwise it changes nothing and returns what is there. Of any number of racing
	// reservations exactly one gets a free key. It may use the occasion to delete some keys that have expired.
	ReserveKey(ctx context.Context, scope project.Scope, key string, r Reservation) (existing Reservation, reserved bool, err error)

	// FinishKey ends the request that holder reserved: with a reply, that is kept until the reservation expires; with nil the
	// key is free again. It does nothing when holder no longer holds the key in flight: a holder whose lock has ended, or
	// whose reservation has expired, holds it until another one reserves it, or until the store has deleted it.
	FinishKey(ctx context.Context, scope project.Scope, key, holder string, reply *Reply) error
}

// Reservation is one use of an Idempotency-Key.
type Reservation struct {
	// Holder is unique to the request that reserved the key.
	Holder string
	// Fingerprint tells requests with different content apart.
	Fingerprint string
	// At is the time of the reservation, LockedUntil how long the request may be in flight, ExpiresAt when key and reply are
	// forgotten.
	At, LockedUntil, ExpiresAt time.Time
	// Reply is the answer; nil while the request is in flight.
	Reply *Reply
}

// Reply is an HTTP answer that is kept.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}
