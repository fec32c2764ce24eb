package bearer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// refreshInterval is how often the JWK Set is loaded when all is well, so for how long a revoked key can live on.
	refreshInterval = 10 * time.Minute
	// retryInterval is the pause after a failed load while there are keys to go on with.
	retryInterval = time.Minute
	// urgentInterval is the pause after a failed load while there are none, so that nobody can be authenticated.
	urgentInterval = 2 * time.Second
	// lookInterval and lookBurst limit the loads on behalf of tokens that no key verifies. The last lookReserve of a burst are
	// for tokens with an unknown key: those are what a rotation looks like, and forgeries must not keep it waiting.
	lookInterval = 10 * time.Second
	lookBurst    = 6
	lookReserve  = 4
)

// keySource tells with which keys tokens are to be verified.
type keySource interface {
	// inForce returns the keys in force at now, and an error when there are none. It may wait for a load under way.
	inForce(ctx context.Context, now time.Time) (*keySet, error)
	// look loads the keys again, unless that happened a moment ago, and says how the latest load ended. unknown says that it
	// is for a key that is not among them.
	look(ctx context.Context, unknown bool) error
}

// fixedKeys is a keySource that always knows the same keys.
type fixedKeys struct{ set *keySet }

func (f fixedKeys) inForce(context.Context, time.Time) (*keySet, error) { return f.set, nil }

func (f fixedKeys) look(context.Context, bool) error { return nil }

// remoteKeys is a keySource that follows a JWK Set.
//
// jwkset has a storage that loads over HTTP too, but that one takes an answer without keys for a revocation of them all,
// drops the whole set for one malformed key, keeps keys for ever when the provider is down, and loads once for each
// waiting request. So jwkset parses the keys, keyfunc finds them, and when to load is decided here.
type remoteKeys struct {
	url        string
	client     *http.Client
	algorithms []string
	maxAge     time.Duration
	now        func() time.Time
	logger     *slog.Logger
	latest     atomic.Pointer[loadedSet] // nil before the first good load
	stopped    <-chan struct{}

	mu      sync.Mutex
	limiter *rate.Limiter
	wake    chan struct{} // of capacity 1, asks the loading goroutine to go to work before its time
	loading chan struct{} // closed at the end of the load that is under way or asked for; nil while there is none
	err     error         // of the latest load
}

type loadedSet struct {
	set *keySet
	at  time.Time
}

// startRemoteKeys starts the goroutine that loads the keys until ctx is done.
func startRemoteKeys(ctx context.Context, cfg Config) *remoteKeys {
	k := &remoteKeys{
		url: cfg.JWKSURL, client: keepTLS(cfg.HTTPClient), algorithms: cfg.Algorithms, maxAge: cfg.MaxKeyAge,
		now: cfg.Now, logger: cfg.Logger, stopped: ctx.Done(),
		limiter: rate.NewLimiter(rate.Every(lookInterval), lookBurst),
		wake:    make(chan struct{}, 1), loading: make(chan struct{}),
	}
	go k.run(ctx)
	return k
}

func (k *remoteKeys) run(ctx context.Context) {
	for {
		k.load(ctx)
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-time.After(k.pause()):
		}
	}
}

func (k *remoteKeys) pause() time.Duration {
	k.mu.Lock()
	failed := k.err != nil
	k.mu.Unlock()
	switch {
	case k.fresh(k.now()) == nil:
		return urgentInterval
	case failed:
		return retryInterval
	default:
		return refreshInterval
	}
}

// fresh returns the keys in force at now, or nil.
func (k *remoteKeys) fresh(now time.Time) *keySet {
	latest := k.latest.Load()
	if latest == nil || now.Sub(latest.at) > k.maxAge {
		return nil
	}
	return latest.set
}

func (k *remoteKeys) inForce(ctx context.Context, now time.Time) (*keySet, error) {
	if set := k.fresh(now); set != nil {
		return set, nil
	}
	err := k.wait(ctx)
	if set := k.fresh(k.now()); set != nil {
		return set, nil
	}
	return nil, errors.Join(errors.New("no signing keys at hand"), err)
}

func (k *remoteKeys) look(ctx context.Context, unknown bool) error {
	now := k.now()
	k.mu.Lock()
	spare := unknown || k.limiter.TokensAt(now)-lookReserve >= 1
	if k.loading == nil && spare && k.limiter.AllowN(now, 1) {
		k.loading = make(chan struct{})
		k.wake <- struct{}{} // does not block: begin empties it, and until then loading is not nil
	}
	k.mu.Unlock()
	return k.wait(ctx)
}

// wait returns how the latest load ended, after the end of the one that is under way. All who wait share that one.
func (k *remoteKeys) wait(ctx context.Context) error {
	k.mu.Lock()
	loading := k.loading
	k.mu.Unlock()
	if loading != nil {
		select {
		case <-loading:
		case <-k.stopped:
			return errors.New("keys are not loaded any more")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

func (k *remoteKeys) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loading == nil {
		k.loading = make(chan struct{})
	}
	select {
	case <-k.wake: // the load that begins is the one that was asked for
	default:
	}
}

// end tells everyone how the load went, and returns how the one before did.
func (k *remoteKeys) end(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.err
	k.err = err
	close(k.loading)
	k.loading = nil
	return before
}
