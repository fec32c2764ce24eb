package integration

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
	"github.com/paymount/paymount/subscription/storetest"
)

// database is one that a test has for itself.
type database struct {
	db      *sql.DB
	dialect sqlstore.Dialect
	dsn     string // for other connections
}

// databases are the kinds of databases that every test of sqlstore runs on.
func databases() map[string]func(t *testing.T) database {
	return map[string]func(t *testing.T) database{
		"Postgres": func(t *testing.T) database {
			t.Helper()
			schema := testpg.New(t)
			return database{schema.DB, sqlstore.Postgres, schema.URL}
		},
		"SQLite": func(t *testing.T) database {
			t.Helper()
			file := filepath.Join(t.TempDir(), "test.db")
			return database{openSQLite(t, file, 1), sqlstore.SQLite, "file:" + file}
		},
		"SQLite with many connections": func(t *testing.T) database {
			t.Helper()
			file := filepath.Join(t.TempDir(), "test.db")
			return database{openSQLite(t, file, 8), sqlstore.SQLite, "file:" + file}
		},
	}
}

// openSQLite opens a file as sqlstore's documentation says.
func openSQLite(t *testing.T, file string, connections int) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+
		"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=synchronous(NORMAL)")
	if err != nil {
		t.Fatalf("open SQLite: %v", err)
	}
	db.SetMaxOpenConns(connections)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close SQLite: %v", err)
		}
	})
	return db
}

// newStore returns a store in d, with its tables made.
func newStore(t *testing.T, d database, config sqlstore.Config) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.New(d.db, d.dialect, config)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return store
}

// onEach runs a test on every kind of database.
func onEach(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	for name, open := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func TestStoresKeepTheContract(t *testing.T) {
	t.Parallel()
	kinds := databases()
	for name, parameters := range map[string]map[string]string{
		"Postgres without prepared statements": {"default_query_exec_mode": "simple_protocol"},
		"Postgres that serializes":             {"default_transaction_isolation": "serializable"},
	} {
		kinds[name] = func(t *testing.T) database {
			t.Helper()
			address := testpg.New(t).With(t, parameters)
			return database{testpg.Open(t, address), sqlstore.Postgres, address}
		}
	}
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) subscription.SubscriptionStore {
				t.Helper()
				return newStore(t, open(t), sqlstore.Config{})
			})
		})
	}
}
