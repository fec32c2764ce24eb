package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/paymount/paymount/examples/internal/purchase"
)

func TestThePaidRouteOpensAfterAPurchase(t *testing.T) {
	t.Parallel()
	purchase.Run(t, newApp)
}

func TestEndpointsCanBeMountedOneByOne(t *testing.T) {
	t.Parallel()
	purchase.Run(t, func(ctx context.Context, getenv func(string) string) (http.Handler, error) {
		service, err := newService(ctx, getenv)
		if err != nil {
			return nil, err
		}
		return newSingleRouter(service), nil
	})
}
