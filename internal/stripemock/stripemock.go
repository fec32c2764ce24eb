// Package stripemock starts Stripe's own stripe-mock for tests. It answers by Stripe's OpenAPI document, and strict as it runs
// here it accepts no unknown parameter, no missing one, no bad value and no other API version.
package stripemock

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// limit bounds the life of a server.
const limit = 5 * time.Minute

// Key is an API key that the server takes.
const Key = "sk_test_123"

// Start runs stripe-mock until the test ends, and returns its URL. Where there is none it skips the test, or fails it with
// CI=true.
func Start(tb testing.TB) (url string) {
	tb.Helper()
	program := binary(tb)
	address := freeAddress(tb)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), limit)
	command := exec.CommandContext( // #nosec G204 -- who runs the tests says where it is
		ctx, program, "-strict-version-check", "-http-addr", address, "-https-addr", freeAddress(tb))
	if err := command.Start(); err != nil {
		cancel()
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed, so it ends with an error
	})
	await(ctx, tb, address)
	return "http://" + address
}

func await(ctx context.Context, tb testing.TB, address string) {
	tb.Helper()
	var dialer net.Dialer
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := dialer.DialContext(ctx, "tcp", address); err == nil {
			_ = conn.Close() // nothing was sent
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.Fatal("stripe-mock did not start")
		}
	}
}

// binary finds stripe-mock: where make test has put it, on the PATH, or where go install puts it.
func binary(tb testing.TB) string {
	tb.Helper()
	if path := os.Getenv("PAYMOUNT_TEST_STRIPE_MOCK"); path != "" { //nolint:forbidigo // who runs the tests says where it is
		return path
	}
	if path, err := exec.LookPath("stripe-mock"); err == nil {
		return path
	}
	if home, err := os.UserHomeDir(); err == nil {
		if path, err := exec.LookPath(filepath.Join(home, "go", "bin", "stripe-mock")); err == nil {
			return path
		}
	}
	const missing = "stripe-mock is not there: run `make test`, or go install github.com/stripe/stripe-mock@v0.183.0"
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci { //nolint:forbidigo // as above
		tb.Fatal(missing)
	}
	tb.Skip("SKIPPED, NOT TESTED: " + missing)
	return ""
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // the server is to have the port
	return listener.Addr().String()
}
