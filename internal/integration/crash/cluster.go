//go:build linux

package crash

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/paymount/paymount/internal/integration/testpg"
)

const (
	// toolLimit bounds one run of a Postgres tool.
	toolLimit = time.Minute
	// startLimit is how long a database may take to answer.
	startLimit = 40 * time.Second
	tick       = 20 * time.Millisecond
)

// cluster is a Postgres of a test's own, which the test may treat badly.
type cluster struct {
	bin, folder string
	port        int
	settings    []string
	server      *process
	release     func() // of the port
}

// newCluster starts a cluster from a copy of prepared files, in a folder that the caller removes.
func newCluster(
	ctx context.Context, i testpg.Installation, prepared, folder string, settings ...string,
) (*cluster, error) {
	if err := i.Own(folder); err != nil {
		return nil, err
	}
	//nolint:gosec // both are temporary folders
	copied := exec.CommandContext(ctx, "cp", "-a", filepath.Join(prepared, "data"), filepath.Join(folder, "data"))
	copied.SysProcAttr = i.Attributes(syscall.SIGQUIT)
	if out, err := copied.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cp: %w: %s", err, out)
	}
	return serve(ctx, i, folder, settings)
}

func serve(ctx context.Context, i testpg.Installation, folder string, settings []string) (*cluster, error) {
	port, release, err := reservePort(ctx)
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: i.Bin, folder: folder, port: port, release: release, settings: append([]string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=" + folder, "fsync=off", "full_page_writes=off",
		"max_connections=100", "shared_buffers=16MB", "port=" + strconv.Itoa(port),
	}, settings...)}
	return c, errors.Join(c.start(i), c.await(ctx))
}

// start starts the server, after the first time with all that it has to recover.
func (c *cluster) start(i testpg.Installation) error {
	args := []string{"-D", filepath.Join(c.folder, "data")}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(filepath.Join(c.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the server has its own descriptor
	//nolint:gosec,noctx // who runs the tests says where Postgres is; stop ends it
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), args...)
	cmd.Dir, cmd.Stderr, cmd.SysProcAttr = c.folder, log, i.Attributes(syscall.SIGQUIT)
	c.server, err = startProcess(cmd)
	return err
}

// url is the address for one client; hosts are those of other clusters to try as well.
func (c *cluster) url(query string, others ...*cluster) string {
	hosts := []string{"127.0.0.1:" + strconv.Itoa(c.port)}
	for _, other := range others {
		hosts = append(hosts, "127.0.0.1:"+strconv.Itoa(other.port))
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/postgres?sslmode=disable" + query
}

// await waits until the server takes connections.
func (c *cluster) await(ctx context.Context) error {
	if c.server == nil {
		return nil // it was not started, which is reported already
	}
	db, err := sql.Open("pgx", c.url("&connect_timeout=2"))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing was changed
	decided := func(ctx context.Context) bool { return !c.server.alive() || db.PingContext(ctx) == nil }
	if eventually(ctx, startLimit, tick, decided) && c.server.alive() {
		return nil
	}
	log, _ := os.ReadFile(filepath.Join(c.folder, "log")) // there may be none
	return fmt.Errorf("postgres on port %d does not answer: %s", c.port, log)
}

// crash ends the server as pg_ctl stop -m immediate does.
func (c *cluster) crash() error {
	_, err := c.server.end(syscall.SIGQUIT, startLimit)
	return err
}

// stop ends the server for good.
func (c *cluster) stop() error {
	defer c.release()
	if !c.server.alive() {
		return nil
	}
	return errors.Join(c.server.thaw(), c.crash())
}

// standby starts a copy of the cluster, in a folder that the caller removes, which follows it under the name "standby".
func (c *cluster) standby(ctx context.Context, i testpg.Installation, folder string) (*cluster, error) {
	if err := i.Own(folder); err != nil {
		return nil, err
	}
	err := i.Run(ctx, folder, "pg_basebackup", "-D", filepath.Join(folder, "data"), "-R", "-c", "fast", "-X", "stream", "--no-sync",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=standby", c.port))
	if err != nil {
		return nil, err
	}
	return serve(ctx, i, folder, nil)
}

// promote makes a standby take writes.
func (c *cluster) promote(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, toolLimit)
	defer cancel()
	db, err := sql.Open("pgx", c.url(""))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// To wait within pg_promote would hold a snapshot, which what is still to be replayed may have to cancel.
	if _, err := db.ExecContext(ctx, "SELECT pg_promote(false)"); err != nil {
		return err
	}
	promoted := func(ctx context.Context) bool {
		var replaying bool
		return db.QueryRowContext(ctx, "SELECT pg_is_in_recovery()").Scan(&replaying) == nil && !replaying
	}
	if !eventually(ctx, toolLimit, tick, promoted) {
		return errors.New("the standby was not promoted in time")
	}
	return nil
}
