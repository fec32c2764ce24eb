package fidelity_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// startStripeMock runs the official stripe-mock of API 2023-10-16, strict about the version, until the test ends.
func startStripeMock(t *testing.T) *recorder {
	t.Helper()
	address := freeAddress(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	command := exec.CommandContext(ctx, stripeMock(t),
		"-strict-version-check", "-http-addr", address, "-https-addr", freeAddress(t))
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed, so it ends with an error
	})
	waitForListener(ctx, t, address)
	r := newRecorder(t, "http://"+address)
	r.key = "sk_test_123"
	return r
}

func waitForListener(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	var dialer net.Dialer
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := dialer.DialContext(ctx, "tcp", address); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("stripe-mock did not start")
		}
	}
}

// stripeMock finds the binary: where make test has put it, or on the PATH.
func stripeMock(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("PAYMOUNT_TEST_STRIPE_MOCK"); path != "" {
		return path
	}
	path, err := exec.LookPath("stripe-mock")
	if err != nil {
		lacks(t, "stripe-mock is missing: run `make test`, or go install github.com/stripe/stripe-mock@v0.183.0")
	}
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
