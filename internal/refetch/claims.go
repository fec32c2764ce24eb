package refetch

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// claims remembers since when this process has seen the claims of others that stood in its way: those of a process that died
// while it notified the host would stand for as long as clocks may differ. It is safe for concurrent use.
type claims struct {
	mu   sync.Mutex
	seen *lru.Cache[target, claim]
}

// claim is a claim, and when this process saw it first.
type claim struct {
	id    int64
	since time.Time
}

// claimsSize is how many claims are watched: more than can stand at the same time, at some 200 bytes each.
const claimsSize = 10_000

func newClaims() *claims {
	seen, _ := lru.New[target, claim](claimsSize) // it fails for a size below 1 only
	return &claims{seen: seen}
}

// watch notes that a claim stands in the way.
func (c *claims) watch(object target, id int64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.seen.Get(object); !ok || known.id != id {
		c.seen.Add(object, claim{id, now})
	}
}

// lapsed returns the claim on an object that has been watched for longer than it may live; 0 for none.
func (c *claims) lapsed(object target, now time.Time) int64 {
	if known, ok := c.seen.Get(object); ok && now.Sub(known.since) > claimLife {
		return known.id
	}
	return 0
}
