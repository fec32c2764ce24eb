package bearer

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/auth"
)

func TestTheCacheRemembersForOneKeySetUntilTheExpiry(t *testing.T) {
	t.Parallel()
	cache, err := newTokenCache(2)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_000_000_000, 0)
	set, other := &keySet{}, &keySet{}
	alice := verified{identity: auth.Identity{UserID: "alice", ProjectID: "p1"}, until: now.Add(time.Minute)}
	one := sha256.Sum256([]byte("one"))
	cache.put(one, set, alice)

	if id, ok := cache.get(one, set, now); !ok || id != alice.identity {
		t.Errorf("got %+v, %t", id, ok)
	}
	if _, ok := cache.get(one, set, alice.until.Add(-1)); !ok {
		t.Error("forgotten before the expiry")
	}
	if _, ok := cache.get(one, set, alice.until); ok {
		t.Error("remembered at the expiry")
	}
	if _, ok := cache.get(one, other, now); ok {
		t.Error("remembered for other keys")
	}
	if _, ok := cache.get(sha256.Sum256([]byte("two")), set, now); ok {
		t.Error("remembered another token")
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	const size = 100
	cache, err := newTokenCache(size)
	if err != nil {
		t.Fatal(err)
	}
	set := &keySet{}
	v := verified{until: time.Unix(1, 0)}
	for i := range 10 * size {
		cache.put(digest{byte(i), byte(i >> 8)}, set, v)
	}
	if got := cache.entries.Len(); got != size {
		t.Errorf("%d entries, want %d", got, size)
	}
}

func TestANegativeSizeDisablesTheCache(t *testing.T) {
	t.Parallel()
	cache, err := newTokenCache(-1)
	if err != nil {
		t.Fatal(err)
	}
	set := &keySet{}
	cache.put(digest{}, set, verified{until: time.Unix(2, 0)})
	if _, ok := cache.get(digest{}, set, time.Unix(1, 0)); ok {
		t.Error("remembered")
	}
}

func TestTheDigestIsTheOneOfTheWholeToken(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 1023, 1024, 1025, maxTokenSize} {
		token := strings.Repeat("t", size)
		if got, want := digestOf(token), sha256.Sum256([]byte(token)); got != want {
			t.Errorf("%d bytes: got %x, want %x", size, got, want)
		}
	}
}
