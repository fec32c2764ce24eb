package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// answer is a decoded answer, or a part of one.
type answer struct {
	call   string // "POST /v1/customers"
	status int
	header http.Header
	body   any
}

// at follows a path such as "lines.data.0.amount". It is nil where there is nothing.
func (a answer) at(path string) any {
	value := a.body
	if path == "" {
		return value
	}
	for name := range strings.SplitSeq(path, ".") {
		switch node := value.(type) {
		case map[string]any:
			value = node[name]
		case []any:
			index, err := strconv.Atoi(name)
			if err != nil || index < 0 || index >= len(node) {
				return nil
			}
			value = node[index]
		default:
			return nil
		}
	}
	return value
}

// text is a value as it is compared and shown: null for what is not there.
func (a answer) text(path string) string { return show(a.at(path)) }

func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case map[string]any, []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return "?"
		}
		return string(raw)
	default:
		return fmt.Sprint(v)
	}
}

// id is the object's id, and empty when it has none.
func (a answer) id() string { return a.ref("id") }

// ref is the id at a path, of a string or of the object that stands in its place; empty when there is none.
func (a answer) ref(path string) string {
	switch v := a.at(path).(type) {
	case string:
		return v
	case map[string]any:
		id, _ := v["id"].(string)
		return id
	}
	return ""
}

// num is an integer, 0 when there is none.
func (a answer) num(path string) int64 {
	if n, ok := a.at(path).(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return i
		}
	}
	return 0
}

// list is the elements of a list, each as an answer of its own.
func (a answer) list(path string) []answer {
	rows, _ := a.at(path).([]any)
	out := make([]answer, len(rows))
	for i, row := range rows {
		out[i] = answer{call: fmt.Sprintf("%s, %s.%d", a.call, path, i), status: a.status, header: a.header, body: row}
	}
	return out
}

// ids are the ids of the rows of a list.
func (a answer) ids() []string {
	var out []string
	for _, row := range a.list("data") {
		out = append(out, row.id())
	}
	return out
}

// failure describes a refusal in one line.
func (a answer) failure() string {
	out := []string{fmt.Sprintf("status %d", a.status)}
	for _, name := range []string{"type", "code", "decline_code", "param", "message"} {
		if value := a.at("error." + name); value != nil {
			out = append(out, fmt.Sprintf("%s %q", name, show(value)))
		}
	}
	return strings.Join(out, ", ")
}
