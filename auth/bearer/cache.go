package bearer

import (
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/auth"
)

// verified is what is kept of a token that was accepted.
type verified struct {
	identity auth.Identity
	until    time.Time // the token's expiry, with the leeway
}

type digest = [sha256.Size]byte

// digestOf hashes the token. A token of usual size is copied to the stack for that, which saves the warm path an
// allocation of its size.
func digestOf(token string) digest {
	var buffer [1 << 10]byte
	if len(token) <= len(buffer) {
		return sha256.Sum256(buffer[:copy(buffer[:], token)])
	}
	return sha256.Sum256([]byte(token))
}

// tokenCache remembers verified tokens by their digest. A nil one remembers nothing. It is safe for concurrent use.
type tokenCache struct {
	entries *lru.Cache[digest, entry]
}

type entry struct {
	verified

	set *keySet // that verified the token: the entry is of no use once another one is in force
}

func newTokenCache(size int) (*tokenCache, error) {
	if size < 0 {
		return nil, nil //nolint:nilnil // a nil cache is a valid one
	}
	entries, err := lru.New[digest, entry](size)
	return &tokenCache{entries}, err
}

func (c *tokenCache) get(key digest, set *keySet, now time.Time) (auth.Identity, bool) {
	if c == nil {
		return auth.Identity{}, false
	}
	e, ok := c.entries.Get(key)
	if !ok || e.set != set || !now.Before(e.until) {
		return auth.Identity{}, false
	}
	return e.identity, true
}

func (c *tokenCache) put(key digest, set *keySet, v verified) {
	if c != nil {
		c.entries.Add(key, entry{verified: v, set: set})
	}
}
