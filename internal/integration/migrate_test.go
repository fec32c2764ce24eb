package integration

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// alice is a user of these tests.
func alice() subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeTest}, ID: "alice"}
}

// keep stores a subscription of alice.
func keep(t *testing.T, store *sqlstore.Store, id string) {
	t.Helper()
	loaded, err := store.Load(t.Context(), alice().Scope, id, nil)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	w := over(loaded.Object, &subscription.Subscription{ID: id, Owner: alice()})
	if saved, err := store.Save(t.Context(), w); err != nil || !saved {
		t.Fatalf("Save: %t, %v", saved, err)
	}
}

// over returns the write of a state, of which the host has been told, over what was loaded.
func over(old subscription.Object, state any, events ...string) subscription.Write {
	w := subscription.Write{Old: old, New: old, WithNotification: true, Events: events, At: time.Unix(0, 0)}
	switch state := state.(type) {
	case *subscription.Subscription:
		w.New.Subscription, w.New.Notification = state, subscription.Notification{Count: 1, Notified: state}
	case *subscription.Payment:
		w.New.Payment, w.New.Notification = state, subscription.Notification{Count: 1}
	}
	return w
}

// wantKept checks how many subscriptions of alice there are.
func wantKept(t *testing.T, store *sqlstore.Store, want int) {
	t.Helper()
	subs, err := store.Subscriptions(t.Context(), alice())
	if err != nil {
		t.Fatalf("Subscriptions: %v", err)
	}
	if len(subs) != want {
		t.Errorf("%d subscriptions are kept, want %d", len(subs), want)
	}
}

func TestTenReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	const replicas = 10
	open := map[string]func(t *testing.T) (dialect sqlstore.Dialect, connect func() *sql.DB){
		"Postgres": func(t *testing.T) (sqlstore.Dialect, func() *sql.DB) {
			t.Helper()
			schema := testpg.New(t)
			return sqlstore.Postgres, func() *sql.DB { return testpg.Open(t, schema.URL) }
		},
		"Postgres that serializes": func(t *testing.T) (sqlstore.Dialect, func() *sql.DB) {
			t.Helper()
			address := testpg.New(t).With(t, map[string]string{"default_transaction_isolation": "serializable"})
			return sqlstore.Postgres, func() *sql.DB { return testpg.Open(t, address) }
		},
		"SQLite": func(t *testing.T) (sqlstore.Dialect, func() *sql.DB) {
			t.Helper()
			file := filepath.Join(t.TempDir(), "test.db")
			return sqlstore.SQLite, func() *sql.DB { return openSQLite(t, file, 1) }
		},
	}
	for name, begin := range open {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dialect, connect := begin(t)
			stores := make([]*sqlstore.Store, replicas)
			for i := range stores {
				var err error
				if stores[i], err = sqlstore.New(connect(), dialect, sqlstore.Config{}); err != nil {
					t.Fatalf("New: %v", err)
				}
			}
			var group sync.WaitGroup
			failures := make([]error, replicas)
			for i, store := range stores {
				group.Go(func() { failures[i] = store.Migrate(t.Context()) })
			}
			group.Wait()
			if err := errors.Join(failures...); err != nil {
				t.Fatalf("Migrate: %v", err)
			}
			keep(t, stores[0], "sub_1")
			wantKept(t, stores[replicas-1], 1)
		})
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		store := newStore(t, d, sqlstore.Config{})
		keep(t, store, "sub_1")
		execute(t, d.db, "UPDATE paymount_version SET version = version + 1")
		if err := store.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrNewerSchema) {
			t.Errorf("Migrate returned %v, want ErrNewerSchema", err)
		}
		wantKept(t, store, 1)
	})
}

func TestMigratingAgainKeepsTheData(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		store := newStore(t, d, sqlstore.Config{})
		keep(t, store, "sub_1")
		for _, undo := range []string{
			"UPDATE paymount_version SET version = version", // nothing: it is up to date
			"UPDATE paymount_version SET version = 0",       // a process that died before it wrote the version
			"DELETE FROM paymount_version",
			"DROP TABLE paymount_version",
		} {
			execute(t, d.db, undo)
			if err := store.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate after %q: %v", undo, err)
			}
		}
		wantKept(t, store, 1)
	})
}

func TestIntentsThatWereWrittenBeforeTheyHadVersionsCanBeSwapped(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		migrateTo(t, d, 1)
		execute(t, d.db, "INSERT INTO paymount_intents (project_id, mode, user_id, kind, attempt, object_id, data) "+
			"VALUES ('shop', 'test', 'alice', 'customer', 'a', 'cus_1', '{}')")
		store := newStore(t, d, sqlstore.Config{})
		const kind = subscription.IntentCustomer
		old, err := store.Intent(t.Context(), alice(), kind)
		if err != nil || old.ObjectID != "cus_1" || string(old.Data) != "{}" {
			t.Fatalf("the intent is %+v, %v", old, err)
		}
		for version, want := range map[int64]bool{0: false, old.Version: true} {
			swapped, err := store.SwapIntent(t.Context(), alice(), kind, version, subscription.Intent{Attempt: "b"})
			if err != nil || swapped != want {
				t.Errorf("a swap from version %d returned %t, %v", version, swapped, err)
			}
		}
	})
}

