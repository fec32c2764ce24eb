package stripetest

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// params is a node of a request's parameters. Stripe nests them with brackets: line_items[0][price]=… is a branch
// line_items with a branch 0 with a leaf price.
type params struct {
	leaf  bool
	value string
	names []string // of the children, in the order of the request
	kids  map[string]*params
}

// parseParams reads form-encoded parameters.
func parseParams(encoded string) (*params, *apiError) {
	root := &params{}
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(rawName)
		value, err2 := url.QueryUnescape(rawValue)
		if err1 != nil || err2 != nil {
			return nil, refuse("", "", "Invalid request: the parameters are not form-encoded")
		}
		node := root
		for _, part := range splitName(name) {
			node = node.child(part)
		}
		node.leaf, node.value = true, value
	}
	return root, nil
}

// splitName cuts "a[b][c]" into a, b, c. An empty part, as in expand[], is the next index of a list.
func splitName(name string) []string {
	head, rest, nested := strings.Cut(name, "[")
	parts := []string{head}
	for nested {
		var part string
		part, rest, _ = strings.Cut(rest, "]")
		parts = append(parts, part)
		_, rest, nested = strings.Cut(rest, "[")
	}
	return parts
}

func (p *params) child(name string) *params {
	if name == "" {
		name = strconv.Itoa(len(p.names))
	}
	if kid := p.kids[name]; kid != nil {
		return kid
	}
	if p.kids == nil {
		p.kids = map[string]*params{}
	}
	kid := &params{}
	p.kids[name] = kid
	p.names = append(p.names, name)
	return kid
}

// get follows a path of names; it returns nil where there is nothing. All readers below accept a nil receiver.
func (p *params) get(path ...string) *params {
	for _, name := range path {
		if p == nil {
			return nil
		}
		p = p.kids[name]
	}
	return p
}

func (p *params) has(path ...string) bool { return p.get(path...) != nil }

func (p *params) str(path ...string) string {
	if node := p.get(path...); node != nil {
		return node.value
	}
	return ""
}

// num reads an integer that the schema has checked; an absent or empty one is 0.
func (p *params) num(path ...string) int64 {
	n, err := strconv.ParseInt(p.str(path...), 10, 64)
	if err != nil {
		return 0 // absent: the schema lets nothing else pass
	}
	return n
}

func (p *params) truth(path ...string) bool { return p.str(path...) == "true" }

// list returns the children of a node in the order of the request.
func (p *params) list(path ...string) []*params {
	node := p.get(path...)
	if node == nil {
		return nil
	}
	out := make([]*params, 0, len(node.names))
	for _, name := range node.names {
		out = append(out, node.kids[name])
	}
	return out
}

// strings returns the values of a list of leaves.
func (p *params) strings(path ...string) []string {
	var out []string
	for _, item := range p.list(path...) {
		out = append(out, item.value)
	}
	return out
}

// mergeMetadata applies metadata[key]=value to m: an empty value removes the key, an empty metadata removes them all.
func (p *params) mergeMetadata(m map[string]string, path ...string) map[string]string {
	node := p.get(path...)
	out := map[string]string{}
	if node == nil || !node.leaf {
		maps.Copy(out, m)
	}
	if node != nil {
		for _, name := range node.names {
			if v := node.kids[name].value; v != "" {
				out[name] = v
			} else {
				delete(out, name)
			}
		}
	}
	return out
}
