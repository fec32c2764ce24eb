package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/simulation"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// Each world has a database of its own, opened inside the world's bubble of testing/synctest, so that all goroutines of
// database/sql and the driver belong to it.

// number reads a variable that says how many worlds there are, or where they begin.
func number(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q", name, text)
	}
	return n
}

// worlds are as many as the environment says.
func worlds(t *testing.T, open func(t *testing.T) subscription.SubscriptionStore) simulation.Config {
	t.Helper()
	first := uint64(number(t, "PAYMOUNT_SEED", 0))
	return simulation.Config{Seeds: number(t, "PAYMOUNT_SEEDS", 10), First: first, Store: open}
}

func TestNoWorldBreaksAPromiseOnSQLite(t *testing.T) {
	t.Parallel()
	simulation.Run(t, worlds(t, func(t *testing.T) subscription.SubscriptionStore {
		t.Helper()
		file := filepath.Join(t.TempDir(), "test.db")
		return newStore(t, database{openSQLite(t, file, 4), sqlstore.SQLite, "file:" + file}, sqlstore.Config{})
	}))
}

func TestNoWorldBreaksAPromiseOnPostgres(t *testing.T) {
	t.Parallel()
	testpg.New(t) // it skips where there is no Postgres, which a world can't
	simulation.Run(t, worlds(t, func(t *testing.T) subscription.SubscriptionStore {
		t.Helper()
		schema := testpg.New(t)
		return newStore(t, database{schema.DB, sqlstore.Postgres, schema.URL}, sqlstore.Config{})
	}))
}
