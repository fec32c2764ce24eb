package testpg

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// variable names the URL of a cluster that is there already, as a role that may create schemas.
const variable = "PAYMOUNT_TEST_POSTGRES_URL"

// Schema is a fresh, empty schema of one test, in which all connections of DB and URL create and find their tables. Their
// time zone is an odd one, so that a time that is not kept in UTC is noticed.
type Schema struct {
	// DB is a small pool.
	DB *sql.DB
	// Name is the schema's name, a plain identifier.
	Name string
	// URL is for other connections, also those of other processes.
	URL string
}

// New returns a schema that is dropped when the test ends. It skips the test where there is no Postgres, or fails it in CI.
func New(tb testing.TB) Schema {
	tb.Helper()
	base := os.Getenv(variable)
	if base == "" {
		const missing = "NOT TESTED: there is no Postgres; install Debian's postgresql, or set " + variable + " or " + binaries
		if os.Getenv("CI") == "true" {
			tb.Fatal(missing)
		}
		tb.Skip(missing)
	}
	name := fmt.Sprintf("test_%016x", rand.Uint64()) //nolint:gosec // a name that nobody else has; no secret
	admin := Open(tb, base)
	if _, err := admin.ExecContext(tb.Context(), "CREATE SCHEMA "+name); err != nil {
		tb.Fatalf("create a schema: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if _, err := admin.ExecContext(ctx, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			tb.Errorf("drop the schema: %v", err)
		}
	})
	s := Schema{Name: name, URL: withParameters(tb, base, map[string]string{"search_path": name, "timezone": "Asia/Kathmandu"})}
	s.DB = Open(tb, s.URL)
	return s
}

// Open returns a small pool of connections to address, which is closed when the test ends.
func Open(tb testing.TB, address string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		tb.Fatalf("open Postgres: %v", err)
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close Postgres: %v", err)
		}
	})
	return db
}

// With returns s.URL with more parameters of the connection, such as default_transaction_isolation.
func (s Schema) With(tb testing.TB, parameters map[string]string) string {
	tb.Helper()
	return withParameters(tb, s.URL, parameters)
}

func withParameters(tb testing.TB, base string, parameters map[string]string) string {
	tb.Helper()
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatal("the address of Postgres is no URL")
	}
	q := u.Query()
	for name, value := range parameters {
		q.Set(name, value)
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // Postgres takes a + for itself, not for a space
	return u.String()
}
