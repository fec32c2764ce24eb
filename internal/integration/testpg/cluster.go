package testpg

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Main runs the tests of a package and returns the status to exit with. Where no cluster is named and there are the
// programs for one, it starts one and ends it after the tests.
func Main(m *testing.M) int {
	installation, found := Find()
	if os.Getenv(variable) != "" || !found {
		return m.Run()
	}
	c, err := start(installation)
	if err != nil {
		fmt.Fprintf(os.Stderr, "testpg: Postgres from %s does not start: %v\n", installation.Bin, err)
		return 1
	}
	defer c.stop()
	if err := os.Setenv(variable, c.url()); err != nil {
		fmt.Fprintf(os.Stderr, "testpg: %v\n", err)
		return 1
	}
	return m.Run()
}

// cluster is a running one.
type cluster struct {
	folder string
	port   int
	server *exec.Cmd
	log    *bytes.Buffer
	ended  chan struct{} // closed when it has ended; then log and err can be read
	err    error
}

func (c *cluster) url() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

// start makes a cluster in a folder of its own and starts it.
func start(i Installation) (*cluster, error) {
	folder, err := os.MkdirTemp("", "paymount-pg-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), toolLimit)
	defer cancel()
	if err := i.Prepare(ctx, folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	for range 5 { // another program can take the port before Postgres does
		c, startErr := startServer(ctx, i, folder)
		if startErr == nil {
			return c, nil
		}
		err = startErr
	}
	return nil, errors.Join(err, os.RemoveAll(folder))
}

func startServer(ctx context.Context, i Installation, folder string) (*cluster, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: folder, port: port, log: &bytes.Buffer{}, ended: make(chan struct{})}
	settings := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=" + folder, "fsync=off", "full_page_writes=off",
		"max_connections=200", "port=" + strconv.Itoa(port),
	}
	args := []string{"-D", filepath.Join(folder, "data")}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	//nolint:gosec,noctx // who runs the tests says where Postgres is; stop ends it, after all tests
	c.server = exec.Command(filepath.Join(i.Bin, "postgres"), args...)
	c.server.Dir, c.server.Stdout, c.server.Stderr = folder, io.Discard, c.log
	c.server.SysProcAttr = i.Attributes(syscall.SIGINT)
	if err := c.server.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.err = c.server.Wait()
		close(c.ended)
	}()
	if err := c.await(ctx); err != nil {
		c.end()
		return nil, fmt.Errorf("%w: %s", err, c.log)
	}
	return c, nil
}

// await waits until the server answers.
func (c *cluster) await(ctx context.Context) (err error) {
	db, err := sql.Open("pgx", c.url())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if db.PingContext(ctx) == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("it ended: %w", c.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// end ends the server by its process id, and waits for it.
func (c *cluster) end() {
	if err := c.server.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		fmt.Fprintf(os.Stderr, "testpg: end Postgres: %v\n", err)
	}
	select {
	case <-c.ended:
	case <-time.After(20 * time.Second):
		fmt.Fprintln(os.Stderr, "testpg: Postgres did not end in time and is killed")
		if err := c.server.Process.Kill(); err == nil {
			<-c.ended
		}
	}
}

func (c *cluster) stop() {
	c.end()
	if err := os.RemoveAll(c.folder); err != nil {
		fmt.Fprintf(os.Stderr, "testpg: %v\n", err)
	}
}

func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return 0, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
