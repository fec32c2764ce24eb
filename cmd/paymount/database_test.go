package main

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

func TestTheDemosDatabaseIsRemovedInTheEnd(t *testing.T) {
	t.Parallel()
	d, err := openDatabase(t.Context(), location{kind: kindTemporary}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(d.folder, defaultSQLite)); err != nil {
		t.Errorf("the database is not in its folder: %v", err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestTheServerCleansItsDatabase(t *testing.T) {
	t.Parallel()
	d, err := openDatabase(t.Context(), location{kind: kindTemporary}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour)
	_, _, err = d.tables.ReserveKey(t.Context(), project.Scope{ProjectID: "shop", Mode: project.ModeTest}, "old",
		subscription.Reservation{Holder: "nobody", At: past, LockedUntil: past, ExpiresAt: past})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.run(ctx) }()
	eventually(t, "the expired key is gone", func() bool {
		var keys int
		row := d.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM paymount_idempotency_keys")
		return row.Scan(&keys) == nil && keys == 0
	})
	cancel()
	<-ended
	if err := d.close(); err != nil {
		t.Error(err)
	}
}

func TestASQLiteFileThatCantBeOpenedEndsTheServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "state.db")
	var stdout, stderr output
	args := []string{"demo", "-addr", "127.0.0.1:0", "-database-url", "sqlite:" + path}
	if code := run(t.Context(), args, func(string) string { return "" }, &stdout, &stderr); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if problem, _ := stderr.attribute("the server failed", "error"); !strings.HasPrefix(problem, "the sqlite database: ") {
		t.Errorf("the log is %s", &stderr)
	}
}

func TestASQLiteFileIsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	for name, left := range map[string][]string{"new": nil, "left open": {"", "-wal", "-shm"}} {
		path := filepath.Join(t.TempDir(), "state.db")
		for _, suffix := range left {
			if err := os.WriteFile(path+suffix, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		d, err := openDatabase(t.Context(), location{kindSQLite, path}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.close(); err != nil {
				t.Error(err)
			}
		})
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: the file%s is %v", name, suffix, info.Mode())
			}
		}
	}
}

// wantAway wants the server to say that it can't serve now.
func (s *instance) wantAway(t *testing.T, user string) {
	t.Helper()
	for _, path := range []string{"/healthz", "/pro", mountPath + "/my-subscription"} {
		got := s.want(t, http.StatusServiceUnavailable, http.MethodGet, path, user, "")
		if got.header.Get("Retry-After") == "" || got.field("code") != "unavailable" {
			t.Errorf("%s: Retry-After %q, body %s", path, got.header.Get("Retry-After"), got.body)
		}
	}
}

func TestWithoutItsPostgresTheServerStartsAndSaysThatItIsNotReady(t *testing.T) {
	t.Parallel()
	nobody := reserve(t)
	s := start(t, withStripe(t, stripetest.New(t), "postgres://paymount:Hunter2@"+nobody+"/paymount"))
	s.wantAway(t, token(t, jwt.MapClaims{"project_id": "shop"}))
	if path, asked := s.logs.attribute("request failed", "path"); asked {
		t.Errorf("%s has used a database that is not ready", path)
	}
	eventually(t, "the log says why", func() bool {
		problem, _ := s.logs.attribute("the database can't be used yet, trying again", "error")
		return problem != ""
	})
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if strings.Contains(s.logs.String(), "Hunter2") {
		t.Errorf("the log shows the password: %s", s.logs)
	}
}

func TestTheServerRecoversWhenItsPostgresComes(t *testing.T) {
	t.Parallel()
	address := postgres(t)
	gate := &proxy{target: address.Host, listen: reserve(t)}
	address.Host = gate.listen

	s := start(t, withStripe(t, stripetest.New(t), address.String()))
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	s.wantAway(t, user)
	for range 2 { // the second time as a database that goes away and comes back
		gate.open(t)
		eventually(t, "the server is healthy", func() bool {
			return s.call(t, http.MethodGet, "/healthz", "", "").status == http.StatusOK
		})
		s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-subscription", user, "")
		gate.close()
		s.wantAway(t, user)
	}
}

// postgres returns the address of an empty database on the server of PAYMOUNT_TEST_POSTGRES_URL.
func postgres(t *testing.T) *url.URL {
	t.Helper()
	name := "PAYMOUNT_TEST_POSTGRES_URL"
	address, err := url.Parse(os.Getenv(name))
	if err != nil || address.Host == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set to a postgres:// URL", name)
		}
		t.Skipf("NOT TESTED: %s is not set to a postgres:// URL", name)
	}
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		t.Fatal(err)
	}
	fresh := "paymount_examples_" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "_"))
	for _, statement := range []string{"DROP DATABASE IF EXISTS ", "CREATE DATABASE "} {
		if _, err := db.ExecContext(t.Context(), statement+fresh); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { db.Close() })
	address.Path = "/" + fresh
	return address
}

// reserve returns a loopback address at which nobody listens.
func reserve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// proxy connects its listener with a target while it is open.
type proxy struct {
	listen, target string
	listener       net.Listener
	mu             sync.Mutex
	connections    []net.Conn
}

func (p *proxy) open(t *testing.T) {
	t.Helper()
	var err error
	if p.listener, err = net.Listen("tcp", p.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	go func(listener net.Listener) {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.target)
			if err != nil {
				client.Close()
				continue
			}
			p.mu.Lock()
			p.connections = append(p.connections, client, server)
			p.mu.Unlock()
			go copyAll(client, server)
			go copyAll(server, client)
		}
	}(p.listener)
}

// copyAll copies until one of the two is closed, which is all that can go wrong.
func copyAll(to io.Writer, from io.Reader) { _, _ = io.Copy(to, from) }

// close drops every connection.
func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, connection := range p.connections {
		connection.Close()
	}
	p.connections = nil
}
