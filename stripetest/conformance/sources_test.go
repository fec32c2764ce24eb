package conformance_test

import (
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest/conformance"
)

// moduleCache finds a module's files where Go keeps them.
func moduleCache(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skipf("go env: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(module))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not in the module cache", module)
	}
	return dir
}

// plain is a text without markup and line breaks.
func plain(s string) string {
	s = html.UnescapeString(regexp.MustCompile(`<[^>]+>`).ReplaceAllString(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// texts collects the strings of a JSON document, wherever they stand.
func texts(value any, out *strings.Builder) {
	switch v := value.(type) {
	case string:
		out.WriteString(v + "\n")
	case []any:
		for _, each := range v {
			texts(each, out)
		}
	case map[string]any:
		for _, each := range v {
			texts(each, out)
		}
	}
}

func TestWhatTheOpenAPIDescriptionIsQuotedForStandsThere(t *testing.T) {
	t.Parallel()
	dir := moduleCache(t, "github.com/stripe/stripe-mock@v0.183.0")
	raw, err := os.ReadFile(filepath.Join(dir, "embedded", "openapi", "spec3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	texts(document, &all)
	text := plain(all.String())
	for _, belief := range conformance.Beliefs() {
		for _, source := range belief.Sources {
			if source.Where == "OpenAPI" && !strings.Contains(text, source.Says) {
				t.Errorf("%s: not in Stripe's description: %s", belief.ID, source.Says)
			}
		}
	}
}

func TestWhatStripesLibraryIsQuotedForStandsThere(t *testing.T) {
	t.Parallel()
	dir := moduleCache(t, "github.com/stripe/stripe-go/v76@v76.25.0")
	for _, belief := range conformance.Beliefs() {
		for _, source := range belief.Sources {
			file, ours := strings.CutPrefix(source.Where, "stripe-go ")
			if !ours || strings.HasPrefix(file, "v86") {
				continue
			}
			raw, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(raw), source.Says) {
				t.Errorf("%s: not in %s: %s", belief.ID, file, source.Says)
			}
		}
	}
}

func TestEveryBeliefIsNamedOnceAndSaysWhatBreaks(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, belief := range conformance.Beliefs() {
		switch {
		case seen[belief.ID]:
			t.Errorf("there are two beliefs %s", belief.ID)
		case strings.Count(belief.ID, "/") != 1 || belief.Statement == "" || belief.Breaks == "":
			t.Errorf("belief %s says too little", belief.ID)
		case !belief.Verified() != (len(belief.Sources) == 0):
			t.Errorf("belief %s: verified %v with %d sources", belief.ID, belief.Verified(), len(belief.Sources))
		}
		seen[belief.ID] = true
		for _, source := range belief.Sources {
			if source.Where == "" || source.Says == "" {
				t.Errorf("belief %s has an empty source", belief.ID)
			}
		}
	}
	if unverified := conformance.Unverified(); len(unverified) == 0 || unverified[0].Rank < unverified[len(unverified)-1].Rank {
		t.Error("the unverified beliefs do not stand with the worst first")
	}
}
