package reconcile

import (
	"fmt"

	"github.com/paymount/paymount/subscription"
)

const (
	defaultRate = 10
	minRate     = 1
)

// callsPerSecond returns the bound that the options set.
func callsPerSecond(o subscription.ReconcileOptions) (float64, error) {
	switch {
	case o.CallsPerSecond == 0:
		return defaultRate, nil
	case o.CallsPerSecond >= minRate: // false for NaN
		return o.CallsPerSecond, nil
	}
	return 0, fmt.Errorf("subscription: ReconcileOptions.CallsPerSecond: %v is less than %d", o.CallsPerSecond, minRate)
}
