package boltstore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/paymount/paymount/project"
)

func TestAWriteThatWaitsForAnotherEndsWithItsContext(t *testing.T) {
	t.Parallel()
	store, err := Open(filepath.Join(t.TempDir(), "billing.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	store.writing <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	scope := project.Scope{ProjectID: "shop", Mode: project.ModeTest}
	if swapped, err := store.SwapReconcileCursor(ctx, scope, 0, nil); swapped || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("swapped %t: %v", swapped, err)
	}
}
