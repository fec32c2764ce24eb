package fidelity_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// oldest is described as it was years ago. Stripe adds properties to the answers of every version
// (https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible), so other properties than
// those are no fault there; they have to be among those of 2023-10-16.
const oldest = "2022-11-15"

// releases maps API versions to the releases of stripe-mock that ship their description.
func releases() map[string]string {
	return map[string]string{
		oldest:              "v0.164.0",
		mainVersion:         "v0.183.0",
		"2024-04-10":        "v0.185.0",
		"2024-09-30.acacia": "v0.190.0",
		"2025-05-28.basil":  "v0.195.0",
		"2025-09-30.clover": "v0.197.0",
		"2026-08-26.dahlia": "v0.203.0",
	}
}

// description is Stripe's OpenAPI description of one API version, with a fixture of each resource.
type description struct {
	version  string
	root     map[string]any // the whole document
	fixtures map[string]any
	compiler *jsonschema.Compiler
	modelled []string // operations that the fake knows
}

// describe fetches the description of an API version and turns its schemas into JSON schemas.
func describe(t *testing.T, version string) *description {
	t.Helper()
	folder := download(t, releases()[version])
	d := &description{version: version, compiler: jsonschema.NewCompiler()}
	d.root = object(readJSON(t, filepath.Join(folder, "spec3.json")))
	d.fixtures = object(object(readJSON(t, filepath.Join(folder, "fixtures3.json")))["resources"])
	if got := object(d.root["info"])["version"]; got != version {
		t.Fatalf("stripe-mock %s describes API %v; want %s", releases()[version], got, version)
	}
	closed := version != oldest
	for _, schema := range d.schemas() {
		adapt(schema, closed)
	}
	for _, item := range object(d.root["paths"]) {
		for _, operation := range object(item) {
			adapt(answerSchema(operation), closed)
		}
	}
	if err := d.compiler.AddResource(specURL, d.root); err != nil {
		t.Fatal(err)
	}
	return d
}

// specURL is where the schemas stand for the compiler; nothing is fetched from there.
const specURL = "https://spec.example/spec3.json"

func (d *description) schemas() map[string]any {
	return object(object(d.root["components"])["schemas"])
}

// answerSchema is the schema of an operation's answer when it is accepted.
func answerSchema(operation any) any {
	answer := object(object(object(operation)["responses"])["200"])
	return object(object(answer["content"])["application/json"])["schema"]
}

// download lets the Go command fetch a release of stripe-mock and returns the folder of its description.
func download(t *testing.T, release string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/stripe/stripe-mock@"+release)
	command.Dir = t.TempDir() // outside of any module
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := command.Output()
	var module struct {
		Dir   string `json:"Dir"`   //nolint:tagliatelle // the Go command's word
		Error string `json:"Error"` //nolint:tagliatelle // the Go command's word
	}
	if json.Unmarshal(out, &module) != nil || err != nil || module.Error != "" {
		lacks(t, "stripe-mock "+release+" cannot be fetched: "+module.Error)
	}
	for _, folder := range []string{"embedded/openapi", "openapi"} {
		if _, err := os.Stat(filepath.Join(module.Dir, folder, "spec3.json")); err == nil {
			return filepath.Join(module.Dir, folder)
		}
	}
	t.Fatalf("stripe-mock %s has no description", release)
	return ""
}

// lacks skips a test for want of something, or fails it in CI.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: %s", what)
	}
	t.Skipf("NOT TESTED: %s", what)
}

func readJSON(t *testing.T, path string) any {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, raw)
}

// decode reads JSON without losing digits of numbers.
func decode(t *testing.T, raw []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("no JSON: %v: %.300s", err, raw)
	}
	return value
}

// object is a value as a JSON object, nil when it is none.
func object(value any) map[string]any {
	o, _ := value.(map[string]any)
	return o
}

// list is a value as a JSON array, nil when it is none.
func list(value any) []any {
	l, _ := value.([]any)
	return l
}

// text is a value as a string, empty when it is none.
func text(value any) string {
	s, _ := value.(string)
	return s
}

// pointer escapes a name for a JSON pointer in a URL.
func pointer(names ...string) string {
	out := "#"
	for _, name := range names {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
		out += "/" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(name)
	}
	return out
}
