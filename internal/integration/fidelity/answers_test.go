package fidelity_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// main is the version of the fake's answers.
const mainVersion = "2023-10-16"

// discover asks a fake for every operation of the description and returns those that it knows, as "GET /v1/charges/{charge}".
func (d *description) discover(t *testing.T) {
	t.Helper()
	probe := newRecorder(t, stripetest.New(t).URL)
	for path, item := range object(d.root["paths"]) {
		for method := range object(item) {
			e := probe.send(exchange{method: strings.ToUpper(method), path: fill(path, "none")})
			if !strings.Contains(string(e.body), "Unrecognized request URL") {
				d.modelled = append(d.modelled, e.method+" "+path)
			}
		}
	}
	slices.Sort(d.modelled)
}

// fill puts an id into a path in place of its parameter.
func fill(path, id string) string {
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			path = strings.Replace(path, part, url.PathEscape(id), 1)
		}
	}
	return path
}

// template finds the path of the description that a call's path is of; one without parameters goes first.
func (d *description) template(method, path string) string {
	paths := object(d.root["paths"])
	if object(paths[path])[strings.ToLower(method)] != nil {
		return path
	}
	parts := strings.Split(path, "/")
	for _, op := range d.modelled {
		want, candidate, _ := strings.Cut(op, " ")
		pattern := strings.Split(candidate, "/")
		if want == method && slices.EqualFunc(pattern, parts, func(a, b string) bool {
			return a == b || strings.HasPrefix(a, "{")
		}) {
			return candidate
		}
	}
	return ""
}

// validateAnswer holds an answer against the schema of its operation and status.
func (d *description) validateAnswer(t *testing.T, e exchange) (operation, problem string) {
	t.Helper()
	path := d.template(e.method, e.path)
	status := "200"
	if e.status != http.StatusOK {
		status = "default"
	}
	if path == "" { // an unknown URL
		return "", d.validate(t, decode(t, e.body), "components", "schemas", "error")
	}
	return e.method + " " + path, d.validate(t, decode(t, e.body),
		"paths", path, strings.ToLower(e.method), "responses", status, "content", "application/json", "schema")
}

func TestEveryAnswerFitsStripesDescription(t *testing.T) {
	t.Parallel()
	d, basil := describe(t, mainVersion), describe(t, "2025-05-28.basil")
	d.discover(t)
	answers, refusals := 0, 0
	reached, kinds := map[string]int{}, map[string]int{}
	for _, story := range stories() {
		s := openShop(t, d, stripetest.Options{})
		story(s)
		s.look()
		for _, e := range s.said {
			against := d
			if e.version != "" {
				against = basil
			}
			operation, problem := against.validateAnswer(t, e)
			if problem != "" {
				t.Errorf("%s: status %d: %s", e, e.status, problem)
			}
			answers++
			if e.status != http.StatusOK {
				refusals++
				continue
			}
			reached[operation]++
			count(kinds, decode(t, e.body))
		}
	}
	for _, operation := range d.modelled {
		if reached[operation] == 0 {
			t.Errorf("%s was never answered", operation)
		}
	}
	t.Logf("%d answers fit the descriptions, %d of them refusals, of %d operations, with %d kinds of objects: %v",
		answers, refusals, len(reached), len(kinds), slices.Sorted(maps.Keys(kinds)))
}

// count adds up the objects in an answer by their kind.
func count(kinds map[string]int, value any) {
	switch value := value.(type) {
	case map[string]any:
		if kind := text(value["object"]); kind != "" {
			kinds[kind]++
		}
		for _, inner := range value {
			count(kinds, inner)
		}
	case []any:
		for _, inner := range value {
			count(kinds, inner)
		}
	}
}
