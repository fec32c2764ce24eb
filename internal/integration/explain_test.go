package integration

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// rows is how many rows each table gets before the plans are looked at, unless PAYMOUNT_TEST_ROWS says otherwise.
func rows(t *testing.T, usually int) int {
	t.Helper()
	text := os.Getenv("PAYMOUNT_TEST_ROWS")
	if text == "" {
		return usually
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("PAYMOUNT_TEST_ROWS: %v", err)
	}
	return n
}

func TestEveryStatementOnPostgresUsesAnIndex(t *testing.T) {
	t.Parallel()
	schema, count := testpg.New(t), rows(t, 50_000)
	target := database{db: schema.DB, dialect: sqlstore.Postgres}
	migrate(t, target, 0)
	fill(t, schema.DB, fmt.Sprintf("generate_series(1, %d) AS n(i)", count),
		"timestamptz '2024-01-01 00:00:00Z' + interval '1 minute' * i")
	execute(t, schema.DB, "VACUUM ANALYZE")
	migrate(t, target, count)
	twin, recorded := record(t, schema.DB, schema.URL)
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for _, s := range everyStatement(t, twin, sqlstore.Postgres, recorded) {
			// To read a small table whole is cheaper than to look up hundreds of rows.
			if strings.HasPrefix(s.query, "DELETE") && strings.Contains(s.query, "LIMIT") && count < 1_000_000 {
				continue
			}
			checkPostgresPlan(t, schema.DB, mode, s)
		}
	}
}

func TestEveryStatementOnSQLiteUsesAnIndex(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "test.db")
	db := openSQLite(t, file, 1)
	target, count := database{db: db, dialect: sqlstore.SQLite}, rows(t, 5_000)
	migrate(t, target, 0)
	execute(t, db, "PRAGMA synchronous = OFF")
	numbers := "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) SELECT i FROM c)"
	fill(t, db, fmt.Sprintf(numbers, count), "datetime('2024-01-01', '+' || i || ' minutes') || '.000000'")
	migrate(t, target, count)
	twin, recorded := record(t, db, "file:"+file)
	all := everyStatement(t, twin, sqlstore.SQLite, recorded)
	for _, prepare := range []string{"PRAGMA user_version", "ANALYZE"} { // as it is, and with statistics
		execute(t, db, prepare)
		for _, s := range all {
			checkSQLitePlan(t, db, s)
		}
	}
}

// migrate brings the tables up to date and says how long that took.
func migrate(t *testing.T, target database, count int) {
	t.Helper()
	began := time.Now()
	newStore(t, target, sqlstore.Config{})
	t.Logf("Migrate with %d rows in each table: %s", count, time.Since(began).Round(time.Microsecond))
}

