package openapi_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi-validator/config"

	"github.com/paymount/paymount"
)

// document is an OpenAPI document, as far as the tests look into it themselves.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas   map[string]schema   `json:"schemas"`
		Responses map[string]response `json:"responses"`
	} `json:"components"`
}

type operation struct {
	Responses map[string]response `json:"responses"`
}

type response struct {
	Ref     string         `json:"$ref"`
	Headers map[string]any `json:"headers"`
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Const      any               `json:"const"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	AnyOf      []schema          `json:"anyOf"` //nolint:tagliatelle // JSON Schema's name
	AllOf      []schema          `json:"allOf"` //nolint:tagliatelle // JSON Schema's name
}

func parse(t *testing.T, data []byte) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operation returns the one operation of a path, and its method.
func (d *document) operation(path string) (method string, o operation) {
	for method, o := range d.Paths[path] {
		return strings.ToUpper(method), o
	}
	return "", operation{}
}

func (d *document) response(o operation, status int) response {
	r := o.Responses[strconv.Itoa(status)]
	if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
		return d.Components.Responses[name]
	}
	return r
}

func (d *document) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	return s
}

// codes lists the error codes that a response can have; one empty code for what is no error.
func (d *document) codes(r response) []string {
	s := d.resolve(r.Content["application/json"].Schema)
	for _, part := range s.AllOf {
		if part.Ref == "" {
			s = part // what narrows the shared error
		}
	}
	code := s.Properties["code"]
	if one, ok := code.Const.(string); ok {
		return []string{one}
	}
	if len(code.Enum) > 0 {
		return code.Enum
	}
	return []string{""}
}

// answers names every answer that the document tells of.
func (d *document) answers() []string {
	var names []string
	for path := range d.Paths {
		method, o := d.operation(path)
		for text := range o.Responses {
			status, _ := strconv.Atoi(text)
			for _, code := range d.codes(d.response(o, status)) {
				names = append(names, answerName(method, path, status, code))
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestDocumentIsValidOpenAPI31(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"ours": served(t), "published": published(t)} {
		v := newValidator(t, data, config.WithFormatAssertions())
		if ok, errs := v.ValidateDocument(); !ok {
			t.Errorf("%s:\n%s", name, reasons(errs))
		}
	}
}

func TestEveryMountedEndpointIsInTheDocumentAndViceVersa(t *testing.T) {
	t.Parallel()
	d := parse(t, served(t))
	mounted := mountedPatterns(t)
	if documented := slices.Sorted(maps.Keys(d.Paths)); !slices.Equal(documented, mounted) {
		t.Errorf("documented: %v\nmounted: %v", documented, mounted)
	}
	a := start(t, nil, func(*paymount.Config) {})
	for path, operations := range d.Paths {
		if len(operations) != 1 {
			t.Errorf("%s has %d operations, but an endpoint serves one method", path, len(operations))
		}
		method, _ := d.operation(path)
		target := strings.NewReplacer("{", "", "}", "").Replace(path)
		if pattern := a.pattern(httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody)); pattern != path {
			t.Errorf("%s %s is served as %q", method, target, pattern)
		}
	}
}

// mountedPatterns reads from the source what Service.Handler mounts, but for the handler of unknown paths.
func mountedPatterns(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../paymount.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Handle" {
			literal := call.Args[0].(*ast.BasicLit)
			pattern, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, pattern)
		}
		return true
	})
	slices.Sort(patterns)
	return patterns
}

func TestEveryErrorCodeIsAnsweredSomewhere(t *testing.T) {
	t.Parallel()
	d := parse(t, served(t))
	answers := d.answers()
	for _, code := range d.Components.Schemas["Error"].Properties["code"].Enum {
		if !slices.ContainsFunc(answers, func(name string) bool { return strings.HasSuffix(name, " "+code) }) {
			t.Errorf("%s is listed, and no endpoint answers it", code)
		}
	}
}

// TestTheTypesAreCompatible compares the schemas themselves: what is published as required in an answer is always there,
// of a type that clients expect, and a request needs no more than what is published.
func TestTheTypesAreCompatible(t *testing.T) {
	t.Parallel()
	ourDocument, theirDocument := parse(t, served(t)), parse(t, published(t))
	for name, theirs := range theirDocument.Components.Schemas {
		ours, ok := ourDocument.Components.Schemas[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		outer, inner := theirs, ours // an answer of ours must fit theirs
		if strings.HasSuffix(name, "Request") {
			outer, inner = ours, theirs // a request for theirs must fit ours
		}
		for _, field := range outer.Required {
			if !slices.Contains(inner.Required, field) {
				t.Errorf("%s.%s is not required on both sides", name, field)
			}
		}
		for field := range theirs.Properties {
			got, ok := ours.Properties[field]
			if !ok {
				t.Errorf("%s.%s is missing", name, field)
				continue
			}
			narrow, wide := ourDocument.types(got), theirDocument.types(theirs.Properties[field])
			if strings.HasSuffix(name, "Request") {
				narrow, wide = wide, narrow
			}
			for _, kind := range narrow {
				if !slices.Contains(wide, kind) {
					t.Errorf("%s.%s: %v does not fit %v", name, field, narrow, wide)
				}
			}
		}
	}
}

// types lists the types that a value can have; for a list with those of its items.
func (d *document) types(s schema) []string {
	s = d.resolve(s)
	var kinds []string
	for _, part := range s.AnyOf {
		kinds = append(kinds, d.types(part)...)
	}
	switch {
	case s.Items != nil:
		for _, kind := range d.types(*s.Items) {
			kinds = append(kinds, fmt.Sprintf("%s of %s", s.Type, kind))
		}
	case s.Type != "":
		kinds = append(kinds, s.Type)
	}
	return kinds
}
