//go:build linux

package crash

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/paymount/paymount/subscription/sqlstore"
)

func TestNothingIsLostWhenTheServerOfASQLiteFileDies(t *testing.T) {
	t.Parallel()
	play(t, 4, func(r round) {
		w := newWorld(r, onFile(r.t, r.t.TempDir()))
		w.load(4, 12, func(ctx context.Context) { w.killSome(ctx, 3, nil) })
		w.finish()
		w.checkIntegrity()
	})
}

// TestNothingIsLostWhenTheDiskIsFull fills the disk of a SQLite file under load, and kills the server meanwhile, now and
// then: what can't be stored is answered with 503, and nothing is half stored.
func TestNothingIsLostWhenTheDiskIsFull(t *testing.T) {
	t.Parallel()
	play(t, 4, func(r round) {
		disk := smallDisk(r.t)
		w := newWorld(r, onFile(r.t, disk.folder))
		w.load(4, 10, func(ctx context.Context) {
			for range 1 + w.random.IntN(2) {
				w.atSomeInstant(ctx, nil, func() { w.fill(disk) })
				w.needRefusal(ctx)
				if w.random.IntN(3) == 0 {
					w.replicas[0].kill()
				}
				pause(ctx, w.millis(1500))
				if err := disk.free(); err != nil {
					r.t.Error(err)
				}
				if !w.replicas[0].alive() {
					w.replicas[0].start()
				}
				// The next disk that is full is for a server that runs: one that starts there may end.
				if !w.replicas[0].ready(ctx, w.client) {
					r.t.Errorf("seed %d: the server does not get ready once there is room", r.seed)
					return
				}
				pause(ctx, w.millis(500))
			}
		})
		w.finish()
		w.checkIntegrity()
	})
}

// TestAServerStartsAsSoonAsThereIsRoomOnTheDisk starts one on a SQLite file while the disk is full: it ends with an error
// that says so, for a supervisor to start it again.
func TestAServerStartsAsSoonAsThereIsRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	play(t, 1, func(r round) {
		disk := smallDisk(r.t)
		w := newWorld(r, onFile(r.t, disk.folder))
		server := w.replicas[0]
		server.stop()
		w.fill(disk)
		server.start()
		if code, ok := server.exitCode(r.t.Context(), readyLimit); !ok || code != 1 {
			w.divergef("started on a full disk, the server has ended: %t, with the exit code %d; want 1", ok, code)
		}
		if err := disk.free(); err != nil {
			r.t.Error(err)
		}
		w.revive()
		w.finish()
		w.checkIntegrity()
	})
}

// newcomers is how many people come while the disk is full, at most.
const newcomers = 200

func (w *world) fill(d disk) {
	w.t.Helper()
	if err := d.fill(); err != nil {
		w.t.Errorf("fill the disk: %v", err)
	}
}

// needRefusal lets newcomers check out while the disk is full, until one is told to come back: SQLite may have some space
// left in its own files. Who reads is served.
func (w *world) needRefusal(ctx context.Context) {
	w.t.Helper()
	for range newcomers {
		r := request{
			user: fmt.Sprintf("newcomer-%d", w.figures.requests.Load()), method: http.MethodPost,
			path: base + "/checkout-session", body: w.order(nil),
		}
		a, err := w.once(ctx, w.replicas[0], r)
		if err == nil && a.status == http.StatusOK {
			w.ledger.keep(r, a)
			w.users = append(w.users, r.user)
			continue
		}
		if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			w.divergef("while the disk is full, a newcomer is answered %s, %v", a, err)
		}
		break
	}
	a, err := w.once(ctx, w.replicas[0], request{user: "ada", method: http.MethodGet, path: "/pro"})
	if err != nil || a.status != http.StatusOK && a.status != http.StatusPaymentRequired {
		w.divergef("while the disk is full, /pro is answered %s, %v", a, err)
	}
}

// onFile is one server on a SQLite file in a folder.
func onFile(t *testing.T, folder string) backend {
	t.Helper()
	file := filepath.Join(folder, "shop.db")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return backend{dialect: sqlstore.SQLite, db: db, urls: []string{"sqlite:" + file}}
}

// checkIntegrity looks whether the file is whole. Nobody has it open any more.
func (w *world) checkIntegrity() {
	w.t.Helper()
	var verdict string
	err := w.backend.db.QueryRowContext(w.t.Context(), "PRAGMA integrity_check").Scan(&verdict)
	if err != nil || verdict != "ok" {
		w.divergef("the integrity of the file: %s, %v", verdict, err)
	}
}

// smallDisk needs to be root, and skips the test for others, or fails it in CI.
func smallDisk(t *testing.T) disk {
	t.Helper()
	folder := t.TempDir()
	d, err := mountDisk(folder, "8m")
	if err != nil {
		const missing = "NOT TESTED: only root can mount a small disk"
		if os.Getenv("CI") == "true" && os.Getuid() == 0 {
			t.Fatalf("%s: %v", missing, err)
		}
		t.Skipf("%s: %v", missing, err)
	}
	t.Cleanup(func() {
		if err := d.unmount(); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return d
}
