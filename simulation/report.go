package simulation

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"
)

// trace is the record of what happened in a world.
type trace struct{ lines []string }

func (t *trace) add(line string) { t.lines = append(t.lines, line) }

func (t *trace) hash() uint64 {
	h := fnv.New64a()
	for _, line := range t.lines {
		_, _ = fmt.Fprintln(h, line) // a hash never fails to write
	}
	return h.Sum64()
}

// shrinkFor bounds the search for a shorter way.
const shrinkFor = time.Minute

// explain says what was broken and how, in as few steps as can be.
func (f *finding) explain(t *testing.T, config Config) string {
	t.Helper()
	config = config.withDefaults()
	only, short := f.shrink(t, config)
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: broken: %s\n  %s\n", f.seed, short.violation.promise, short.violation.detail)
	fmt.Fprintf(&b, "replay: simulation.Config{First: %d, Seeds: 1, Steps: %d, Only: %#v}\n", f.seed, config.Steps, only)
	for _, line := range short.trace {
		if !strings.HasPrefix(line, "STEP") {
			line = "    " + line
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// shrink leaves out as many steps as it can while the same promise is still broken: first large parts, then small ones
// (Zeller's delta debugging).
func (f *finding) shrink(t *testing.T, config Config) ([]int, outcome) {
	t.Helper()
	best := f.outcome
	only := config.Only
	if only == nil {
		for i := range config.Steps {
			only = append(only, i)
		}
	}
	deadline := time.Now().Add(shrinkFor)
	for size := max(1, len(only)/2); size > 0; {
		shorter := false
		for from := 0; from < len(only) && time.Now().Before(deadline); {
			rest := slices.Delete(slices.Clone(only), from, min(from+size, len(only)))
			out := run(t, config, f.seed, append([]int{}, rest...))
			if out.violation == nil || out.violation.promise != f.violation.promise {
				from += size
				continue
			}
			only, best, shorter = rest, out, true
		}
		if !shorter || size > len(only) {
			size /= 2
		}
	}
	return only, best
}
