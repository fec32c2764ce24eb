package sqlstore_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/paymount/paymount/subscription/sqlstore"
)

// The tables are made at the start, and cleaned once an hour.
func ExampleNew() {
	start := func(ctx context.Context, db *sql.DB) (*sqlstore.Store, error) {
		store, err := sqlstore.New(db, sqlstore.Postgres, sqlstore.Config{Schema: "billing"})
		if err != nil {
			return nil, err
		}
		err = store.Migrate(ctx)
		return store, err
	}
	clean := func(ctx context.Context, store *sqlstore.Store, log *slog.Logger) {
		for range time.Tick(time.Hour) {
			deleted, err := store.Clean(ctx, time.Now())
			log.InfoContext(ctx, "cleaned", "rows", deleted, "error", err)
		}
	}
	_, _ = start, clean
}

// A team that applies migrations with a tool of its own writes them to files.
func ExampleMigrations() {
	write := func(folder string) error {
		migrations, err := sqlstore.Migrations(sqlstore.SQLite, sqlstore.Config{Prefix: "billing_"})
		if err != nil {
			return err
		}
		for _, m := range migrations {
			if err := os.WriteFile(filepath.Join(folder, m.Name), []byte(m.SQL), 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	_ = write
}
