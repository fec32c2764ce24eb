package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/paymount/paymount/bench/internal/fixture"
)

// tokenSecret signs the users' tokens.
const tokenSecret = "a secret of the load test, of 40 bytes.."

// server is the running reference server.
type server struct {
	url    string
	cmd    *exec.Cmd
	stripe *httptest.Server
	folder string
	log    bytes.Buffer // of what it writes; read it once the server has ended
}

// startServer builds the server of a module, starts it on a free port, and waits until it serves.
func startServer(ctx context.Context, module, database string, latency time.Duration) (*server, error) {
	s := &server{stripe: httptest.NewServer(&fixture.Stripe{Latency: latency})}
	err := s.start(ctx, module, database)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) start(ctx context.Context, module, database string) (err error) {
	if s.folder, err = os.MkdirTemp("", "paymount-load-"); err != nil {
		return err
	}
	binary := filepath.Join(s.folder, "server")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".") // #nosec G204 -- a path of our own
	build.Dir, build.Env = module, append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the server: %w: %s", err, out)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return err
	}
	s.url = "http://" + address
	s.cmd = exec.CommandContext(ctx, binary, "serve") // #nosec G204 -- it was built above
	s.cmd.Env = []string{
		"PAYMOUNT_ADDR=" + address, "PAYMOUNT_DATABASE_URL=" + database, "STRIPE_API_BASE=" + s.stripe.URL,
		"STRIPE_SECRET_KEY=" + fixture.SecretKey, "STRIPE_WEBHOOK_SECRET=" + fixture.WebhookSecret,
		"PAYMOUNT_RECONCILE_INTERVAL=0", "PAYMOUNT_HS256_SECRET=" + tokenSecret, "PAYMOUNT_REDIRECT_ORIGINS=" + fixture.Origin,
	}
	s.cmd.Stderr = &s.log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	s.cmd.WaitDelay = 20 * time.Second
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.await(ctx)
}

// await waits until the server is healthy.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if s.healthy(ctx) {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.New("the server does not get healthy")
		}
	}
}

func (s *server) healthy(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/healthz", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(r)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop ends the server and everything else that startServer has begun. A server that crashed is an error.
func (s *server) stop() error {
	var errs []error
	if s.cmd != nil && s.cmd.Process != nil {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			errs = append(errs, fmt.Errorf("the server has ended by itself: %w", err))
		}
		if err := s.cmd.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("the server: %w: %.2000s", err, s.log.String()))
		}
	}
	s.stripe.Close()
	return errors.Join(append(errs, os.RemoveAll(s.folder))...)
}

// usage is what a process has used until now.
type usage struct {
	cpu time.Duration
	// memory and peak are bytes of resident memory.
	memory, peak int64
}

// ticksPerSecond is in what /proc counts processor time on Linux.
const ticksPerSecond = 100

// usageOf reads /proc, as proc(5) describes it.
func usageOf(pid int) (usage, error) {
	folder := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(filepath.Join(folder, "stat")) // #nosec G304 -- a process of ours
	if err != nil {
		return usage{}, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before can hold spaces
	fields := strings.Fields(rest)
	const user, system = 11, 12
	if len(fields) <= system {
		return usage{}, errors.New("/proc has another form")
	}
	var ticks int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return usage{}, err
		}
		ticks += n
	}
	status, err := os.ReadFile(filepath.Join(folder, "status")) // #nosec G304 -- as above
	return usage{
		cpu:    time.Duration(ticks) * time.Second / ticksPerSecond,
		memory: kilobytes(string(status), "VmRSS:"), peak: kilobytes(string(status), "VmHWM:"),
	}, err
}

func kilobytes(status, name string) int64 {
	_, rest, _ := strings.Cut(status, name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[0], 10, 64) // 0 where there is no number
	return n << 10
}
