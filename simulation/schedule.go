package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// tick is what the clock moves by while somebody sleeps, and what every longer pause is a multiple of. It is longer than
// any pause between two tries of paymount, whose length is left to chance, and never meets a time limit to the nanosecond.
const tick = 1900 * time.Millisecond

// maxTicks bounds how many ticks follow each other while somebody could go on: one whose weight is very low would else stand
// still for days, tick by tick.
const maxTicks = 200

// maxTasks bounds how many tasks are under way at once.
const maxTasks = 8

// task is one thing that goes on in the world, such as a request: it runs in a goroutine of its own, which stops before
// and after everything by which it could meet another one, until the scheduler lets it go on.
type task struct {
	w       *world
	process *process
	what    string // what it does, such as "POST /checkout-session"
	// class is the same for tasks that can take each other's place: which of two deliveries leads a refetch that both wait
	// for, Go decides.
	class string
	// alone says that the process must not deal with another such task at the same time. Two tasks that each wait for more
	// than one refetch of the same objects would, whenever one refetch ends, race for the next.
	alone  bool
	ctx    context.Context //nolint:containedctx // the life of the task
	cancel context.CancelFunc
	// ended are the subscriptions that it brought into the store as ended.
	ended []string
}

type taskKey struct{}

func taskOf(ctx context.Context) *task {
	k, _ := ctx.Value(taskKey{}).(*task)
	return k
}

// point is where a task stops.
type point struct {
	task *task
	// what names the operation, about which Stripe object or user, and before or after it happens.
	what, about string
	after       bool
	begins      bool // the task has done nothing yet
	// faults are what can go wrong here.
	faults []fault
	// key tells the point apart from all others, in the same words in every run; weight is drawn from it.
	key    string
	weight uint64
	resume chan fault
}

// fault is what goes wrong at a point; empty for nothing.
type fault string

var (
	errKilled = errors.New("simulation: the process was killed")
	errLost   = errors.New("simulation: the answer was lost")
)

// stop waits until the scheduler lets the task go on. It returns what goes wrong there, and an error when the process has
// been killed meanwhile, or ctx is done.
func (k *task) stop(ctx context.Context, p point) (fault, error) {
	p.task, p.resume = k, make(chan fault, 1)
	k.w.mu.Lock()
	k.w.stopped = append(k.w.stopped, &p)
	k.w.mu.Unlock()
	f := <-p.resume
	if k.process.killed() {
		return "", errKilled
	}
	return f, ctx.Err()
}

// start begins a task.
func (w *world) start(k *task, what, about string, run func()) {
	ctx, cancel := context.WithCancel(context.Background())
	k.w, k.ctx, k.cancel, k.what = w, context.WithValue(ctx, taskKey{}, k), cancel, what
	w.mu.Lock()
	w.tasks++
	w.mu.Unlock()
	go func() {
		defer cancel()
		if _, err := k.stop(k.ctx, point{what: what, about: about, begins: true}); err == nil {
			run()
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tasks--
		if k.alone {
			k.process.busy = false
		}
	}()
}

// choice is one way to go on.
type choice struct {
	weight uint64
	do     func()
}

// schedule runs the steps and all tasks to their end, one operation at a time, or until something was violated. Of all
// ways to go on it takes the one with the highest weight. An operation keeps the weight that was drawn for it while it
// waits, so that one with a low weight is overtaken by many others.
func (w *world) schedule(steps []step) {
	for {
		synctest.Wait()
		w.freeKilled()
		w.look()
		if w.violation != nil {
			return
		}
		choices := w.choices(&steps)
		if len(choices) == 0 {
			return
		}
		best := slices.MaxFunc(choices, func(a, b choice) int { return cmp.Compare(a.weight, b.weight) })
		best.do()
	}
}

func (w *world) choices(steps *[]step) []choice {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.record()
	w.label()
	var out []choice
	for _, p := range w.stopped {
		if p.begins && p.task.alone && p.task.process.busy {
			continue
		}
		out = append(out, choice{p.weight, func() { w.release(p) }})
	}
	if len(*steps) > 0 && w.tasks < maxTasks {
		s := (*steps)[0]
		out = append(out, choice{w.chance("start %d", s.index), func() {
			*steps = (*steps)[1:]
			w.act(s)
		}})
	}
	stopped := map[*task]bool{}
	for _, p := range w.stopped {
		stopped[p.task] = true
	}
	if w.tasks > len(stopped) && (w.idle < maxTicks || len(out) == 0) { // somebody sleeps, or waits for one who does
		out = append(out, choice{w.chance("tick %d", w.ticks) >> 3, w.tick})
	}
	return out
}

// tick lets a little time pass.
func (w *world) tick() {
	w.ticks++
	w.idle++
	w.sleep(tick)
}

// record keeps what was answered since the last choice. Several can have been answered at once, in any order.
func (w *world) record() {
	slices.Sort(w.heard)
	for _, line := range w.heard {
		w.trace.add(line)
	}
	w.heard = nil
	key := func(d *stripetest.Delivery) string {
		return d.Event.Type + " " + w.name(d.Event.ObjectID) + " " + d.URL
	}
	slices.SortStableFunc(w.arrived, func(a, b *stripetest.Delivery) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.Event.Created, b.Event.Created))
	})
	w.delivered = append(w.delivered, w.arrived...)
	w.arrived = nil
}