// fill gives every table many rows, of 500 users.
func fill(t *testing.T, db *sql.DB, numbers, minute string) {
	t.Helper()
	const key, user = "'shop', 'live', ", "'user_' || (i % 500)"
	for _, insert := range []string{
		"paymount_events (project_id, mode, object_id, id, recorded_at) SELECT " + key + "'sub_' || i, 'evt_' || i, " + minute,
		"paymount_subscriptions (project_id, mode, id, user_id, customer_id, status, price_id, product_id, plan_name, quantity, " +
			"collection_paused, created_at, updated_at, document) SELECT " + key + "'sub_' || i, " + user +
			", 'cus', 'active', 'price', 'prod', 'plan', 1, FALSE, " + minute + ", " + minute + ", '{}'",
		"paymount_payments (project_id, mode, id, user_id, customer_id, subscription_id, payment_intent_id, status, amount, " +
			"amount_refunded, currency, description, disputed, created_at, updated_at, document) SELECT " + key +
			"'in_' || i, " + user + ", 'cus', 'sub', 'pi', 'succeeded', i % 3, 0, 'usd', '', FALSE, " + minute + ", " + minute + ", '{}'",
		"paymount_intents (project_id, mode, user_id, kind, attempt, object_id, data) SELECT " + key +
			"'user_' || i, 'customer', 'attempt_' || i, 'cus_' || i, ''",
		"paymount_cursors (project_id, mode, version, data) SELECT 'shop_' || i, 'live', 1, '{}'",
		"paymount_customers (project_id, mode, id, user_id) SELECT " + key + "'cus_' || i, 'user_' || i",
		"paymount_idempotency_keys (project_id, mode, id, holder, fingerprint, reserved_at, locked_until, expires_at) SELECT " +
			key + "'key_' || i, 'holder', '', " + minute + ", " + minute + ", " + minute,
	} {
		execute(t, db, "INSERT INTO "+insert+" FROM "+numbers)
	}
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// everyStatement calls every method of a store in every way, and returns the different statements that it sent.
func everyStatement(t *testing.T, db *sql.DB, dialect sqlstore.Dialect, recorded *recording) []statement {
	t.Helper()
	store, err := sqlstore.New(db, dialect, sqlstore.Config{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	recorded.sent()
	ctx, now := t.Context(), time.Date(2024, time.January, 2, 0, 0, 0, 0, time.UTC)
	use(ctx, t, store, now)
	var different []statement
	seen := map[string]bool{}
	for _, s := range recorded.sent() {
		if !seen[s.query] {
			seen[s.query] = true
			different = append(different, s)
		}
	}
	const atLeast = 37 // so that a method that is forgotten here is noticed
	if len(different) < atLeast {
		t.Errorf("only %d different statements were sent, want at least %d", len(different), atLeast)
	}
	return different
}

func use(ctx context.Context, t *testing.T, store *sqlstore.Store, now time.Time) {
	t.Helper()
	scope := project.Scope{ProjectID: "shop", Mode: project.ModeLive}
	owner := subscription.Owner{Scope: scope, ID: "user_77"}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sub := &subscription.Subscription{ID: "sub_new", Owner: owner, CreatedAt: now}
	payment := &subscription.Payment{ID: "in_new", Owner: owner, SubscriptionID: "sub_new", Amount: 1, CreatedAt: now}
	for _, state := range []any{sub, payment} {
		id := "sub_new"
		if state == any(payment) {
			id = "in_new"
		}
		for _, events := range [][]string{nil, {"evt_a"}, {"evt_a", "evt_b"}} {
			loaded, err := store.Load(ctx, scope, id, events)
			check(err)
			w := over(loaded.Object, state, events...) // the first one inserts, the others write state and notification
			_, err = store.Save(ctx, w)
			check(err)
			w.Old.Version, w.WithNotification = 1, false
			_, err = store.Save(ctx, w) // another state
			check(err)
			w.Old = w.New
			_, err = store.Save(ctx, w) // the same one
			check(err)
			w.Old.Version = 0
			_, err = store.Save(ctx, w)
			check(err)
		}
		_, err := store.SaveNotification(ctx, scope, id, subscription.Notification{Version: 1, Notified: sub})
		check(err)
	}
	_, err := store.Subscriptions(ctx, owner)
	check(err)
	_, err = store.LoadOwner(ctx, owner)
	check(err)
	_, err = store.OpenSubscriptions(ctx, scope, now, "sub_1", 100)
	check(err)
	_, _, err = store.Payments(ctx, owner, subscription.Page{Offset: 2, Limit: 3})
	check(err)
	_, _, err = store.Payments(ctx, owner, subscription.Page{After: subscription.Mark{CreatedAt: now, ID: "in_7"}, Limit: 3})
	check(err)
	for _, kind := range []subscription.IntentKind{subscription.IntentCustomer, subscription.IntentCheckout} {
		someone := subscription.Owner{Scope: scope, ID: "user_new"}
		_, err = store.Intent(ctx, someone, kind)
		check(err)
		for version := range int64(2) {
			_, err = store.SwapIntent(ctx, someone, kind, version, subscription.Intent{Attempt: "attempt", ObjectID: "cus_new"})
			check(err)
		}
	}
	for version := range int64(2) {
		_, err = store.AdoptCustomer(ctx, owner, "cus_adopted", version, subscription.Intent{Attempt: "attempt"})
		check(err)
		_, err = store.SwapReconcileCursor(ctx, scope, version, []byte("{}"))
		check(err)
	}
	_, err = store.ReconcileCursor(ctx, scope)
	check(err)
	_, err = store.CustomerOwner(ctx, scope, "cus_7")
	check(err)
	r := subscription.Reservation{Holder: "me", At: now, LockedUntil: now.Add(time.Hour), ExpiresAt: now.Add(time.Hour)}
	for i := range 32 {
		_, _, err = store.ReserveKey(ctx, scope, fmt.Sprintf("key_new_%d", i/2), r)
		check(err)
	}
	check(store.FinishKey(ctx, scope, "key_new_1", "me", &subscription.Reply{Status: 200, Body: []byte("{}")}))
	check(store.FinishKey(ctx, scope, "key_new_2", "me", nil))
	_, err = store.Clean(ctx, now)
	check(err)
}

// checkPostgresPlan fails the test when the statement reads a whole table or index.
func checkPostgresPlan(t *testing.T, db *sql.DB, mode string, s statement) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}()
	literals := make([]string, len(s.args))
	for i, arg := range s.args {
		literals[i] = literal(t, arg)
	}
	run := "EXPLAIN (FORMAT JSON) EXECUTE planned"
	if len(literals) > 0 {
		run += "(" + strings.Join(literals, ", ") + ")"
	}
	for _, statement := range []string{"SET plan_cache_mode = " + mode, "PREPARE planned AS " + s.query} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	var text string
	if err := conn.QueryRowContext(t.Context(), run).Scan(&text); err != nil {
		t.Fatalf("%s: %v", run, err)
	}
	if _, err := conn.ExecContext(t.Context(), "DEALLOCATE planned"); err != nil {
		t.Fatal(err)
	}
	var plans []map[string]any
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) == 0 {
		t.Fatalf("no plan in %s: %v", text, err)
	}
	for _, plan := range plans {
		if found := readsAll(plan); found != "" {
			t.Errorf("%s: %s\n%s\n%s", mode, found, s.query, text)
		}
	}
}