// migrateTo makes the tables of an older version.
func migrateTo(t *testing.T, d database, version int) {
	t.Helper()
	migrations, err := sqlstore.Migrations(d.dialect, sqlstore.Config{})
	if err != nil {
		t.Fatalf("Migrations: %v", err)
	}
	for _, m := range migrations[:version] {
		for statement := range strings.SplitSeq(m.SQL, ";\n") {
			execute(t, d.db, statement)
		}
	}
}

// kept is an object as version 2 of the tables kept it.
type kept struct {
	id, document string
	untold       bool
}

// insert writes the object, with its state, whose text is the same for all of a kind.
func (k kept) insert(t *testing.T, db *sql.DB) {
	t.Helper()
	execute(t, db, fmt.Sprintf("INSERT INTO paymount_objects (project_id, mode, id, tickets, version, untold, document) "+
		"VALUES ('shop', 'test', '%s', 9, 7, %t, '%s')", k.id, k.untold, k.document))
	state := fmt.Sprintf(`{"id": %q, "owner": {"project_id": "shop", "mode": "test", "user_id": "alice"}, "status": "%%s"}`, k.id)
	switch prefix, _, _ := strings.Cut(k.id, "_"); prefix {
	case "sub":
		execute(t, db, fmt.Sprintf("INSERT INTO paymount_subscriptions (project_id, mode, id, user_id, customer_id, status, price_id, "+
			"product_id, plan_name, quantity, collection_paused, created_at, updated_at, document) VALUES ('shop', 'test', '%s', "+
			"'alice', '', 'active', '', '', '', 1, FALSE, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', '%s')",
			k.id, fmt.Sprintf(state, "active")))
	case "in", "pi":
		execute(t, db, fmt.Sprintf("INSERT INTO paymount_payments (project_id, mode, id, user_id, customer_id, subscription_id, "+
			"payment_intent_id, status, amount, amount_refunded, currency, description, disputed, created_at, updated_at, document) "+
			"VALUES ('shop', 'test', '%s', 'alice', '', '', '', 'succeeded', 5, 0, 'usd', '', FALSE, '2026-01-01 00:00:00.000000', "+
			"'2026-01-01 00:00:00.000000', '%s')", k.id, fmt.Sprintf(state, "succeeded")))
	}
}

func TestObjectsKeepWhatTheHostWasToldWhenTheyGetVersions(t *testing.T) {
	t.Parallel()
	told := `{"id": "sub_1", "owner": {"project_id": "shop", "mode": "test", "user_id": "alice"}, "status": "trialing"}`
	const active, trialing = subscription.StatusActive, subscription.StatusTrialing
	cases := []struct {
		kept      kept
		pending   bool
		count     int64
		notified  subscription.Status
		attempted bool
	}{
		{kept{"sub_told", `{"id": "sub_1", "applied": 9, "changes": 3}`, false}, false, 3, active, false},
		{kept{"sub_pending", `{"id": "sub_1", "changes": 2, "told": ` + told + `}`, true}, true, 2, trialing, false},
		{kept{"sub_never", `{"id": "sub_1"}`, true}, true, 0, "", false},
		{
			kept{"sub_claimed", `{"changes": 1, "told": ` + told + `, "claim": 9, "claimed_until": "2026-01-01T00:00:00.5Z"}`, true},
			true, 1, trialing, true,
		},
		{kept{"in_invoice", `{"id": "in_1"}`, false}, false, 0, "", false},
		{kept{"pi_told", `{"paid_told": true, "changes": 1}`, false}, false, 1, "", false},
		{kept{"pi_claimed", `{"claim": 4, "claimed_until": "2026-01-01T00:00:00Z"}`, true}, true, 0, "", true},
	}
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		migrateTo(t, d, 2)
		for _, c := range cases {
			c.kept.insert(t, d.db)
		}
		kept{"cs_nobodys", `{}`, false}.insert(t, d.db)
		store := newStore(t, d, sqlstore.Config{})
		for _, c := range cases {
			loaded, err := store.Load(t.Context(), alice().Scope, c.kept.id, nil)
			if err != nil {
				t.Fatal(err)
			}
			n, o := loaded.Notification, loaded.Object
			var notified subscription.Status
			if n.Notified != nil {
				notified = n.Notified.Status
			}
			if o.Version != 1 || o.Owner() != alice() || o.Pending() != c.pending || n.Count != c.count || notified != c.notified ||
				n.Attempted != c.attempted || n.ClaimedUntil.After(time.Unix(0, 0).Add(24*time.Hour)) {
				t.Errorf("%s is loaded as %+v", c.kept.id, loaded)
			}
			if saved, err := store.Save(t.Context(), subscription.Write{Old: o, New: o, WithNotification: true}); err != nil || !saved {
				t.Errorf("%s: saved: %t, %v", c.kept.id, saved, err)
			}
		}
		wantKept(t, store, 4)
		if o, err := store.Load(t.Context(), alice().Scope, "cs_nobodys", nil); err != nil || o.Version != 0 {
			t.Errorf("what is nobody's is loaded as %+v, %v", o, err)
		}
	})
}

