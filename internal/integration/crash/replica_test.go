//go:build linux

package crash

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// readyLimit is how long a server may take until it can serve, and stopLimit until it has stopped.
	readyLimit = 30 * time.Second
	stopLimit  = 20 * time.Second
)

// replica is one server, at one address through all its lives.
type replica struct {
	t        *testing.T
	name     string
	url      string
	settings []string
	log      string

	mu      sync.Mutex
	process *process
}

func newReplica(t *testing.T, name string, settings map[string]string) *replica {
	t.Helper()
	port, release, err := reservePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	r := &replica{t: t, name: name, url: "http://" + address, log: filepath.Join(t.TempDir(), name+".log")}
	for variable, value := range settings {
		r.settings = append(r.settings, variable+"="+value)
	}
	r.settings = append(r.settings, "PAYMOUNT_ADDR="+address)
	t.Cleanup(func() {
		r.kill()
		release()
		if t.Failed() {
			text, err := os.ReadFile(r.log)
			t.Logf("the last that %s has logged (%v): %s", name, err, tail(text))
		}
	})
	return r
}

// webhook is where Stripe sends its events.
func (r *replica) webhook() string { return r.url + base + "/webhooks/" + projectID + "/test" }

// start starts the server and does not wait until it can serve.
func (r *replica) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Errorf("open the log of %s: %v", r.name, err)
		return
	}
	defer log.Close()
	if err := dropTorn(log); err != nil {
		r.t.Errorf("the log of %s: %v", r.name, err)
	}
	cmd := exec.Command(os.Getenv(serverVariable), "serve") //nolint:noctx // kill ends it
	cmd.Env, cmd.Stderr = r.settings, log
	p, err := startProcess(cmd)
	if err != nil {
		r.t.Errorf("start %s: %v", r.name, err)
		return
	}
	r.process = p
}

// dropTorn drops what a server that was killed had written of a line.
func dropTorn(log *os.File) error {
	text, err := os.ReadFile(log.Name())
	if err != nil {
		return err
	}
	return log.Truncate(int64(bytes.LastIndexByte(text, '\n') + 1))
}

// kill ends the server as kill -9 does, and returns when it is gone.
func (r *replica) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		r.process.kill()
	}
}

// stop asks the server to stop, which it has to do cleanly.
func (r *replica) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil || !r.process.alive() {
		return
	}
	if code, err := r.process.end(syscall.SIGTERM, stopLimit); err != nil || code != 0 {
		r.t.Errorf("%s: the exit code after SIGTERM is %d, %v", r.name, code, err)
	}
}

func (r *replica) alive() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process != nil && r.process.alive()
}

// exitCode waits for the end of the server. It reports false when the time is over first.
func (r *replica) exitCode(ctx context.Context, limit time.Duration) (int, bool) {
	if !eventually(ctx, limit, tick, func(context.Context) bool { return !r.alive() }) {
		return 0, false
	}
	return r.process.cmd.ProcessState.ExitCode(), true
}

// ready waits until the server says that it can serve.
func (r *replica) ready(ctx context.Context, client *http.Client) bool {
	return eventually(ctx, readyLimit, 5*time.Millisecond, func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/healthz", http.NoBody)
		if err != nil {
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			return !r.alive()
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}) && r.alive()
}
