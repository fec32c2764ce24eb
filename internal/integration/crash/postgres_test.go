//go:build linux

package crash

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/subscription/sqlstore"
)

func TestNothingIsLostWhenPostgresRestarts(t *testing.T) {
	t.Parallel()
	i := needInstallation(t)
	play(t, 3, func(r round) {
		c := startCluster(r.t, i)
		w := newWorld(r, onCluster(r.t, c.url("")))
		w.load(5, 10, func(ctx context.Context) {
			for range 1 + w.random.IntN(3) {
				w.atSomeInstant(ctx, nil, func() {
					if err := errors.Join(c.crash(), c.start(i)); err != nil {
						r.t.Errorf("restart Postgres: %v", err)
					}
				})
				pause(ctx, w.millis(600))
			}
		})
		w.finish()
	})
}

func TestNothingIsLostWhenPostgresHangs(t *testing.T) {
	t.Parallel()
	i := needInstallation(t)
	play(t, 3, func(r round) {
		c := startCluster(r.t, i)
		w := newWorld(r, onCluster(r.t, c.url("")))
		w.load(5, 10, func(ctx context.Context) {
			for range 1 + w.random.IntN(3) {
				w.atSomeInstant(ctx, nil, func() {
					err := c.server.freeze()
					pause(ctx, w.millis(3000))
					if err := errors.Join(err, c.server.thaw()); err != nil {
						r.t.Errorf("hang Postgres: %v", err)
					}
				})
				pause(ctx, w.millis(400))
			}
		})
		w.finish()
	})
}

// TestNothingIsLostWhenTheStandbyTakesOver ends the primary at one instant, as a loss of power does. All that it had
// acknowledged is at the standby, which is promoted. One of the servers may die as well.
func TestNothingIsLostWhenTheStandbyTakesOver(t *testing.T) {
	t.Parallel()
	i := needInstallation(t)
	play(t, 3, func(r round) {
		level := []string{"on", "remote_apply"}[r.seed%2]
		primary := startCluster(r.t, i, "synchronous_standby_names=standby", "synchronous_commit="+level)
		standby, err := primary.standby(r.t.Context(), i, clusterFolder(r.t))
		keepCluster(r.t, standby, err)
		w := newWorld(r, onCluster(r.t, primary.url("&target_session_attrs=read-write", standby)))
		w.load(5, 10, func(ctx context.Context) {
			pause(ctx, w.millis(300))
			w.atSomeInstant(ctx, nil, func() {
				err := primary.server.vanish()
				pause(ctx, w.millis(500))
				if err := errors.Join(err, standby.promote(context.WithoutCancel(ctx))); err != nil {
					r.t.Errorf("fail over: %v", err)
				}
			})
			w.killSome(ctx, w.random.IntN(2), nil)
		})
		w.finish()
	})
}

// needInstallation skips a test where there is no Postgres, or fails it in CI.
func needInstallation(t *testing.T) testpg.Installation {
	t.Helper()
	i, ok := testpg.Find()
	if !ok {
		const missing = "NOT TESTED: there are no programs of Postgres; install Debian's postgresql"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return i
}

// clusterFolder is a folder that Postgres' user can reach, which those of the testing package are not.
func clusterFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "paymount-crash-pg-") //nolint:usetesting // as above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func startCluster(t *testing.T, i testpg.Installation, settings ...string) *cluster {
	t.Helper()
	c, err := newCluster(t.Context(), i, os.Getenv(preparedVariable), clusterFolder(t), settings...)
	keepCluster(t, c, err)
	return c
}

// keepCluster ends a cluster with the test.
func keepCluster(t *testing.T, c *cluster, err error) {
	t.Helper()
	if c != nil {
		t.Cleanup(func() {
			if err := c.stop(); err != nil {
				t.Error(err)
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func onCluster(t *testing.T, url string) backend {
	t.Helper()
	return backend{dialect: sqlstore.Postgres, db: testpg.Open(t, url), urls: []string{url, url}}
}
