package sqlstore

import (
	"database/sql"
	"strings"
	"testing"
)

func TestStatementsAreWrittenForTheDatabase(t *testing.T) {
	t.Parallel()
	const statement = "INSERT INTO {events} SELECT CAST(? AS {time}), '{}', e.value FROM {each} {if_written}; {prefix}x"
	for _, c := range []struct {
		dialect Dialect
		config  Config
		want    string
	}{
		{
			SQLite,
			Config{},
			"INSERT INTO paymount_events SELECT CAST(? AS text), '{}', e.value FROM json_each(?) AS e WHERE TRUE; paymount_x",
		},
		{
			Postgres,
			Config{Schema: "billing", Prefix: "pay_"},
			`INSERT INTO "billing".pay_events SELECT CAST($1 AS timestamptz), '{}', e.value ` +
				"FROM json_array_elements_text(CAST($2 AS json)) AS e(value) WHERE EXISTS (SELECT 1 FROM written); pay_x",
		},
	} {
		n, err := newNaming(c.dialect, c.config)
		if err != nil {
			t.Fatalf("newNaming(%v): %v", c.config, err)
		}
		if got := n.compile(statement); got != c.want {
			t.Errorf("compiled to\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		db      *sql.DB
		dialect Dialect
		config  Config
		want    []string
	}{
		{nil, 0, Config{}, []string{"unknown dialect 0", "the database is nil"}},
		{&sql.DB{}, 3, Config{}, []string{"unknown dialect 3"}},
		{
			&sql.DB{}, Postgres,
			Config{Prefix: `x"; DROP TABLE y; --`, Schema: `a"b`},
			[]string{"the prefix of a table", "the name of a schema"},
		},
		{&sql.DB{}, Postgres, Config{Prefix: "Upper_"}, []string{"the prefix of a table"}},
		{&sql.DB{}, Postgres, Config{Prefix: "1_"}, []string{"the prefix of a table"}},
		{&sql.DB{}, Postgres, Config{Prefix: strings.Repeat("x", 33)}, []string{"the prefix of a table"}},
		{&sql.DB{}, Postgres, Config{Schema: strings.Repeat("x", 64)}, []string{"the name of a schema"}},
		{&sql.DB{}, SQLite, Config{Schema: "main"}, []string{"SQLite has no schemas"}},
		{&sql.DB{}, SQLite, Config{Prefix: "billing_"}, nil},
		{&sql.DB{}, Postgres, Config{Schema: "billing", Prefix: strings.Repeat("x", 32)}, nil},
	} {
		_, err := New(c.db, c.dialect, c.config)
		if (err == nil) != (c.want == nil) {
			t.Errorf("New(%d, %+v) returned %v", c.dialect, c.config, err)
		}
		for _, want := range c.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("New(%d, %+v) returned %v, which lacks %q", c.dialect, c.config, err, want)
			}
		}
		if c.db != nil {
			if _, err := Migrations(c.dialect, c.config); (err == nil) != (c.want == nil) {
				t.Errorf("Migrations(%d, %+v) returned %v", c.dialect, c.config, err)
			}
		}
	}
}

func TestNamesFitIntoPostgres(t *testing.T) {
	t.Parallel()
	migrations, err := Migrations(Postgres, Config{Prefix: strings.Repeat("x", 32)})
	if err != nil {
		t.Fatal(err)
	}
	const longest = 63 // https://www.postgresql.org/docs/current/limits.html
	for _, m := range migrations {
		for word := range strings.FieldsSeq(m.SQL) {
			if strings.HasPrefix(word, "xxx") && len(word) > longest {
				t.Errorf("%s is too long by %d", word, len(word)-longest)
			}
		}
		if strings.ContainsAny(m.SQL, "{?") && !strings.Contains(m.SQL, "'{}'") {
			t.Errorf("%s is not compiled:\n%s", m.Name, m.SQL)
		}
	}
}
