package testpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// binaries names the folder of initdb and postgres.
const binaries = "PAYMOUNT_TEST_PGBIN"

// toolLimit bounds one run of a Postgres tool.
const toolLimit = time.Minute

// Installation is where Postgres' programs are, and as whom they run: Postgres refuses to run as root.
type Installation struct {
	Bin  string
	user account
}

// Find returns the Postgres that PAYMOUNT_TEST_PGBIN names, else Debian's of the latest version. It reports false where there
// is none, or none that this user may run.
func Find() (Installation, bool) {
	i := Installation{Bin: os.Getenv(binaries)}
	if i.Bin == "" {
		i.Bin = latest("/usr/lib/postgresql/*/bin/initdb")
	}
	if i.Bin == "" {
		return i, false
	}
	var err error
	i.user, err = postgres()
	return i, err == nil
}

// latest returns the folder of the program of the highest version, which is the name of its folder's parent.
func latest(pattern string) string {
	found, _ := filepath.Glob(pattern) // only a bad pattern is an error
	highest, bin := 0, ""
	for _, program := range found {
		folder := filepath.Dir(program)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(folder))); err == nil && version > highest {
			highest, bin = version, folder
		}
	}
	return bin
}

// Attributes are those of a server's process. It gets signal when the tests die, so that it does not outlive them.
func (i Installation) Attributes(signal syscall.Signal) *syscall.SysProcAttr {
	return i.user.attributes(signal)
}

// Own gives a folder to the user as whom the programs run.
func (i Installation) Own(folder string) error { return i.user.own(folder) }

// Run runs one of the programs in a folder, to its end.
func (i Installation) Run(ctx context.Context, folder, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, toolLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(i.Bin, program), args...) //nolint:gosec // who runs the tests says where it is
	cmd.Dir, cmd.SysProcAttr = folder, i.Attributes(syscall.SIGKILL)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// Prepare makes the files of an empty cluster in the folder data of a folder. It has a user postgres without a password.
func (i Installation) Prepare(ctx context.Context, folder string, args ...string) error {
	if err := i.Own(folder); err != nil {
		return err
	}
	return i.Run(ctx, folder, "initdb", append([]string{
		"-D", filepath.Join(folder, "data"), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C",
	}, args...)...)
}
