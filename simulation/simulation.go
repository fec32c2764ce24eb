package simulation

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/subscription"
)

// Config says what is simulated.
type Config struct {
	// Store opens an empty store for one world, inside the world's bubble of testing/synctest; t.Cleanup closes it. Required.
	Store func(t *testing.T) subscription.SubscriptionStore
	// Seeds is how many worlds there are, and First the seed of the first one. Default: 100, from 0.
	Seeds int
	First uint64
	// Steps is how many things happen in a world. Default: 60.
	Steps int
	// Only leaves all steps out but these, by their number: what a failure prints to be repeated. Default: all happen.
	Only []int
	// Duration, when positive, goes on with further seeds until it has passed.
	Duration time.Duration
	// Workers is how many worlds run at the same time. Default: one for each processor.
	Workers int
}

// Stats are the figures of a run.
type Stats struct {
	// Seeds, Steps and Points count the worlds, what happened in them, and the points at which the order was chosen.
	Seeds, Steps, Points int
	// Checks is how often a promise was checked.
	Checks int
	// Repeated is how many worlds ran twice to compare, and Diverged how many of them went another way the second time.
	Repeated, Diverged int
}

func (s *Stats) add(o Stats) {
	s.Seeds += o.Seeds
	s.Steps += o.Steps
	s.Points += o.Points
	s.Checks += o.Checks
	s.Repeated += o.Repeated
	s.Diverged += o.Diverged
}

func (s *Stats) String() string {
	return fmt.Sprintf("%d seeds, %d steps, %d points, %d checks; %d seeds repeated, %d diverged",
		s.Seeds, s.Steps, s.Points, s.Checks, s.Repeated, s.Diverged)
}

// Run runs the worlds, and fails t with the first promise that is broken: the seed, what was broken, and the shortest way
// there that was found within a minute.
func Run(t *testing.T, config Config) {
	t.Helper()
	if found := search(t, config); found != nil {
		t.Error(found.explain(t, config))
	}
}

// finding is a world in which a promise was broken.
type finding struct {
	outcome

	seed uint64
}

// search runs worlds until one breaks a promise, and logs the figures.
func search(t *testing.T, config Config) *finding {
	t.Helper()
	if config.Store == nil {
		t.Fatal("simulation: Config.Store is required")
	}
	began := time.Now()
	s := &seeds{config: config.withDefaults(), deadline: began.Add(config.Duration)}
	// The group returns once its parallel tests have.
	t.Run("worlds", func(t *testing.T) {
		for i := range s.config.Workers {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				s.work(t)
			})
		}
	})
	t.Logf("simulation: %s in %s", &s.stats, time.Since(began).Round(10*time.Millisecond))
	return s.found
}

func (c Config) withDefaults() Config {
	if c.Seeds == 0 {
		c.Seeds = 100
	}
	if c.Steps == 0 {
		c.Steps = 60
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	return c
}

// repeatEvery is the share of the seeds that run twice, to see whether they go the same way.
const repeatEvery = 20

// seeds hands out the seeds to the workers and collects what they find.
type seeds struct {
	config   Config
	deadline time.Time

	mu    sync.Mutex
	next  int
	stats Stats
	found *finding
}

func (s *seeds) take() (seed uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found != nil || s.next >= s.config.Seeds && !time.Now().Before(s.deadline) {
		return 0, false
	}
	seed = s.config.First + uint64(s.next) // #nosec G115 -- a count
	s.next++
	return seed, true
}

func (s *seeds) work(t *testing.T) {
	for {
		seed, ok := s.take()
		if !ok {
			return
		}
		out := run(t, s.config, seed, s.config.Only)
		if seed%repeatEvery == 0 {
			again := run(t, s.config, seed, s.config.Only)
			out.stats.Repeated++
			if again.hash != out.hash {
				out.stats.Diverged++
				t.Log(out.compare(seed, again))
			}
		}
		s.mu.Lock()
		s.stats.add(out.stats)
		if out.violation != nil && (s.found == nil || seed < s.found.seed) {
			s.found = &finding{out, seed}
		}
		s.mu.Unlock()
	}
}

// outcome is how a world ended.
type outcome struct {
	violation *violation
	stats     Stats
	trace     []string
	hash      uint64
}

// compare says where two runs of a seed parted.
func (o outcome) compare(seed uint64, again outcome) string {
	for i, line := range o.trace {
		if i >= len(again.trace) || again.trace[i] != line {
			return fmt.Sprintf("seed %d diverged at %q", seed, o.trace[max(0, i-3):min(i+2, len(o.trace))])
		}
	}
	return fmt.Sprintf("seed %d diverged at its end", seed)
}

// run runs one world. With only, the other steps are left out.
func run(t *testing.T, config Config, seed uint64, only []int) outcome {
	t.Helper()
	var out outcome
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, config.Store)
		w.run(t, leaveOut(plan(seed, config.Steps), only))
		w.stats.Seeds = 1
		out = outcome{w.violation, w.stats, w.trace.lines, w.trace.hash()}
	})
	return out
}

func leaveOut(steps []step, only []int) []step {
	if only == nil {
		return steps
	}
	wanted := map[int]bool{}
	for _, i := range only {
		wanted[i] = true
	}
	return keep(steps, func(s step) bool { return wanted[s.index] })
}
