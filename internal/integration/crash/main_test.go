//go:build linux

package crash

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/integration/testpg"
)

// serverVariable names the program under test, preparedVariable the files of an empty Postgres cluster.
const (
	serverVariable   = "PAYMOUNT_CRASH_SERVER"
	preparedVariable = "PAYMOUNT_CRASH_PREPARED"
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

// testMain makes what all tests share, once: the server's program and an empty cluster to copy.
func testMain(m *testing.M) int {
	folder, err := os.MkdirTemp("", "paymount-crash-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // it is below the folder for what is temporary
	if os.Getenv(serverVariable) == "" {
		if err := build(filepath.Join(folder, "server")); err != nil {
			return failed(err)
		}
	}
	if i, ok := testpg.Find(); ok {
		prepared, err := os.MkdirTemp("", "paymount-crash-pg-")
		if err != nil {
			return failed(err)
		}
		defer os.RemoveAll(prepared) //nolint:errcheck // as above
		if err := i.Prepare(context.Background(), prepared, "--wal-segsize=1"); err != nil {
			return failed(err)
		}
		if err := os.Setenv(preparedVariable, prepared); err != nil {
			return failed(err)
		}
	}
	return testpg.Main(m)
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "crash:", err)
	return 1
}

// build builds the reference server, with the race detector where the tests have it.
func build(program string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	args := []string{"build", "-C", "../../../cmd/paymount", "-o", program}
	if raced {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, ".")...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the server: %w: %s", err, out)
	}
	return os.Setenv(serverVariable, program)
}
