package paymount_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount"
)

// documents are the files that show code to readers.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"README.md", "docs/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			all[file] = textOf(t, file)
		}
	}
	return all
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// spaced is the text with one space in the place of all others, so that code can stand deeper in one file than in another.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestTheCodeOnThePagesIsCompiled(t *testing.T) {
	t.Parallel()
	var compiled strings.Builder
	for _, pattern := range []string{"example_*test.go", "*/example_test.go", "*/*/example_test.go", "examples/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			compiled.WriteString(spaced(textOf(t, file)) + "\n")
		}
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```")
	shown := 0
	for page, text := range documents(t) {
		for _, block := range blocks.FindAllStringSubmatch(text, -1) {
			shown++
			if !strings.Contains(compiled.String(), spaced(block[1])) {
				t.Errorf("%s shows code that is in no example:\n%s", page, block[1])
			}
		}
	}
	if shown < 6 {
		t.Errorf("%d blocks of code were found", shown)
	}
}

func TestLinksOnThePagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	links := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for page, text := range documents(t) {
		for _, link := range links.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), link[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func TestTheSchemaPageNamesEveryColumn(t *testing.T) {
	t.Parallel()
	page := textOf(t, "docs/schema.md")
	files, err := filepath.Glob("subscription/sqlstore/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	var all strings.Builder
	for _, file := range files {
		all.WriteString(textOf(t, file))
	}
	tables := all.String()
	for _, dropped := range regexp.MustCompile(`DROP TABLE IF EXISTS \{([a-z_]+)\}`).FindAllStringSubmatch(tables, -1) {
		tables = regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS \{`+dropped[1]+`\}.*?\n\);`).ReplaceAllString(tables, "")
	}
	named := regexp.MustCompile(`(?m)(?:^\s+|ADD COLUMN \{if_absent\} )([a-z_]+) (?:text|\{[a-z]+\})`)
	columns := named.FindAllStringSubmatch(tables, -1)
	if len(columns) < 60 {
		t.Errorf("%d columns were found", len(columns))
	}
	for _, column := range columns {
		if !strings.Contains(page, "`"+column[1]+"`") && !strings.Contains(page, column[1]+",") {
			t.Errorf("docs/schema.md does not name the column %s", column[1])
		}
	}
}

func TestThePageListsTheEventTypesThatAreHandled(t *testing.T) {
	t.Parallel()
	types := regexp.MustCompile(`(?m)^ +([a-z_]+\.[a-z_.]+)$`)
	var listed []string
	for _, line := range types.FindAllStringSubmatch(textOf(t, "docs/going-live.md"), -1) {
		listed = append(listed, line[1])
	}
	handled := slices.Sorted(slices.Values(paymount.EventTypes()))
	slices.Sort(listed)
	if !slices.Equal(listed, handled) {
		t.Errorf("docs/going-live.md lists\n%s\nand handled are\n%s", strings.Join(listed, "\n"), strings.Join(handled, "\n"))
	}
}
