package fidelity_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// look lists everything, and retrieves what has changed since the last look: plain, and with each of its properties to be
// expanded, once for each kind of value.
func (s *shop) look() {
	s.t.Helper()
	if s.d == nil { // only what happens is of interest
		return
	}
	for _, path := range s.d.lists() {
		for _, row := range list(s.get(path, "limit", "25")["data"]) {
			s.lookAt(path, object(row))
		}
	}
	s.invoicePayments()
}

// lists are the lists of the API that the fake has and that can be asked for as a whole. The lines of an upcoming invoice exist
// for one call only.
func (d *description) lists() []string {
	var out []string
	for _, op := range d.modelled {
		method, path, _ := strings.Cut(op, " ")
		whole := !strings.Contains(path, "{") && !strings.HasSuffix(path, "/lines") && !d.needsParameter(path)
		if method == http.MethodGet && d.isList(path) && whole {
			out = append(out, path)
		}
	}
	return out
}

func (d *description) isList(path string) bool {
	schema := object(answerSchema(object(object(d.root["paths"])[path])["get"]))
	return object(schema["properties"])["data"] != nil
}

// needsParameter reports whether a list is one of something that has to be named.
func (d *description) needsParameter(path string) bool {
	parameters := list(object(object(object(d.root["paths"])[path])["get"])["parameters"])
	return slices.ContainsFunc(parameters, func(p any) bool { return object(p)["required"] == true })
}

func (s *shop) lookAt(path string, row map[string]any) {
	s.t.Helper()
	raw, err := json.Marshal(row)
	if err != nil {
		s.t.Fatal(err)
	}
	id := text(row["id"])
	if s.seen[id] == string(raw) {
		return
	}
	s.seen[id] = string(raw)
	full := s.get(path + "/" + id)
	for name := range full {
		s.expand(path+"/"+id, full, name)
	}
	s.get(path, "limit", "1", "starting_after", id)
	if path == "/v1/subscriptions" {
		s.get("/v1/subscription_items", "subscription", id)
	}
}

// expand asks for a property to be expanded: what the description has as expandable has to be, the rest is refused.
func (s *shop) expand(path string, o map[string]any, name string) {
	s.t.Helper()
	schema := object(s.d.schemas()[text(o["object"])])
	id := text(o[name])
	key := fmt.Sprintf("expand %v.%s %T %.5s", o["object"], name, o[name], id)
	if s.seen[key] != "" {
		return
	}
	s.seen[key] = "tried"
	switch {
	case name == "schedule" && id != "": // schedules are not modelled
		s.refused(http.StatusBadRequest, http.MethodGet, path, "expand[]", name)
	case !slices.Contains(list(schema["x-expandableFields"]), any(name)):
		if e := s.send(exchange{method: http.MethodGet, path: path, form: url.Values{"expand[]": {name}}}); e.status == http.StatusOK {
			s.t.Errorf("%s: %s cannot be expanded at Stripe", e, name)
		}
	case id == "": // a part or null; stripe-mock breaks down at some of these, so they are not kept
		s.accepted(s.send(exchange{method: http.MethodGet, path: path, form: url.Values{"expand[]": {name}}}))
	default:
		expanded := s.get(path, "expand[]", name)[name]
		if object(expanded) == nil {
			s.t.Errorf("GET %s: %s is %v after it was expanded", path, name, expanded)
		}
		if object(expanded)["object"] == "payment_method" {
			s.get("/v1/payment_methods/"+id, "expand[]", "customer")
		}
	}
}

// invoicePayments calls the one endpoint of a newer version, that a client of 2023-10-16 needs too.
func (s *shop) invoicePayments() {
	s.t.Helper()
	e := s.send(exchange{method: http.MethodGet, path: "/v1/invoice_payments", version: "2025-03-31.basil"})
	s.accepted(e)
	s.said = append(s.said, e)
}
