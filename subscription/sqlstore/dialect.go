package sqlstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect is the kind of SQL that a database speaks.
type Dialect int

// The dialects. Postgres stands for the databases that speak its SQL too.
const (
	Postgres Dialect = iota + 1
	SQLite
)

// words returns what stands for the words in braces of a statement, besides the names of tables.
func (d Dialect) words() map[string]string {
	if d == SQLite {
		return map[string]string{
			"int": "integer", "bool": "integer", "time": "text", "json": "text", "jsonb": "text", "bytes": "blob", "if_absent": "",
			"each": "json_each(?) AS e", "if_written": "WHERE TRUE", "listed": "IN (SELECT value FROM json_each(?))",
			"list": "json_group_array", "json_get": "json_extract", "text_get": "json_extract", "root": "$.",
			"data_as_text": "CAST(data AS text)",
		}
	}
	return map[string]string{
		"int": "bigint", "bool": "boolean", "time": "timestamptz", "json": "json", "jsonb": "jsonb", "bytes": "bytea",
		"if_absent": "IF NOT EXISTS",
		"each":      "json_array_elements_text(CAST(? AS json)) AS e(value)", "if_written": "WHERE EXISTS (SELECT 1 FROM written)",
		"listed": "= ANY(ARRAY(SELECT json_array_elements_text(CAST(? AS json))))", // an IN can read far too much
		"list":   "json_agg", "json_get": "json_extract_path", "text_get": "json_extract_path_text", "root": "",
		"data_as_text": "convert_from(data, 'UTF8')",
	}
}

// compile replaces the words in braces, and for Postgres every ? by $1, $2 and so on. No statement here has a brace or
// question mark in a literal but for '{}'.
func (n naming) compile(statement string) string {
	words := n.dialect.words()
	words["prefix"] = n.prefix
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(statement, "{")
		out.WriteString(before)
		if !found {
			break
		}
		word, after, _ := strings.Cut(rest, "}")
		statement = after
		switch text, known := words[word]; {
		case known:
			out.WriteString(text)
		case word == "":
			out.WriteString("{}")
		default:
			out.WriteString(n.schema + n.prefix + word)
		}
	}
	if n.dialect == SQLite {
		return out.String()
	}
	return numbered(out.String())
}

func numbered(statement string) string {
	parts := strings.Split(statement, "?")
	var out strings.Builder
	out.WriteString(parts[0])
	for i, part := range parts[1:] {
		out.WriteString("$" + strconv.Itoa(i+1) + part)
	}
	return out.String()
}

// sqliteTime is how SQLite keeps times: in an order that is that of the text, and as its own functions write them.
const sqliteTime = "2006-01-02 15:04:05.000000"

// value returns how v is given to the database.
func (d Dialect) value(v any) any {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v
	case d == SQLite:
		return t.UTC().Format(sqliteTime)
	}
	return t.UTC().Truncate(time.Microsecond)
}

// timestamp is a time that is read from either database.
type timestamp struct{ time.Time }

// Scan implements sql.Scanner.
func (t *timestamp) Scan(v any) (err error) {
	switch v := v.(type) {
	case time.Time:
		t.Time = v.UTC()
	case string:
		t.Time, err = time.Parse(sqliteTime, v)
	case []byte:
		t.Time, err = time.Parse(sqliteTime, string(v))
	default:
		err = fmt.Errorf("a time can't be read from %T", v)
	}
	return err
}

// transient reports whether the same statement or transaction may succeed when it is tried again: Postgres could not
// serialize it or ended a deadlock (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html),
// SQLite found the database locked (https://www.sqlite.org/rescode.html#busy).
func (d Dialect) transient(err error) bool {
	if d == SQLite {
		const busy, locked, primary = 5, 6, 0xff
		var coded interface{ Code() int }
		return errors.As(err, &coded) && (coded.Code()&primary == busy || coded.Code()&primary == locked)
	}
	return hasState(err, "40001", "40P01")
}

// exists reports whether Postgres refused to create a table because there is one.
func (d Dialect) exists(err error) bool {
	const uniqueViolation, duplicateTable, duplicateObject = "23505", "42P07", "42710"
	return d == Postgres && hasState(err, uniqueViolation, duplicateTable, duplicateObject)
}

// added reports whether SQLite refused to add a column because there is one: it knows no IF NOT EXISTS there, and has no
// code of its own for that error.
func (d Dialect) added(err error) bool {
	return d == SQLite && strings.Contains(err.Error(), "duplicate column name")
}

func hasState(err error, states ...string) bool {
	var stated interface{ SQLState() string }
	if !errors.As(err, &stated) {
		return false
	}
	for _, state := range states {
		if stated.SQLState() == state {
			return true
		}
	}
	return false
}
