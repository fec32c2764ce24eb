package api

import (
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxKeys is how many new Idempotency-Keys one owner may use at once; as many again come free over the time for which
	// answers are kept.
	maxKeys = 1000
	// quotaOwners is how many owners a quota remembers, at about a hundred bytes each. Only those who use many keys matter.
	quotaOwners = 10_000
)

// Quota limits the Idempotency-Keys of each owner, because the store keeps an answer for each. It counts in this process
// alone. It is safe for concurrent use.
type Quota struct {
	owners *lru.Cache[subscription.Owner, *rate.Limiter]
}

// NewQuota returns a Quota of which nobody has used anything.
func NewQuota() *Quota {
	owners, _ := lru.New[subscription.Owner, *rate.Limiter](quotaOwners) // it fails for a size below 1 only
	return &Quota{owners: owners}
}

// take counts a new key of the owner, and reports an answer for the client when there have been too many.
func (q *Quota) take(owner subscription.Owner, now time.Time) error {
	fresh := rate.NewLimiter(rate.Every(keepReply/maxKeys), maxKeys)
	limiter, known, _ := q.owners.PeekOrAdd(owner, fresh)
	if !known {
		limiter = fresh
	}
	q.owners.Get(owner) // used now, so that others are forgotten first
	if limiter.AllowN(now, 1) {
		return nil
	}
	return &httperr.Error{
		Status: http.StatusTooManyRequests, Code: httperr.CodeRateLimited,
		Detail: "Too many requests with an Idempotency-Key of their own. Try again later.", RetryAfter: keepReply / maxKeys,
	}
}
