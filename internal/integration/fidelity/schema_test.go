package fidelity_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// adapt turns an OpenAPI 3.0 schema into a JSON schema in place: "nullable" becomes a type, and, when the schemas are closed,
// an object has no other properties than those that are described.
func adapt(value any, closed bool) {
	schema := object(value)
	if schema == nil {
		return
	}
	for _, name := range []string{"items", "additionalProperties"} {
		adapt(schema[name], closed)
	}
	for _, name := range []string{"anyOf", "oneOf", "allOf"} {
		for _, branch := range list(schema[name]) {
			adapt(branch, closed)
		}
	}
	properties, described := schema["properties"].(map[string]any)
	for _, property := range properties {
		adapt(property, closed)
	}
	if _, open := schema["additionalProperties"]; described && !open && closed {
		schema["additionalProperties"] = false
	}
	if schema["nullable"] == true {
		allowNull(schema)
	}
	delete(schema, "nullable")
}

func allowNull(schema map[string]any) {
	null := map[string]any{"type": "null"}
	switch {
	case schema["anyOf"] != nil:
		schema["anyOf"] = append(list(schema["anyOf"]), null)
	case schema["$ref"] != nil:
		schema["anyOf"] = []any{map[string]any{"$ref": schema["$ref"]}, null}
		delete(schema, "$ref")
	case schema["type"] != nil:
		schema["type"] = []any{schema["type"], "null"}
		if enum, ok := schema["enum"]; ok {
			schema["enum"] = append(list(enum), nil)
		}
	}
}

// validate reports where a value does not fit the schema at a place of the document, empty when it does.
func (d *description) validate(t *testing.T, value any, place ...string) string {
	t.Helper()
	schema, err := d.compiler.Compile(specURL + pointer(place...))
	if err != nil {
		t.Fatalf("%s: %v: %v", d.version, place, err)
	}
	return problems(schema.Validate(value))
}

// problems are the innermost findings of a failed validation. Of the alternatives of an anyOf, the one that got furthest
// into the value is the one that was meant.
func problems(err error) string {
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return ""
	}
	var found []*jsonschema.ValidationError
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			found = append(found, e)
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(failed)
	slices.SortStableFunc(found, func(a, b *jsonschema.ValidationError) int {
		return len(b.InstanceLocation) - len(a.InstanceLocation)
	})
	var out []string
	printer := message.NewPrinter(language.English)
	for _, e := range found[:min(6, len(found))] {
		at := strings.Join(e.InstanceLocation, ".")
		out = append(out, fmt.Sprintf("%s: %s", at, e.ErrorKind.LocalizedString(printer)))
	}
	return strings.Join(out, "; ")
}
