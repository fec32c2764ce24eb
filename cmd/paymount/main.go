package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run runs the command that args name until it ends or ctx is done, and returns the exit code: 0 after a clean stop, 1 after a
// failure, 2 for a configuration that can't be used. It logs JSON to stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	p := &program{getenv: getenv, logger: slog.New(slog.NewJSONHandler(stderr, nil)), stdout: stdout}
	err := p.root().Run(ctx, append([]string{"paymount"}, args...))
	var wrong mistakes
	switch {
	case errors.As(err, &wrong):
		for _, mistake := range wrong {
			p.logger.ErrorContext(ctx, "the configuration can't be used", "problem", mistake)
		}
		return 2
	case err != nil:
		p.logger.ErrorContext(ctx, "the server failed", "error", err)
		return 1
	}
	return 0
}
