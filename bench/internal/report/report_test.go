package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/paymount/paymount/bench/internal/report"
)

const (
	table = "<!-- table: written by make bench -->\nold\n<!-- end of table -->\n"
	load  = "<!-- load: written by make bench -->\nold\n<!-- end of load -->\n"
)

func TestOnlyThePlaceOfTheNameIsRewritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(path, []byte("before\n"+table+"between\n"+load+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(path, "load", "new\n"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	const want = "before\n" + table + "between\n<!-- load: written by make bench -->\nnew\n<!-- end of load -->\nafter\n"
	if err != nil || string(data) != want {
		t.Errorf("%q, %v; want %q", data, err, want)
	}
}

func TestADocumentWithoutThePlaceStaysAsItIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(path, "load", "new\n"); err == nil {
		t.Error("a document without a place for it was rewritten")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != table {
		t.Errorf("%q, %v", data, err)
	}
}
