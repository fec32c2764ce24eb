// Package sqlstore keeps the state of subscriptions in a database: Postgres 13 or later and databases that speak its SQL
// (CockroachDB, YugabyteDB), or SQLite 3.35 or later. It uses database/sql and imports no driver: open the database with
// one of your own choice, hand it to New, and call Store.Migrate once at the start.
//
// # Postgres
//
//	db, err := sql.Open("pgx", "postgres://…") // github.com/jackc/pgx/v5/stdlib
//	store, err := sqlstore.New(db, sqlstore.Postgres, sqlstore.Config{})
//	err = store.Migrate(ctx)
//
// Any number of processes can share the database. It takes no locks but those of the rows that it writes, and keeps nothing in
// a session. Every statement stands alone, but the two of AdoptCustomer, which are a short transaction. So a pooler such as
// PgBouncer suits it, by session or by transaction (tell the driver of it: with pgx, default_query_exec_mode=exec). Connect to
// the primary: a replica that lags behind would answer with the past. A write that the database refuses because of a
// concurrent one (SQLSTATE 40001 and 40P01) is tried again a few times.
//
// # SQLite
//
//	db, err := sql.Open("sqlite", "file:paymount.db?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)"+
//		"&_pragma=synchronous(NORMAL)") // modernc.org/sqlite
//	db.SetMaxOpenConns(1)
//
// SQLite has one writer at a time. WAL (https://www.sqlite.org/wal.html) lets others read meanwhile, and busy_timeout makes
// a second writer wait instead of fail; only one that has waited in vain is tried again. With a single connection, as
// above, writers of one process queue in Go, which is faster than to wait for the file's lock. The database must be a local
// file: a file on a network drive can be damaged, and one in memory is lost with its last connection. With
// github.com/mattn/go-sqlite3 write _journal_mode=WAL&_busy_timeout=5000; what it reports as busy is not tried again.
//
// # Tables
//
// The tables are yours to read and to join: subscriptions, payments and customers have their columns in plain types (times
// in UTC, amounts in the currency's smallest unit) next to the whole object in JSON. Don't write to them.
//
// # Cleaning
//
// Call Store.Clean from a timer, once an hour say, to delete what is no longer needed.
package sqlstore
