package browser_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lifetime bounds the build and the run of the server, and of the browser.
const lifetime = 15 * time.Minute

// startServer starts the demo and returns its URL. It ends with the test, cleanly.
func startServer(t *testing.T, executable string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), lifetime)
	t.Cleanup(cancel)
	address := &firstLine{found: make(chan string, 1)}
	var log bytes.Buffer
	server := exec.CommandContext(ctx, executable, "demo")
	server.Dir, server.Stdout, server.Stderr = t.TempDir(), address, &log
	server.Env = []string{"PAYMOUNT_ADDR=127.0.0.1:0"}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("stop the server: %v", err)
		}
		switch err := <-ended; {
		case err != nil || strings.Contains(log.String(), "DATA RACE"):
			t.Errorf("the server ended with %v: %s", err, &log)
		case t.Failed():
			t.Logf("the server's log: %s", &log)
		}
	})
	select {
	case line := <-address.found:
		url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
		if url == "" {
			t.Fatalf("the server prints no address: %q", line)
		}
		return url
	case err := <-ended:
		ended <- err
		t.Fatalf("the server does not start: %v: %s", err, &log)
	}
	return ""
}

// buildServer returns the server's executable. It is built with the race detector when the tests are.
func buildServer(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	defer cancel()
	file := filepath.Join(t.TempDir(), "server")
	args := []string{"build", "-C", "../../../cmd/paymount", "-o", file}
	info, _ := debug.ReadBuildInfo()
	if slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	build := exec.CommandContext(ctx, "go", append(args, ".")...)
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the server: %v: %s", err, out)
	}
	return file
}

// firstLine is a writer that tells the first line.
type firstLine struct {
	found chan string // of capacity 1
	text  bytes.Buffer
	told  bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	f.text.Write(p)
	if line, _, ok := strings.Cut(f.text.String(), "\n"); ok && !f.told {
		f.told = true
		f.found <- line
	}
	return len(p), nil
}
