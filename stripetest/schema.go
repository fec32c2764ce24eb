package stripetest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// fields are the parameters of a call, or of an object in it, by name.
type fields map[string]rule

// A rule says what a parameter may hold: a kind alone, or a field with more to it.
type rule interface{ spec() field }

type field struct {
	kind     kind
	required bool
	clear    bool     // an empty string unsets it
	enum     []string // of one of several words, of a list of them, or instead of an integer
	longest  int      // of a text or each of a list of them, 0 for any
	fields   fields   // of a hash or of each element of a list of hashes
}

type kind int

const (
	text kind = iota
	integer
	boolean
	word // one of several
	metadata
	aHash
	hashList
	texts     // a list of strings
	timeRange // an integer, or an object of gt, gte, lt, lte
	number
	unsupported // known to Stripe, refused by the fake because ignoring it would lie
)

func (k kind) spec() field  { return field{kind: k} }
func (f field) spec() field { return f }

func oneOf(words ...string) field { return field{kind: word, enum: words} }

// listOf is a list of some of the words, which are given in one string.
func listOf(words string) field { return field{kind: texts, enum: strings.Fields(words)} }

func hash(f fields) field   { return field{kind: aHash, fields: f} }
func hashes(f fields) field { return field{kind: hashList, fields: f} }

// must makes a parameter required.
func (k kind) must() field  { return k.spec().must() }
func (f field) must() field { f.required = true; return f }

// orEmpty lets an empty string unset a parameter.
func (k kind) orEmpty() field  { return k.spec().orEmpty() }
func (f field) orEmpty() field { f.clear = true; return f }

func (f fields) with(more fields) fields {
	out := maps.Clone(f)
	maps.Copy(out, more)
	return out
}

// check refuses what the fields do not allow, the way Stripe does: unknown parameters first, then missing ones, then
// values. prefix is the name of the enclosing parameter, empty at the top.
func (f fields) check(p *params, prefix string) *apiError {
	for _, name := range p.names {
		if _, known := f[name]; !known {
			full := join(prefix, name)
			return refuse(full, "parameter_unknown", "Received unknown parameter: %s", full)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name].spec().required && p.get(name).blank() {
			full := join(prefix, name)
			return refuse(full, "parameter_missing", "Missing required param: %s.", full)
		}
	}
	for _, name := range p.names {
		if err := f[name].spec().check(p.kids[name], join(prefix, name)); err != nil {
			return err
		}
	}
	return nil
}

func (p *params) blank() bool { return p == nil || p.value == "" && len(p.kids) == 0 }

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "[" + name + "]"
}

func (f field) check(p *params, name string) *apiError {
	if p.leaf && p.blank() {
		return f.checkEmpty(name)
	}
	switch f.kind {
	case unsupported:
		return refuse(name, "", "stripetest does not implement the parameter %s", name)
	case metadata:
		return checkMetadata(p, name)
	case aHash:
		if p.leaf {
			return refuse(name, "", "Invalid object")
		}
		return f.fields.check(p, name)
	case hashList, texts:
		return f.checkList(p, name)
	case timeRange:
		if p.leaf {
			return integer.spec().checkLeaf(p, name)
		}
		return fields{"gt": integer, "gte": integer, "lt": integer, "lte": integer}.check(p, name)
	default:
		return f.checkLeaf(p, name)
	}
}

func (f field) checkEmpty(name string) *apiError {
	if f.clear || f.kind == metadata {
		return nil
	}
	return refuse(name, "parameter_invalid_empty",
		"You passed an empty string for '%s'; it cannot be unset. Leave it out or give it a value.", name)
}

func (f field) checkLeaf(p *params, name string) *apiError {
	if !p.leaf || len(p.kids) > 0 {
		return refuse(name, "", "Invalid string: %s must not be nested", name)
	}
	switch f.kind {
	case integer:
		if _, err := strconv.ParseInt(p.value, 10, 64); err != nil && !slices.Contains(f.enum, p.value) {
			return refuse(name, "parameter_invalid_integer", "Invalid integer: %s", p.value)
		}
	case number:
		if _, err := strconv.ParseFloat(p.value, 64); err != nil {
			return refuse(name, "", "Invalid decimal: %s", p.value)
		}
	case boolean:
		if p.value != "true" && p.value != "false" {
			return refuse(name, "", "Invalid boolean: %s", p.value)
		}
	case word:
		if !slices.Contains(f.enum, p.value) {
			return refuse(name, "", "Invalid %s: must be one of %s", name, strings.Join(f.enum, ", "))
		}
	default: // any text will do
		return f.checkLength(p, name)
	}
	return nil
}

func (f field) checkLength(p *params, name string) *apiError {
	if f.longest > 0 && len(p.value) > f.longest {
		return refuse(name, "", "Invalid string: %s is longer than %d characters", name, f.longest)
	}
	return nil
}

func (f field) checkList(p *params, name string) *apiError {
	if p.leaf {
		return refuse(name, "", "Invalid array")
	}
	for _, index := range p.names {
		at := join(name, index)
		if _, err := strconv.Atoi(index); err != nil {
			return refuse(name, "", "Invalid array")
		}
		var err *apiError
		if f.kind == texts {
			err = f.element().check(p.kids[index], at)
		} else {
			err = hash(f.fields).check(p.kids[index], at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// element is the rule of each of a list of strings.
func (f field) element() field {
	if f.enum != nil {
		return oneOf(f.enum...)
	}
	return field{kind: text, longest: f.longest}
}

// checkMetadata applies the limits of https://docs.stripe.com/api/metadata.
func checkMetadata(p *params, name string) *apiError {
	if p.leaf {
		return refuse(name, "", "Invalid object")
	}
	if len(p.names) > 50 {
		return refuse(name, "", "Metadata can only have up to 50 keys")
	}
	for _, key := range p.names {
		at, node := join(name, key), p.kids[key]
		switch {
		case len(node.kids) > 0 || !node.leaf:
			return refuse(at, "", "Invalid string: metadata values must not be nested")
		case len([]rune(key)) > 40:
			return refuse(name, "", "Metadata keys can be at most 40 characters long")
		case len([]rune(node.value)) > 500:
			return refuse(at, "", "Metadata values can be at most 500 characters long")
		}
	}
	return nil
}

// checkCurrency accepts a three-letter code in either case.
func checkCurrency(code, param string) *apiError {
	if len(code) != 3 || strings.Trim(strings.ToLower(code), "abcdefghijklmnopqrstuvwxyz") != "" {
		return refuse(param, "", "Invalid currency: %s", code)
	}
	return nil
}
