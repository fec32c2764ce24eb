package simulation_test

import (
	"testing"

	"github.com/paymount/paymount/simulation"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// A store of your own runs a hundred worlds in a few seconds. With a database, Store gives each world an empty one.
func ExampleRun() {
	// In your code this is func TestSimulation(t *testing.T).
	testSimulation := func(t *testing.T) {
		t.Helper()
		simulation.Run(t, simulation.Config{Store: func(*testing.T) subscription.SubscriptionStore { return memstore.New() }})
	}
	_ = testSimulation
}
