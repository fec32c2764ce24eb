package main

import (
	"context"
	"errors"
	"flag"
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

// run serves until ctx is done and returns the exit code: 0 after a clean stop, 1 after a failure, 2 for a configuration
// that can't be used. It logs JSON to stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	logger := slog.New(slog.NewJSONHandler(stderr, nil))
	s, err := parseSettings(args, getenv, logger)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, usage()); err != nil {
			return 1
		}
		return 0
	}
	if err != nil {
		for _, problem := range problems(err) {
			logger.ErrorContext(ctx, "the configuration can't be used", "problem", problem.Error())
		}
		return 2
	}
	for _, warning := range s.warnings {
		logger.WarnContext(ctx, "is the configuration meant so?", "problem", warning)
	}
	if err := serve(ctx, s, logger, stdout); err != nil {
		logger.ErrorContext(ctx, "the server failed", "error", err)
		return 1
	}
	return 0
}

// problems takes a joined error apart.
func problems(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