// label gives the points that are new their key and weight, in an order that does not depend on Go's.
func (w *world) label() {
	var fresh []*point
	for _, p := range w.stopped {
		if p.key == "" {
			when := "before"
			switch {
			case p.after:
				when = "after"
			case p.begins:
				when = "begin"
			}
			p.key = fmt.Sprintf("%s: %s %s %s", p.task.class, when, p.what, w.name(p.about))
			fresh = append(fresh, p)
		}
	}
	slices.SortStableFunc(fresh, func(a, b *point) int { return cmp.Compare(a.key, b.key) })
	for _, p := range fresh {
		w.seen[p.key]++
		p.key = fmt.Sprintf("%s, time %d", p.key, w.seen[p.key])
		p.weight = w.chance("weight %s", p.key)
	}
}

// release lets one task go on from p.
func (w *world) release(p *point) {
	w.stats.Points++
	w.idle = 0
	w.mu.Lock()
	w.stopped = slices.DeleteFunc(w.stopped, func(o *point) bool { return o == p })
	f := w.fault(p)
	if p.begins && p.task.alone {
		p.task.process.busy = true
	}
	w.mu.Unlock()
	w.note(p, f)
	if f == clientLeaves {
		p.task.cancel()
		f = ""
	}
	p.resume <- f
}

// note adds to the record of what happened, by which runs are compared and failures explained.
func (w *world) note(p *point, f fault) {
	line := p.key
	if f != "" {
		line += ": " + string(f)
	}
	w.trace.add(line)
}

// freeKilled lets the tasks of killed processes run to their end: what they call fails.
func (w *world) freeKilled() {
	for {
		w.mu.Lock()
		var dead []*point
		w.stopped = slices.DeleteFunc(w.stopped, func(p *point) bool {
			if p.task.process.dead {
				dead = append(dead, p)
				return true
			}
			return false
		})
		w.mu.Unlock()
		if len(dead) == 0 {
			return
		}
		for _, p := range dead {
			p.resume <- ""
		}
		synctest.Wait()
	}
}

// sleep lets time pass, and everything happen at Stripe that is due by then.
func (w *world) sleep(d time.Duration) {
	<-time.After(max(d-d%tick, tick))
	synctest.Wait()
	w.stripe.Tick()
	w.touchAll()
}

// chance draws a number that depends on the seed and the words alone.
func (w *world) chance(format string, args ...any) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d ", w.seed) // a hash never fails to write
	_, _ = fmt.Fprintf(h, format, args...)
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9 // the finalizer of SplitMix64: FNV mixes its last bytes badly
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// odds reports true once in n, by chance.
func (w *world) odds(n uint64, what string) bool {
	return w.chance("%s", what)%n == 0
}
