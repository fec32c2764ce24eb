package stripecli_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// lifetime bounds what runs outside of this process.
const lifetime = 2 * time.Minute

// cli is an installed Stripe CLI with a configuration of its own.
type cli struct {
	binary, home, api string
}

// install puts the Stripe CLI into a folder of its own, for a fake Stripe at a URL.
func install(t *testing.T, api string) *cli {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		lacks(t, "npm is missing")
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/cli")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		lacks(t, "npm ci: "+err.Error()+": "+string(out))
	}
	found, err := filepath.Glob(filepath.Join(folder, "node_modules", "@stripe", "cli-*", "bin", "stripe*"))
	if err != nil || len(found) != 1 {
		lacks(t, "there is no Stripe CLI for this system")
	}
	return &cli{binary: found[0], home: t.TempDir(), api: api}
}

// lacks skips a test for want of something, or fails it in CI.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: %s", what)
	}
	t.Skipf("NOT TESTED: %s", what)
}

// command is a call of the CLI as a user of the fake's test key would make it.
func (c *cli) command(ctx context.Context, arguments ...string) *exec.Cmd {
	arguments = append(arguments, "--api-key", stripetest.TestKey, "--api-base", c.api)
	command := exec.CommandContext(ctx, c.binary, arguments...)
	command.Env = append(os.Environ(), "STRIPE_CLI_TELEMETRY_OPTOUT=1", "XDG_CONFIG_HOME="+c.home, "HOME="+c.home)
	command.Dir = c.home
	return command
}

// listen starts "stripe listen" and returns the lines that it prints. It ends with the test.
func (c *cli) listen(t *testing.T, forwardTo string) <-chan string {
	t.Helper()
	ctx, kill := context.WithTimeout(context.WithoutCancel(t.Context()), lifetime)
	command := c.command(ctx, "listen", "--forward-to", forwardTo, "--all-snapshot", "--skip-update", "--color", "off")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			lines <- scanner.Text()
		}
		_ = command.Wait() // it is killed
	}()
	t.Cleanup(func() {
		kill()
		for range lines { // until it has ended
		}
	})
	return lines
}

// waitFor reads lines until one has all the parts, and returns it.
func waitFor(t *testing.T, lines <-chan string, parts ...string) string {
	t.Helper()
	var seen []string
	for line := range lines {
		seen = append(seen, line)
		missing := false
		for _, part := range parts {
			missing = missing || !strings.Contains(line, part)
		}
		if !missing {
			return line
		}
	}
	t.Fatalf("the CLI ended without a line with %q: %s", parts, strings.Join(seen, "\n"))
	return ""
}