func TestAReconciliationGoesOnWhenItsPlaceIsACursor(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		migrateTo(t, d, 2)
		for _, kind := range []string{"reconcile", "customer"} {
			execute(t, d.db, "INSERT INTO paymount_intents (project_id, mode, user_id, kind, version, attempt, object_id, data) "+
				`VALUES ('shop', 'test', '', '`+kind+`', 5, 'a', '', '{"list":"invoices","full":true,"quiet":true}')`)
		}
		store := newStore(t, d, sqlstore.Config{})
		const want = `{"list":"invoices","full":true,"skip_initial":true}`
		cursor, err := store.ReconcileCursor(t.Context(), alice().Scope)
		if err != nil || cursor.Version != 5 || string(cursor.Data) != want {
			t.Errorf("the cursor is {%d %s}, %v", cursor.Version, cursor.Data, err)
		}
		swapped, err := store.SwapReconcileCursor(t.Context(), alice().Scope, 5, []byte("{}"))
		if err != nil || !swapped {
			t.Errorf("swapped: %t, %v", swapped, err)
		}
		wantCount(t, d, "paymount_intents", 1)
	})
}

func TestMigrationsThatATeamAppliesItselfAreComplete(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		config := sqlstore.Config{Prefix: "own_"}
		migrations, err := sqlstore.Migrations(d.dialect, config)
		if err != nil {
			t.Fatalf("Migrations: %v", err)
		}
		for i, m := range migrations {
			if m.Version != i+1 || !strings.HasPrefix(m.Name, fmt.Sprintf("%05d_", i+1)) {
				t.Errorf("migration %d has version %d and is called %q", i+1, m.Version, m.Name)
			}
			if !strings.HasPrefix(m.SQL, "-- +goose Up\n") {
				t.Errorf("%s does not begin as goose wants it", m.Name)
			}
			for statement := range strings.SplitSeq(m.SQL, ";\n") { // as goose splits a file
				execute(t, d.db, statement)
			}
		}
		store := newStore(t, d, config)
		keep(t, store, "sub_1")
		wantKept(t, store, 1)
		var version int
		if err := d.db.QueryRowContext(t.Context(), "SELECT version FROM own_version").Scan(&version); err != nil {
			t.Fatal(err)
		}
		if version != len(migrations) {
			t.Errorf("the version is %d after %d migrations", version, len(migrations))
		}
	})
}

func TestARoleThatMayNotCreateTablesUsesAMigratedDatabase(t *testing.T) {
	t.Parallel()
	schema := testpg.New(t)
	newStore(t, database{db: schema.DB, dialect: sqlstore.Postgres}, sqlstore.Config{})
	role := schema.Name + "_app"
	for _, statement := range []string{
		"CREATE ROLE " + role + " LOGIN PASSWORD 'app'",
		"GRANT USAGE ON SCHEMA " + schema.Name + " TO " + role,
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema.Name + " TO " + role,
	} {
		execute(t, schema.DB, statement)
	}
	t.Cleanup(func() {
		for _, statement := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := schema.DB.Exec(statement); err != nil { //nolint:noctx // the test's context is over
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	address, err := url.Parse(schema.URL)
	if err != nil {
		t.Fatal("the address of Postgres is no URL")
	}
	address.User = url.UserPassword(role, "app")
	store := newStore(t, database{db: testpg.Open(t, address.String()), dialect: sqlstore.Postgres}, sqlstore.Config{})
	keep(t, store, "sub_1")
	wantKept(t, store, 1)
}

func TestStoresWithOtherPrefixesShareADatabase(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		t.Helper()
		one, two := newStore(t, d, sqlstore.Config{Prefix: "one_"}), newStore(t, d, sqlstore.Config{Prefix: "two_"})
		keep(t, one, "sub_1")
		wantKept(t, one, 1)
		wantKept(t, two, 0)
	})
}

func TestTablesAreInTheSchemaThatIsNamed(t *testing.T) {
	t.Parallel()
	connected, named := testpg.New(t), testpg.New(t)
	d := database{db: connected.DB, dialect: sqlstore.Postgres}
	store := newStore(t, d, sqlstore.Config{Schema: named.Name})
	keep(t, store, "sub_1")
	wantKept(t, store, 1)
	const query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = $1 AND table_name LIKE 'paymount_%'"
	for name, want := range map[string]bool{connected.Name: false, named.Name: true} {
		var count int
		if err := connected.DB.QueryRowContext(t.Context(), query, name).Scan(&count); err != nil {
			t.Fatal(err)
		}
		if (count > 0) != want {
			t.Errorf("schema %s has %d tables", name, count)
		}
	}
}
