package checkout

import (
	"context"
	"errors"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// looksSize is how many sessions' latest looks are kept, at some 500 bytes each.
	looksSize = 10_000
	// lookTimeout bounds one look, with the gateway's retries.
	lookTimeout = 35 * time.Second
	// unknownMaxAge is how long a session is taken for unknown without asking.
	unknownMaxAge = 5 * time.Second
	// maxWaits is how many requests of one user wait for sessions at a time. Those beyond it are answered with what is so now.
	maxWaits = 8
)

// looks lets the requests of this process that ask for a session share the calls to Stripe: at most one call for a session is
// under way, and those who wait for it to be settled ask once in pollEvery, however many they are. It also counts who waits.
// It is safe for concurrent use.
type looks struct {
	now func() time.Time

	mu     sync.Mutex
	latest *lru.Cache[lookKey, *look]
	waits  map[subscription.Owner]int
}

type lookKey struct {
	scope project.Scope
	id    string
}

// look is one call for a session. Its result may be read once done is closed.
type look struct {
	done    chan struct{}
	began   time.Time // by the process's own clock
	session checkout.Session
	err     error
	// until is how long Stripe is taken at its word that there is no such session.
	until time.Time
}

// errLook is what those who share a look get when it panicked: in the goroutine that did it, it goes on.
var errLook = errors.New("checkout: the look at the session did not end")

func newLooks(now func() time.Time) *looks {
	latest, _ := lru.New[lookKey, *look](looksSize) // it fails for a size below 1 only
	return &looks{now: now, latest: latest, waits: map[subscription.Owner]int{}}
}

// fresh returns a session by a look that begins after the call, or by a recent one that found that there is none.
func (l *looks) fresh(ctx context.Context, key lookKey, ask asking) (checkout.Session, error) {
	l.mu.Lock()
	before, _ := l.latest.Get(key)
	l.mu.Unlock()
	return l.share(ctx, key, func(k *look) bool { return k != before || l.now().Before(k.until) }, ask)
}

// recent returns a session by a look that began no longer than pollEvery before the call.
func (l *looks) recent(ctx context.Context, key lookKey, ask asking) (checkout.Session, error) {
	since := time.Now().Add(-pollEvery)
	return l.share(ctx, key, func(k *look) bool { return k.began.After(since) }, ask)
}

// share waits for a look that will do, or makes it. It outlives the request that makes it, for the others.
func (l *looks) share(
	ctx context.Context, key lookKey, willDo func(*look) bool, ask func(context.Context) (checkout.Session, error),
) (checkout.Session, error) {
	for {
		l.mu.Lock()
		latest, _ := l.latest.Get(key)
		if latest == nil || latest.over() && !willDo(latest) {
			latest = &look{done: make(chan struct{}), began: time.Now(), err: errLook}
			l.latest.Add(key, latest)
			l.mu.Unlock()
			l.make(ctx, latest, ask)
			return latest.session, latest.err
		}
		l.mu.Unlock()
		select {
		case <-latest.done:
		case <-ctx.Done():
			return checkout.Session{}, context.Cause(ctx)
		}
		if willDo(latest) {
			return latest.session, latest.err
		}
	}
}

func (l *looks) make(ctx context.Context, k *look, ask func(context.Context) (checkout.Session, error)) {
	defer close(k.done)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	k.session, k.err = ask(ctx)
	if stripe.Is(k.err, stripe.Missing) {
		k.until = l.now().Add(unknownMaxAge)
	}
}

func (k *look) over() bool {
	select {
	case <-k.done:
		return true
	default:
		return false
	}
}

// wait lets one more request of a user wait, until it calls leave. It reports false when enough of them do already.
func (l *looks) wait(owner subscription.Owner) (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waits[owner] >= maxWaits {
		return nil, false
	}
	l.waits[owner]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waits[owner]--
		if l.waits[owner] == 0 {
			delete(l.waits, owner)
		}
	}, true
}

// asking asks Stripe for a session.
type asking = func(context.Context) (checkout.Session, error)
