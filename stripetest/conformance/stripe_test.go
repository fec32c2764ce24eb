package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest/conformance"
)

// TestStripeIsAsWeBelieve asks the real Stripe. It is run by "make stripe" alone, so that no test run asks it by accident.
func TestStripeIsAsWeBelieve(t *testing.T) { //nolint:paralleltest // it prints its progress
	if os.Getenv("PAYMOUNT_ASK_STRIPE") != "1" {
		t.Skip("make stripe asks the real Stripe")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	ask(ctx, t, conformance.Config{
		Key: os.Getenv("STRIPE_TEST_KEY"), Only: strings.Fields(os.Getenv("PAYMOUNT_BELIEFS")),
	}, os.Getenv("PAYMOUNT_REPORT"))
}

// ask runs the suite and keeps its report beside path, as JSON to go on with and as text to send. A run that came to its end
// is not gone on with.
func ask(ctx context.Context, t *testing.T, cfg conformance.Config, path string) {
	t.Helper()
	state := path + ".json"
	raw, err := os.ReadFile(state)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		t.Fatal(err)
	default:
		if err := json.Unmarshal(raw, &cfg.Earlier); err != nil {
			t.Fatalf("%s: %v", state, err)
		}
		t.Logf("going on with run %s", cfg.Earlier.RunID)
	}
	cfg.Progress = func(report conformance.Report) {
		keep(t, state, report)
		if n := len(report.Results); n > 0 {
			t.Logf("%d %s: %s", n, report.Results[n-1].ID, report.Results[n-1].Outcome)
		}
	}
	report, err := conformance.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".md", []byte(report.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\nThe report is in %s.md", report, path)
	if report.Count(conformance.Refuted) > 0 {
		t.Error("Stripe is not as we believe: please send the report as an issue")
	}
}

func keep(t *testing.T, path string, report conformance.Report) {
	t.Helper()
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestACommandKeepsItsReport(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report")
	cfg, _ := against(t, nil)
	cfg.Only = []string{"refunds"}
	keep(t, path+".json", conformance.Report{RunID: "earlier", Results: []conformance.Result{
		{ID: "refunds/twice", Outcome: conformance.Held, Requests: []string{"req_earlier"}},
	}})
	ask(t.Context(), t, cfg, path)
	text, err := os.ReadFile(path + ".md")
	if err != nil || !strings.HasPrefix(string(text), "Run earlier ") || !strings.Contains(string(text), " 5 held") {
		t.Errorf("%v: %s", err, text)
	}
	if _, err := os.Stat(path + ".json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state of a run that came to its end is still there: %v", err)
	}
}
