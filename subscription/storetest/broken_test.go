package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// TestBrokenStoresAreFound runs, for each rule that a store can break, the case that must find it.
func TestBrokenStoresAreFound(t *testing.T) {
	t.Parallel()
	for _, b := range slices.Concat(brokenWrites(), brokenNotifications(), brokenReads(), brokenSwaps(), brokenKeys()) {
		t.Run(b.rule, func(t *testing.T) {
			t.Parallel()
			all := cases(b.open())
			i := slices.IndexFunc(all, func(c testCase) bool { return c.name == b.found })
			if i < 0 {
				t.Fatalf("there is no case %q", b.found)
			}
			for range 20 { // a race is not lost every time
				if failure := failureOf(t, all[i], b.open()); failure != "" {
					t.Logf("found: %s", failure)
					return
				}
			}
			t.Errorf("%q does not fail", b.found)
		})
	}
}

func TestAnIntactStoreFailsNoCase(t *testing.T) {
	t.Parallel()
	for _, c := range cases(intact()) {
		if failure := failureOf(t, c, intact()); failure != "" {
			t.Errorf("%q failed: %s", c.name, failure)
		}
	}
}

func TestStoresWithoutKeysAreNotAskedForThem(t *testing.T) {
	t.Parallel()
	store := struct{ subscription.SubscriptionStore }{memstore.New()}
	for _, c := range cases(store) {
		if strings.Contains(c.name, "Key") || strings.HasPrefix(c.name, "idempotency/") {
			t.Errorf("%q is a case for a store without idempotency keys", c.name)
		}
	}
	if len(cases(store)) >= len(cases(memstore.New())) {
		t.Error("a store with idempotency keys has no more cases than one without")
	}
}

func TestPermutationsAreAllThereAre(t *testing.T) {
	t.Parallel()
	for items, want := range map[string]int{"": 1, "a": 1, "abcd": 24, "aabbcc": 90} {
		var list []int
		for _, r := range items {
			list = append(list, int(r))
		}
		seen := map[string]bool{}
		for _, order := range permutations(list) {
			seen[fmt.Sprint(order)] = true
			slices.Sort(order)
			if !slices.Equal(order, list) {
				t.Errorf("a permutation of %v has the items %v", list, order)
			}
		}
		if len(seen) != want || len(permutations(list)) != want {
			t.Errorf("%d different permutations of %q among %d, want %d", len(seen), items, len(permutations(list)), want)
		}
	}
}

// broken is a store that breaks a rule, and the case that must find it.
type broken struct {
	rule  string
	found string
	open  func() subscription.SubscriptionStore
}

// wrapper is an intact store; broken ones embed it and replace a method.
type wrapper struct{ *memstore.Store }

func intact() *wrapper { return &wrapper{memstore.New()} }

// recorder is a tester that remembers how its case failed.
type recorder struct {
	//nolint:containedctx // a testing.T holds one too
	ctx     context.Context
	mu      sync.Mutex
	failure string
}

func (r *recorder) Helper() {}

func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = fmt.Sprintf(format, args...)
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failureOf runs a case and returns how it failed, nothing when it passed.
func failureOf(t *testing.T, c testCase, s subscription.SubscriptionStore) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, done := &recorder{ctx: ctx}, make(chan struct{})
	go func() {
		defer close(done)
		c.run(newFixture(r, s))
	}()
	<-done
	return r.failure
}
