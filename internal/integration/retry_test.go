package integration

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// poll calls done every few milliseconds until it reports true.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("%s did not happen in time", what)
		}
	}
}

// TestAWriteThatCannotBeSerializedIsTriedAgain lets two statements wait for a row that a third transaction then commits:
// Postgres ends both with 40001 where transactions see one snapshot.
func TestAWriteThatCannotBeSerializedIsTriedAgain(t *testing.T) {
	t.Parallel()
	schema := testpg.New(t)
	first := newStore(t, database{db: schema.DB, dialect: sqlstore.Postgres}, sqlstore.Config{})
	keep(t, first, "sub_1")
	strict := testpg.Open(t, schema.With(t, map[string]string{
		"default_transaction_isolation": "repeatable read", "application_name": schema.Name,
	}))
	store, err := sqlstore.New(strict, sqlstore.Postgres, sqlstore.Config{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}

	holder, err := schema.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const touch = "UPDATE paymount_subscriptions SET notifications = notifications + 1"
	if _, err := holder.ExecContext(t.Context(), touch); err != nil {
		t.Fatal(err)
	}
	plain, noted := make(chan error, 1), make(chan error, 1)
	var saved bool
	go func() {
		_, err := strict.ExecContext(t.Context(), touch)
		plain <- err
	}()
	go func() {
		var err error
		saved, err = store.SaveNotification(t.Context(), alice().Scope, "sub_1", subscription.Notification{Version: 1})
		noted <- err
	}()
	poll(t, "that both wait", func() bool {
		var waiting int
		const query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
		if err := schema.DB.QueryRowContext(t.Context(), query, schema.Name).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		return waiting == 2
	})
	if err := holder.Commit(); err != nil {
		t.Fatal(err)
	}
	var stated interface{ SQLState() string }
	if err := <-plain; !errors.As(err, &stated) || stated.SQLState() != "40001" {
		t.Errorf("the statement without the store returned %v, want SQLSTATE 40001", err)
	}
	if err := <-noted; err != nil || !saved {
		t.Errorf("SaveNotification = %t, %v", saved, err)
	}
}

func TestABusySQLiteIsTriedAgainForAWhile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "test.db")
	holder, impatient := openSQLite(t, file, 1), openSQLite(t, file, 1)
	store := newStore(t, database{db: impatient, dialect: sqlstore.SQLite}, sqlstore.Config{})
	execute(t, impatient, "PRAGMA busy_timeout = 0")
	execute(t, holder, "BEGIN IMMEDIATE")

	w := over(subscription.Object{Scope: alice().Scope, ID: "sub_1"}, &subscription.Subscription{ID: "sub_1", Owner: alice()})
	_, err := store.Save(t.Context(), w)
	var coded interface{ Code() int }
	if !errors.As(err, &coded) || coded.Code()&0xff != 5 {
		t.Errorf("Save to a database that stays locked returned %v, want SQLITE_BUSY", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := store.Save(ctx, w); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Save with a deadline returned %v, want context.DeadlineExceeded", err)
	}

	twin, recorded := record(t, impatient, "file:"+file+"?_pragma=busy_timeout(0)")
	tries := 0
	recorded.before = func(string) {
		tries++
		if tries == 3 {
			execute(t, holder, "COMMIT")
		}
	}
	if store, err = sqlstore.New(twin, sqlstore.SQLite, sqlstore.Config{}); err != nil {
		t.Fatalf("New: %v", err)
	}
	if saved, err := store.Save(t.Context(), w); err != nil || !saved || tries < 3 {
		t.Errorf("Save to a database that was locked for two tries = %t, %v after %d tries", saved, err, tries)
	}
}

// TestAWriteThatComesTooLateLeavesNothing changes the object between the moments when it was loaded and when Save writes.
func TestAWriteThatComesTooLateLeavesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		keep(t, newStore(t, d, sqlstore.Config{}), "sub_1")
		twin, recorded := record(t, d.db, d.dsn)
		recorded.before = func(query string) {
			if strings.Contains(query, "UPDATE paymount_subscriptions") {
				execute(t, d.db, "UPDATE paymount_subscriptions SET version = version + 1")
			}
		}
		store, err := sqlstore.New(twin, d.dialect, sqlstore.Config{})
		if err != nil {
			t.Fatalf("New: %v", err)
		}
		loaded, err := store.Load(t.Context(), alice().Scope, "sub_1", nil)
		if err != nil {
			t.Fatalf("Load: %v", err)
		}
		bob := alice()
		bob.ID = "bob"
		saved, err := store.Save(t.Context(), over(loaded.Object, &subscription.Subscription{ID: "sub_1", Owner: bob}, "evt_1"))
		if err != nil || saved {
			t.Errorf("Save = %t, %v", saved, err)
		}
		wantCount(t, d, "paymount_events", 0)
		wantCount(t, d, "paymount_subscriptions WHERE user_id = 'bob'", 0)
	})
}
