package refetch

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// target is what calls share a fetch by.
type target struct {
	scope  project.Scope
	object string
}

// queue lets calls for one object share fetches. At most one batch of calls is working, and all calls that come after its fetch
// has begun wait for the next batch. It is safe for concurrent use.
type queue struct {
	mu sync.Mutex
	// last is the batch of each object that was begun last.
	last map[target]*batch
}

// batch is the calls that share one fetch.
type batch struct {
	// before is the batch that has to be done first, or nil; done is closed when this one is. Then stored and err are what the
	// calls return.
	before *batch
	done   chan struct{}
	stored subscription.Object
	err    error
	// closed says that no call may join any more.
	closed bool
	events []string
	// forced says that the object is to be fetched whatever the events say.
	forced bool
}

// errPanicked is what those who share a batch get when the work panicked: in the goroutine that did it, it goes on.
var errPanicked = errors.New("refetch: the refetch panicked")

// join makes the call part of the batch that is next for its object, and returns what the batch's work does. The first call of a
// batch runs work, in its own goroutine, as soon as the batch before is done; the others wait for it.
func (q *queue) join(
	ctx context.Context, key target, events []string, work func(*batch) (subscription.Object, error),
) (subscription.Object, error) {
	q.mu.Lock()
	b := q.last[key]
	first := b == nil || b.closed
	if first {
		b = &batch{before: b, done: make(chan struct{}), err: errPanicked}
		q.last[key] = b
	}
	b.events = union(b.events, events)
	b.forced = b.forced || len(events) == 0
	q.mu.Unlock()

	if first {
		q.lead(key, b, work)
		return b.stored, b.err
	}
	select {
	case <-b.done:
		return b.stored, b.err
	case <-ctx.Done():
		return subscription.Object{}, context.Cause(ctx)
	}
}

// lead runs the batch. The wait for the batch before is not cut short by the caller's context, since others rely on this
// batch: it is bounded by the time that one refetch may take.
func (q *queue) lead(key target, b *batch, work func(*batch) (subscription.Object, error)) {
	if b.before != nil {
		<-b.before.done
		b.before = nil
	}
	defer func() {
		q.mu.Lock()
		if q.last[key] == b {
			delete(q.last, key)
		}
		q.mu.Unlock()
		close(b.done)
	}()
	b.stored, b.err = work(b)
}

// asked returns the events that the calls in b are about so far.
func (q *queue) asked(b *batch) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(b.events)
}

// close lets no call join b any more. It returns the events that the calls in b are about, and whether the object is to be
// fetched whatever they say.
func (q *queue) close(b *batch) (events []string, forced bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.closed = true
	return slices.Clone(b.events), b.forced
}

// answered returns the events that a fetch for b which begins now answers: those of b, and those of the batch that waits for b,
// which then finds them recorded. They are sorted, each once.
func (q *queue) answered(key target, b *batch) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	events := b.events
	if next := q.last[key]; next != b {
		events = union(events, next.events)
	}
	return slices.Sorted(slices.Values(events))
}

// union returns the events of both lists, each once. It changes neither.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, event := range b {
		if !slices.Contains(all, event) {
			all = append(all, event)
		}
	}
	return all
}