// readsAll looks for a node that reads a whole table or index, in a part of a plan.
func readsAll(part any) string {
	switch part := part.(type) {
	case []any:
		for _, node := range part {
			if found := readsAll(node); found != "" {
				return found
			}
		}
	case map[string]any:
		switch part["Node Type"] {
		case "Seq Scan":
			return fmt.Sprintf("reads all of %s", part["Relation Name"])
		case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
			if part["Index Cond"] == nil {
				return fmt.Sprintf("reads all of the index %s", part["Index Name"])
			}
		}
		return cmp.Or(readsAll(part["Plan"]), readsAll(part["Plans"]))
	}
	return ""
}

func literal(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case []byte:
		return fmt.Sprintf("'\\x%x'", v)
	case time.Time:
		return "'" + v.Format(time.RFC3339Nano) + "'"
	case int64, bool:
		return fmt.Sprint(v)
	}
	t.Fatalf("an argument is a %T", v)
	return ""
}

// checkSQLitePlan fails the test when the statement reads a whole table or index.
func checkSQLitePlan(t *testing.T, db *sql.DB, s statement) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+s.query, s.args...)
	if err != nil {
		t.Fatalf("explain %s: %v", s.query, err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	// A list in JSON and a row that the statement made itself are read whole; so are two subqueries.
	harmless := regexp.MustCompile(`^SCAN (e VIRTUAL TABLE|json_each VIRTUAL TABLE|CONSTANT ROW|counted|page)`)
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(detail, "SCAN") && !harmless.MatchString(detail) {
			t.Errorf("%s\n%s", detail, s.query)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
