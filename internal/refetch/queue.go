package refetch

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/paymount/paymount/project"
)

// target is what calls share a fetch by.
type target struct {
	scope  project.Scope
	object string
}

// queue lets calls for one object share fetches: at most one is running, and all that come meanwhile wait for the next. Calls
// that come while its ticket is being drawn still join it.
type queue struct {
	mu    sync.Mutex
	lines map[target]*batch
}

// batch is the calls that share one fetch.
type batch struct {
	// before is the batch that has to be done first, or nil; done is closed when this one is.
	before *batch
	done   chan struct{}
	err    error
	// started says that no call may join any more; calls is how many have.
	started bool
	calls   int
	events  []string
	// forced says that the object is to be fetched whatever the events say.
	forced bool
}

// errPanicked is what those who share a batch get when the work panicked: in the goroutine that did it, it goes on.
var errPanicked = errors.New("refetch: the refetch panicked")

// join makes the call part of the batch that is next for its object. The first call of a batch runs work, in its own
// goroutine, as soon as the batch before is done; the others wait for it. Work calls start before it looks at
// the object.
func (q *queue) join(ctx context.Context, t Target, events []string, work func(*batch) error) error {
	key := target{t.Scope, t.Object}
	q.mu.Lock()
	b := q.lines[key]
	first := b == nil || b.started
	if first {
		b = &batch{before: b, done: make(chan struct{}), err: errPanicked}
		q.lines[key] = b
	}
	for _, event := range events {
		if !slices.Contains(b.events, event) {
			b.events = append(b.events, event)
		}
	}
	b.forced = b.forced || len(events) == 0
	b.calls++
	q.mu.Unlock()

	if first {
		q.lead(key, b, work)
		return b.err
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lead runs the batch. The wait for the batch before is not cut short by the caller's context, since others rely on this
// batch: it is bounded by the time that one refetch may take.
func (q *queue) lead(key target, b *batch, work func(*batch) error) {
	if b.before != nil {
		<-b.before.done
		b.before = nil
	}
	defer func() {
		q.mu.Lock()
		if q.lines[key] == b {
			delete(q.lines, key)
		}
		q.mu.Unlock()
		close(b.done)
	}()
	b.err = work(b)
}

// wanted returns the events that the calls in b are about, none when the object is to be fetched whatever they say, and how
// many calls there are.
func (q *queue) wanted(b *batch) (events []string, calls int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b.forced {
		return nil, b.calls
	}
	return slices.Clone(b.events), b.calls
}

// start lets nobody join b any more, and returns how many calls are in it.
func (q *queue) start(b *batch) (calls int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.started = true
	return b.calls
}
