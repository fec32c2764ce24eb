package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/paymount/paymount/project"
)

const (
	// lookEvery is how often the credentials file is looked at, so that a mistake in it is logged soon after it was made.
	lookEvery = 2 * time.Second
	// remindEvery is how often the log says again what is still wrong.
	remindEvery = 10 * time.Minute
)

// keyWatch logs live keys that a credentials file has got since the start, and that do less than the host expects.
type keyWatch struct {
	file    *project.File
	problem string
	logger  *slog.Logger
}

// newKeyWatch returns nil where later keys can't surprise anybody.
func newKeyWatch(s settings, logger *slog.Logger) *keyWatch {
	file, ok := s.credentials.(*project.File)
	switch {
	case !ok:
		return nil
	case !s.serves(project.ModeLive):
		return &keyWatch{file, "STRIPE_API_BASE is plain http: live mode is not served", logger}
	case s.mode == project.ModeTest && !s.modeChosen:
		return &keyWatch{file, "the gate still counts test mode, as at the start: set PAYMOUNT_MODE and restart", logger}
	}
	return &keyWatch{file, "", logger}
}

// run looks at the file until ctx is done. To look is also what makes the file read a change.
func (k *keyWatch) run(ctx context.Context) {
	var said time.Time
	for wait(ctx, lookEvery) {
		if !k.file.Current().HasMode(project.ModeLive) {
			said = time.Time{}
			continue
		}
		if k.problem != "" && time.Since(said) > remindEvery {
			said = time.Now()
			k.logger.ErrorContext(ctx, "the credentials file has live keys now", "problem", k.problem)
		}
	}
}
