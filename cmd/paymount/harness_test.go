package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// patience is how long a test waits for what is bound to happen.
const patience = 20 * time.Second

// output collects what a server writes.
type output struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.String()
}

// attribute returns an attribute of the first log line with the message.
func (o *output) attribute(message, name string) (string, bool) {
	for line := range strings.Lines(o.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == message {
			value, _ := entry[name].(string)
			return value, true
		}
	}
	return "", false
}

// instance is a server under test, in this process.
type instance struct {
	url    string
	stdout *output
	logs   *output
	cancel context.CancelFunc
	exited chan struct{}
	code   int // once exited is closed
}

// start runs serve, startTheDemo runs demo.
func start(t *testing.T, environment map[string]string) *instance {
	t.Helper()
	return startCommand(t, "serve", environment)
}

func startTheDemo(t *testing.T, environment map[string]string) *instance {
	t.Helper()
	return startCommand(t, "demo", environment)
}

// startCommand runs a server on a free port, until the test ends or stop is called. In the end it looks for the secrets of the
// environment in all that was written.
func startCommand(t *testing.T, command string, environment map[string]string) *instance {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &instance{stdout: &output{}, logs: &output{}, cancel: cancel, exited: make(chan struct{})}
	getenv := func(name string) string {
		if name == "PAYMOUNT_ADDR" {
			return "127.0.0.1:0"
		}
		return environment[name]
	}
	go func() {
		defer close(s.exited)
		s.code = run(ctx, []string{command}, getenv, s.stdout, s.logs)
	}()
	t.Cleanup(func() {
		s.stop(t)
		wantNoSecrets(t, environment, s.stdout.String()+s.logs.String())
	})
	eventually(t, "the server listens: "+s.logs.String(), func() bool {
		addr, ok := s.logs.attribute("listening", "addr")
		s.url = "http://" + addr
		return ok
	})
	return s
}

// stop asks the server to stop and returns its exit code.
func (s *instance) stop(t *testing.T) int {
	t.Helper()
	s.cancel()
	select {
	case <-s.exited:
		return s.code
	case <-time.After(patience):
		t.Fatal("the server does not stop")
		return -1
	}
}

func wantNoSecrets(t *testing.T, environment map[string]string, written string) {
	t.Helper()
	for _, name := range []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "PAYMOUNT_HS256_SECRET"} {
		if value := environment[name]; value != "" && strings.Contains(written, value) {
			t.Errorf("%s is in what the server writes: %s", name, written)
		}
	}
	written = strings.ReplaceAll(written, "want the prefix sk_test_ or rk_test_", "") // advice
	for _, prefix := range []string{"sk_test_", "sk_live_", "whsec_", "Bearer ", "eyJ"} {
		if strings.Contains(written, prefix) {
			t.Errorf("something with %q is in what the server writes: %s", prefix, written)
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it never came to it that %s", what)
		}
	}
}

// answer is what an endpoint said.
type answer struct {
	status int
	header http.Header
	body   string
}

// field returns a field of a JSON object.
func (a answer) field(name string) string {
	var object map[string]any
	if json.Unmarshal([]byte(a.body), &object) != nil {
		return ""
	}
	value, _ := object[name].(string)
	return value
}

// call sends a request, with a JSON body unless it is empty, and with a token unless that is.
func (s *instance) call(t *testing.T, method, path, token, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(data)}
}

// want is call, with the status that is expected.
func (s *instance) want(t *testing.T, status int, method, path, token, body string) answer {
	t.Helper()
	got := s.call(t, method, path, token, body)
	if got.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, got.status, status, got.body)
	}
	return got
}

// token signs the claims, with a subject and an expiry, as the identity provider of the tests.
func token(t *testing.T, claims jwt.MapClaims) string {
	t.Helper()
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	if claims["sub"] == nil {
		claims["sub"] = "user-1"
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(hsSecret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
