package limitlog_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/limitlog"
)

func TestAFloodOfLinesIsBoundedAndItsSizeIsTold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(1_000_000, 0)
	log := limitlog.New(slog.New(slog.NewTextHandler(&out, nil)), func() time.Time { return now })
	for range 1000 {
		log.Log(t.Context(), slog.LevelWarn, "a", "refused")
	}
	if n := strings.Count(out.String(), "refused"); n != 10 {
		t.Errorf("%d lines", n)
	}
	log.Log(t.Context(), slog.LevelWarn, "b", "other")
	if !strings.Contains(out.String(), "other") {
		t.Error("a flood of one key silenced another one")
	}
	now = now.Add(11 * time.Second)
	log.Log(t.Context(), slog.LevelWarn, "a", "refused")
	if !strings.Contains(out.String(), "omitted=990") {
		t.Errorf("the last line does not say how many were omitted:\n%s", out.String())
	}
}
