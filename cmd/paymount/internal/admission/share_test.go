package admission

import (
	"sync"
	"testing"
)

func TestNoKeyTakesMoreThanItsPartAndAllTogetherNotMoreThanTheWhole(t *testing.T) {
	t.Parallel()
	s := NewShare(5, 3)
	for i, step := range []struct {
		key  string
		n    int64
		want bool
	}{
		{"a", 3, true}, {"a", 1, false}, {"b", 3, false}, {"b", 2, true}, {"c", 1, false},
	} {
		if got := s.Take(step.key, step.n); got != step.want {
			t.Errorf("step %d: taking %d for %s: %t", i, step.n, step.key, got)
		}
	}
	s.Return("a", 3)
	if !s.Take("c", 3) || s.Take("d", 1) {
		t.Error("what was returned is not there for others, or more than that")
	}
	s.Return("b", 2)
	s.Return("c", 3)
	if s.taken != 0 || len(s.byKey) != 0 {
		t.Errorf("after all was returned, %d are taken, by %v", s.taken, s.byKey)
	}
}

func TestAShareIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := NewShare(10, 10)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 1000 {
				if s.Take("a", 3) {
					s.Return("a", 3)
				}
			}
		})
	}
	workers.Wait()
	if !s.Take("a", 10) {
		t.Error("something was lost")
	}
}
