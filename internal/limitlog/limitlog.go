package limitlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	// burst lines of a key are logged at once, then one for each interval.
	burst    = 10
	interval = 10 * time.Second
	// maxKeys is how many keys are remembered.
	maxKeys = 1000
)

// Logger logs at most 10 lines at once for each key, and one each 10 seconds after that. It is safe for concurrent use.
type Logger struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	keys *lru.Cache[string, *entry]
}

type entry struct {
	limiter *rate.Limiter
	omitted int
}

// New returns a Logger that writes to log, by the clock now.
func New(log *slog.Logger, now func() time.Time) *Logger {
	keys, _ := lru.New[string, *entry](maxKeys) // it fails for a size below 1 only
	return &Logger{log: log, now: now, keys: keys}
}

// Log logs the line, unless too many of the key have been logged lately. The next line that is logged says how many were
// omitted. A key must not hold what a client chose, so that nobody can have more lines by other keys.
func (l *Logger) Log(ctx context.Context, level slog.Level, key, msg string, args ...any) {
	omitted, allowed := l.allow(key)
	if !allowed {
		return
	}
	if omitted > 0 {
		args = append(args, "omitted", omitted)
	}
	l.log.Log(ctx, level, msg, args...) //nolint:sloglint // the caller wrote it
}

// allow reports whether a line may be logged now, and how many were omitted since the last one.
func (l *Logger) allow(key string) (omitted int, allowed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.keys.Get(key)
	if !ok {
		e = &entry{limiter: rate.NewLimiter(rate.Every(interval), burst)}
		l.keys.Add(key, e)
	}
	if !e.limiter.AllowN(l.now(), 1) {
		e.omitted++
		return 0, false
	}
	omitted, e.omitted = e.omitted, 0
	return omitted, true
}
