package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"
)

// ErrNewerSchema says that the tables were made by a later version of this package than the one that is running: a rollout
// goes on elsewhere, or the program is an old one. Test for it with errors.Is.
var ErrNewerSchema = errors.New("sqlstore: the database is newer than this program")

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is one step from an older version of the tables to the next. There is no way back.
type Migration struct {
	// Version is the version of the tables after it, counted from 1.
	Version int
	// Name is a file name such as 00001_create.sql.
	Name string
	// SQL are the statements in the format of goose (https://pressly.github.io/goose/documentation/annotations/), which
	// Atlas reads too. The last one keeps the version, so that Store.Migrate then finds nothing to do.
	SQL string
}

// Migrations returns every migration, for teams that apply them with a tool of their own: write each SQL to a file of its
// Name. It fails where New would.
func Migrations(dialect Dialect, config Config) ([]Migration, error) {
	n, err := newNaming(dialect, config)
	if err != nil {
		return nil, err
	}
	return n.migrations()
}

func (n naming) migrations() ([]Migration, error) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("sqlstore: migrations: %w", err)
	}
	all := make([]Migration, len(files))
	for i, file := range files { // in the order of their names
		text, err := migrationFiles.ReadFile(path.Join("migrations", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("sqlstore: migrations: %w", err)
		}
		version := i + 1
		all[i] = Migration{version, file.Name(), "-- +goose Up\n" + n.compile(string(text)+fmt.Sprintf(setVersion, version))}
	}
	return all, nil
}

const (
	setVersion = `
INSERT INTO {version} (id, version) VALUES (1, %d) ON CONFLICT (id) DO UPDATE SET version = excluded.version;
`
	readVersion  = "SELECT version FROM {version} WHERE id = 1"
	beginVersion = `CREATE TABLE IF NOT EXISTS {version} (id {int} NOT NULL PRIMARY KEY, version {int} NOT NULL)`
	firstVersion = `INSERT INTO {version} (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING`
	lockVersion  = `UPDATE {version} SET version = version WHERE id = 1`
)

// Migrate brings the tables up to date. It is safe when many processes begin at once: each step is one transaction that
// locks the row of the version, so one of them makes it and the others find it made. Where there is nothing to do it only
// reads, so a role that may not create tables can call it. It returns ErrNewerSchema where the tables are newer than this
// package knows.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := s.naming.migrations()
	if err != nil {
		return err
	}
	for {
		version, err := s.version(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("sqlstore: migrate: %w", err)
		case version > len(steps):
			return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewerSchema, version, len(steps))
		case version == len(steps):
			return nil
		}
		if err := s.retry(ctx, func() error { return s.step(ctx, steps[version]) }); err != nil {
			return fmt.Errorf("sqlstore: migrate to version %d: %w", version+1, err)
		}
	}
}

// version returns the version of the tables, and begins to keep it in a database that has none yet.
func (s *Store) version(ctx context.Context) (version int, err error) {
	read := s.naming.compile(readVersion)
	if err := s.get(ctx, read, nil, &version); err == nil {
		return version, nil
	}
	// There is no such table or row yet. Where the query failed for another reason, these will too.
	for _, statement := range []string{beginVersion, firstVersion} {
		// IF NOT EXISTS does not see a table that another process is just making. It has made it when this one fails.
		_, err := s.exec(ctx, s.naming.compile(statement))
		if err != nil && !s.dialect.exists(err) {
			return 0, err
		}
	}
	err = s.get(ctx, read, nil, &version)
	return version, err
}

// step applies one migration unless another process has.
func (s *Store) step(ctx context.Context, m Migration) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if rollback := tx.Rollback(); !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	if _, err := tx.ExecContext(ctx, s.naming.compile(lockVersion)); err != nil {
		return err
	}
	var version int
	if err := tx.QueryRowContext(ctx, s.naming.compile(readVersion)).Scan(&version); err != nil {
		return err
	}
	if version >= m.Version {
		return nil
	}
	for _, statement := range strings.SplitAfter(m.SQL, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil && !s.dialect.added(err) {
			return err
		}
	}
	return tx.Commit()
}
