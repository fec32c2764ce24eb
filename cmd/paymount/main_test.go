package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestTheProgramStartsAndStopsCleanly(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "paymount")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	s := &instance{stdout: &output{}, logs: &output{}}
	command := exec.CommandContext(t.Context(), program, "demo", "-addr", "127.0.0.1:0")
	command.Stdout, command.Stderr, command.Dir = s.stdout, s.logs, t.TempDir()
	command.Env = []string{"TMPDIR=" + command.Dir}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()

	eventually(t, "the program listens", func() bool {
		addr, ok := s.logs.attribute("listening", "addr")
		s.url = "http://" + addr
		return ok
	})
	s.want(t, http.StatusOK, http.MethodGet, "/healthz", "", "")
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-exited:
		if err != nil {
			t.Errorf("the program ends with %v: %s", err, s.logs)
		}
	case <-time.After(patience):
		t.Fatal("the program does not stop")
	}
	left, err := os.ReadDir(command.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("the program leaves files behind: %v, %v", left, err)
	}
	wantNoSecrets(t, nil, s.stdout.String()+s.logs.String())
}
