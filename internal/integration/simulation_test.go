package integration

import (
	"path/filepath"
	"testing"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
	"github.com/paymount/paymount/subscription/storetest/simulation"
)

// Each world has a database of its own, opened inside the world's bubble of testing/synctest, so that all goroutines of
// database/sql and the driver belong to it.

func TestNoWorldBreaksAPromiseOnSQLite(t *testing.T) {
	t.Parallel()
	simulation.Run(t, simulation.Config{Seeds: 10, Store: func(t *testing.T) subscription.SubscriptionStore {
		t.Helper()
		file := filepath.Join(t.TempDir(), "test.db")
		return newStore(t, database{openSQLite(t, file, 4), sqlstore.SQLite, "file:" + file}, sqlstore.Config{})
	}})
}

func TestNoWorldBreaksAPromiseOnPostgres(t *testing.T) {
	t.Parallel()
	testpg.New(t) // it skips where there is no Postgres, which a world can't
	simulation.Run(t, simulation.Config{Seeds: 10, Store: func(t *testing.T) subscription.SubscriptionStore {
		t.Helper()
		schema := testpg.New(t)
		return newStore(t, database{schema.DB, sqlstore.Postgres, schema.URL}, sqlstore.Config{})
	}})
}
