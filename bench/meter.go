package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// side is one way of doing the work that is compared.
type side struct {
	name string
	// do does the work once.
	do func() error
	// prepare, when set, makes n times of do possible; it is not timed.
	prepare func(n int) error
}

// reading is what one side took for one operation, in each round.
type reading struct{ nanoseconds, bytes, allocations []float64 }

// meter measures sides in turns.
type meter struct {
	// rounds is how often each side has its turn, and slice how long one turn is.
	rounds int
	slice  time.Duration
}

// measure gives each side its turn in every round, with callers doing the work at the same time, and returns what each took.
func (m meter) measure(callers int, sides ...side) ([]reading, error) {
	// Programs that use testing.Benchmark set its duration by its flag.
	if err := flag.Set("test.benchtime", m.slice.String()); err != nil {
		return nil, err
	}
	readings := make([]reading, len(sides))
	for range m.rounds {
		for i, s := range sides {
			result, err := turn(callers, s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			readings[i].add(result)
		}
	}
	return readings, nil
}

func (r *reading) add(result testing.BenchmarkResult) {
	r.nanoseconds = append(r.nanoseconds, float64(result.T.Nanoseconds())/float64(result.N))
	r.bytes = append(r.bytes, float64(result.AllocedBytesPerOp()))
	r.allocations = append(r.allocations, float64(result.AllocsPerOp()))
}

// turn runs a side as a Go benchmark.
func turn(callers int, s side) (testing.BenchmarkResult, error) {
	var failed error
	result := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		if s.prepare != nil {
			b.StopTimer()
			if failed = s.prepare(b.N); failed != nil {
				return
			}
			b.StartTimer()
		}
		if callers == 1 {
			failed = repeat(b.N, s.do)
			return
		}
		failed = together(b, callers, s.do)
	})
	if failed == nil && result.N == 0 {
		failed = errors.New("the benchmark did not run")
	}
	return result, failed
}

func repeat(n int, do func() error) error {
	for range n {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// together has callers do the work at the same time, and returns the first error of one of them.
func together(b *testing.B, callers int, do func() error) error {
	b.Helper()
	var once sync.Once
	var failed error
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(); err != nil {
				once.Do(func() { failed = err })
				return
			}
		}
	})
	return failed
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// ratio is the median over the rounds of how much longer a took than b.
func ratio(a, b reading) float64 { return medianRatio(a.nanoseconds, b.nanoseconds) }

func medianRatio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}

// duration writes nanoseconds as people do.
func duration(nanoseconds float64) string {
	switch {
	case nanoseconds < 1e3:
		return strconv.FormatFloat(nanoseconds, 'f', 0, 64) + " ns"
	case nanoseconds < 1e6:
		return strconv.FormatFloat(nanoseconds/1e3, 'f', 1, 64) + " µs"
	}
	return strconv.FormatFloat(nanoseconds/1e6, 'f', 1, 64) + " ms"
}
