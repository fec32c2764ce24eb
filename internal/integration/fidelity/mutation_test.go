package fidelity_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// parameters is the schema of what an operation takes, as one object.
func (d *description) parameters(method, path string) map[string]any {
	op := object(object(object(d.root["paths"])[path])[strings.ToLower(method)])
	if method != http.MethodGet {
		content := object(object(op["requestBody"])["content"])
		return object(object(content["application/x-www-form-urlencoded"])["schema"])
	}
	properties, required := map[string]any{}, []any{}
	for _, value := range list(op["parameters"]) {
		parameter := object(value)
		if parameter["in"] != "query" {
			continue
		}
		properties[text(parameter["name"])] = parameter["schema"]
		if parameter["required"] == true {
			required = append(required, parameter["name"])
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// mistake is a request that differs from a good one in one bad parameter.
type mistake struct {
	exchange

	what, param string
}

// bad are requests with one mistake each, of every kind that the description knows.
func (d *description) bad(good exchange) []mistake {
	var out []mistake
	change := func(what, name, value string) {
		m := mistake{exchange: good, what: what, param: name}
		m.form = without(good.form, name)
		if value != "" {
			m.form.Set(name, value)
		}
		out = append(out, m)
	}
	schema := d.parameters(good.method, d.template(good.method, good.path))
	change("an unknown parameter", "no_such_parameter", "1")
	for _, name := range list(schema["required"]) {
		change("without "+text(name), text(name), "")
	}
	properties := object(schema["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		spoil(properties[name], name, func(what, at, value string) { change(what+" "+at, at, value) })
	}
	return out
}

// without is a form without a parameter and all that is nested in it or that it is nested in.
func without(form url.Values, name string) url.Values {
	out := maps.Clone(form)
	maps.DeleteFunc(out, func(other string, _ []string) bool {
		return other == name || strings.HasPrefix(other, name+"[")
	})
	return out
}

// spoil finds values that a parameter's schema does not allow.
func spoil(value any, name string, report func(what, name, value string)) {
	schema := object(value)
	branches := append(list(schema["anyOf"]), list(schema["oneOf"])...)
	for _, branch := range branches {
		spoil(branch, name, report)
	}
	switch {
	case schema["enum"] != nil:
		report("another word as", name, "no_such_word")
	case schema["type"] == "integer", schema["type"] == "number", schema["type"] == "boolean":
		report("a word as", name, "no_such_value")
	case schema["type"] == "array":
		report("a text as", name, "no_such_list")
		spoil(schema["items"], name+"[0]", report)
	case schema["type"] == "object":
		report("a text as", name, "no_such_object")
		properties := object(schema["properties"])
		for _, inner := range slices.Sorted(maps.Keys(properties)) {
			spoil(properties[inner], name+"["+inner+"]", report)
		}
	case schema["type"] == "string":
		report("an object as", name+"[no_such_part]", "1")
	}
}
