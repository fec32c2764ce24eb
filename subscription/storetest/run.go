package storetest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/paymount/paymount/subscription"
)

// Run checks the store that open returns. Each case runs in a parallel subtest of its own and calls open once for a fresh,
// empty store; open fails t when it has none, and uses t.Cleanup to end what it began. Connections may be shared between
// the stores. At the end Run logs how many cases it has run.
func Run(t *testing.T, open func(t *testing.T) subscription.SubscriptionStore) {
	t.Helper()
	var ran atomic.Int64
	t.Cleanup(func() { t.Logf("storetest: %d cases run", ran.Load()) })
	for _, c := range cases(open(t)) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			ran.Add(1)
			c.run(newFixture(t, store))
		})
	}
}

// testCase is one rule of the contract.
type testCase struct {
	name string
	run  func(f *fixture)
}

// tester is what a case needs of a *testing.T, so that the suite's own tests can run cases that are meant to fail.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// cases returns the cases for a store with the abilities of this one.
func cases(store subscription.SubscriptionStore) []testCase {
	all := slices.Concat(
		stateCases(), versionCases(), eventCases(), notificationCases(), paymentCases(), intentCases(), cursorCases(),
		customerCases(), savedForCases(), isolationCases(), contextCases(), valueCases(), raceCases(),
	)
	if _, ok := store.(subscription.IdempotencyStore); ok {
		all = append(all, idempotencyCases()...)
	}
	if _, ok := store.(subscription.OpenLister); ok {
		all = append(all, openCases()...)
	}
	if _, ok := store.(subscription.OwnerLoader); ok {
		all = append(all, ownerCases()...)
	}
	return all
}
