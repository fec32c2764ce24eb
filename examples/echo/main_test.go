package main

import (
	"testing"

	"github.com/paymount/paymount/examples/internal/purchase"
)

func TestThePaidRouteOpensAfterAPurchase(t *testing.T) {
	t.Parallel()
	purchase.Run(t, newApp)
}
