package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
	"github.com/paymount/paymount/subscription/sqlstore"
)

const (
	// retryAfter is what clients are told while the database is away.
	retryAfter = 2 * time.Second
	// firstPause and lastPause are the first and the longest pause between two tries to prepare the database.
	firstPause, lastPause = 250 * time.Millisecond, 5 * time.Second
	// prepareLimit bounds one such try, migrations included.
	prepareLimit = time.Minute
	connectLimit = 5 * time.Second
	pingLimit    = 2 * time.Second
	cleanEvery   = time.Hour
)

// database is the store, with the database that it may have below it.
type database struct {
	kind   string
	store  subscription.SubscriptionStore
	logger *slog.Logger
	// tables and db are the store and its connections; nil in memory.
	tables *sqlstore.Store
	db     *sql.DB
	// folder is removed in the end; empty unless the database is to be forgotten.
	folder string
	ready  atomic.Bool
}

// openDatabase opens the store. SQLite is ready when it returns, or it fails. Postgres is not waited for: run prepares it.
func openDatabase(ctx context.Context, l location, logger *slog.Logger) (*database, error) {
	d := &database{kind: l.kind, logger: logger}
	var err error
	switch l.kind {
	case kindMemory:
		d.store = memstore.New()
		d.ready.Store(true)
		return d, nil
	case kindPostgres:
		err = d.openPostgres(l.path)
	case kindSQLite:
		err = d.openSQLite(ctx, l.path)
	case kindTemporary:
		if d.folder, err = os.MkdirTemp("", "paymount-demo-"); err == nil {
			err = d.openSQLite(ctx, filepath.Join(d.folder, defaultSQLite))
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the %s database: %w", d.kind, err), d.close())
	}
	return d, nil
}

func (d *database) openSQLite(ctx context.Context, path string) (err error) {
	if err := keepPrivate(path); err != nil {
		return err
	}
	// WAL lets others read the file meanwhile; one connection makes this process's writers queue in order.
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "busy_timeout(5000)", "synchronous(NORMAL)"}}
	d.db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return err
	}
	d.db.SetMaxOpenConns(1)
	if err := d.use(sqlstore.SQLite); err != nil {
		return err
	}
	return d.prepare(ctx)
}

// keepPrivate makes a SQLite file that only its owner can read, for it says who pays for what; a file that is there already is
// made so, with those that SQLite keeps beside it. New ones of these get the permissions of the file.
func keepPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the host names its own database
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d *database) openPostgres(address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectLimit
	}
	d.db = stdlib.OpenDB(*config)
	d.db.SetMaxOpenConns(20)
	d.db.SetMaxIdleConns(10)
	d.db.SetConnMaxIdleTime(5 * time.Minute)
	d.db.SetConnMaxLifetime(time.Hour)
	return d.use(sqlstore.Postgres)
}

func (d *database) use(dialect sqlstore.Dialect) (err error) {
	d.tables, err = sqlstore.New(d.db, dialect, sqlstore.Config{})
	d.store = d.tables
	return err
}

// prepare brings the tables up to date.
func (d *database) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, prepareLimit)
	defer cancel()
	if err := d.tables.Migrate(ctx); err != nil {
		return err
	}
	d.ready.Store(true)
	return nil
}

// run prepares the database, for as long as that takes, and keeps it clean until ctx is done.
func (d *database) run(ctx context.Context) {
	if d.tables == nil {
		return
	}
	for pause := firstPause; !d.ready.Load(); pause = min(2*pause, lastPause) {
		err := d.prepare(ctx)
		if err == nil {
			d.logger.InfoContext(ctx, "the database is ready")
			break
		}
		d.logger.WarnContext(ctx, "the database can't be used yet, trying again", "error", err, "pause", pause.String())
		if !wait(ctx, pause) {
			return
		}
	}
	for {
		if _, err := d.tables.Clean(ctx, time.Now()); err != nil && ctx.Err() == nil {
			d.logger.WarnContext(ctx, "the database could not be cleaned", "error", err)
		}
		if !wait(ctx, cleanEvery) {
			return
		}
	}
}

// wait reports false when ctx is done before the pause is over.
func wait(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// wait returns once the database has been prepared, or reports false when ctx is done before.
func (d *database) wait(ctx context.Context) bool {
	for !d.ready.Load() {
		if !wait(ctx, firstPause) {
			return false
		}
	}
	return true
}

// required answers 503 for next until the database has been prepared. Later failures are the handlers' own affair.
func (d *database) required(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.ready.Load() {
			httperr.Write(w, r, unavailable("The service is starting. Try again shortly."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// health is GET /healthz: 200 while the database answers, else 503.
func (d *database) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pingLimit)
	defer cancel()
	if !d.ready.Load() || d.db != nil && d.db.PingContext(ctx) != nil {
		httperr.Write(w, r, unavailable("The database can't be reached."))
		return
	}
	writeJSON(w, map[string]string{"status": "ok"})
}

// close closes the connections. Nothing may be running any more.
func (d *database) close() error {
	var errs []error
	if d.db != nil {
		errs = append(errs, d.db.Close())
	}
	if d.folder != "" {
		errs = append(errs, os.RemoveAll(d.folder)) // #nosec G703 -- os.MkdirTemp has made it
	}
	return errors.Join(errs...)
}
