package integration

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"testing"
)

// statement is one that a store has sent, with its arguments.
type statement struct {
	query string
	args  []any
}

// recording is a driver.Connector whose connections remember each statement.
type recording struct {
	driver.Connector

	before func(query string) // called before each statement, nil for nothing; set it before the first one

	mu         sync.Mutex
	statements []statement
}

// record returns db's twin whose statements are remembered. It is closed when the test ends.
func record(t *testing.T, db *sql.DB, dsn string) (*sql.DB, *recording) {
	t.Helper()
	r := &recording{Connector: dsnConnector{db.Driver(), dsn}}
	twin := sql.OpenDB(r)
	twin.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := twin.Close(); err != nil {
			t.Errorf("close the recorded database: %v", err)
		}
	})
	return twin, r
}

// sent returns the statements since the last call.
func (r *recording) sent() []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.statements
	r.statements = nil
	return all
}

func (r *recording) add(query string, args []driver.NamedValue) {
	if r.before != nil {
		r.before(query)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := statement{query: query}
	for _, arg := range args {
		s.args = append(s.args, arg.Value)
	}
	r.statements = append(r.statements, s)
}

// Connect implements driver.Connector.
func (r *recording) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver lacks a method"), conn.Close())
	}
	return &recordingConn{full, r}, nil
}

// fullConn is what the connections of both drivers can do.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type recordingConn struct {
	fullConn

	recording *recording
}

// ExecContext implements driver.ExecerContext.
func (c *recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.recording.add(query, args)
	return c.fullConn.ExecContext(ctx, query, args)
}

// QueryContext implements driver.QueryerContext.
func (c *recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.recording.add(query, args)
	return c.fullConn.QueryContext(ctx, query, args)
}

// dsnConnector opens connections of a driver by its data source name.
type dsnConnector struct {
	driver driver.Driver
	dsn    string
}

// Connect implements driver.Connector.
func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver implements driver.Connector.
func (c dsnConnector) Driver() driver.Driver { return c.driver }
