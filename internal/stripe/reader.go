package stripe

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxDepth = 10_000

// reader reads a JSON text (RFC 8259) from its beginning to its end and passes over what nobody asks for, which it checks all
// the same. After a mistake in the text it has failed, is at the end, and returns zero values.
type reader struct {
	data   []byte
	at     int
	depth  int
	failed bool
}

func (r *reader) fail() { r.failed, r.at = true, len(r.data) }

// next passes over white space and returns the position of what follows.
func (r *reader) next() int {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\n', '\r', '\t':
			r.at++
		default:
			return r.at
		}
	}
	return r.at
}

// peek returns the first byte of what follows, 0 at the end.
func (r *reader) peek() byte {
	if at := r.next(); at < len(r.data) {
		return r.data[at]
	}
	return 0
}

// take passes over c, which must follow.
func (r *reader) take(c byte) {
	if r.peek() != c {
		r.fail()
		return
	}
	r.at++
}

// end fails unless nothing follows.
func (r *reader) end() {
	if r.next() < len(r.data) {
		r.fail()
	}
}

func (r *reader) null() bool { return r.peek() == 'n' }

// object reads an object, which must follow unless null does. member reads or skips the value of each name.
func (r *reader) object(member func(name []byte)) {
	if r.null() {
		r.literal("null")
		return
	}
	r.list('{', '}', func() {
		name := r.quoted()
		r.take(':')
		member(name)
	})
}

// members reads an object like object does, and skips whatever else follows.
func (r *reader) members(member func(name []byte)) {
	if r.peek() != '{' {
		r.skip()
		return
	}
	r.object(member)
}

// list reads what stands between two brackets with commas in between.
func (r *reader) list(begin, end byte, element func()) {
	r.take(begin)
	r.depth++
	if r.depth > maxDepth {
		r.fail()
	}
	if r.peek() != end {
		element()
		for r.peek() == ',' {
			r.at++
			element()
		}
	}
	r.take(end)
	r.depth--
}

// skip passes over a value of any kind.
func (r *reader) skip() {
	switch c := r.peek(); c {
	case '"':
		r.quoted()
	case '{':
		r.list('{', '}', func() {
			r.quoted()
			r.take(':')
			r.skip()
		})
	case '[':
		r.list('[', ']', r.skip)
	case 't':
		r.literal("true")
	case 'f':
		r.literal("false")
	case 'n':
		r.literal("null")
	default:
		r.number()
	}
}

func (r *reader) literal(word string) {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		r.fail()
		return
	}
	r.at += len(word)
}

// flag reads true or false, which must follow unless null does.
func (r *reader) flag() bool {
	switch r.peek() {
	case 't':
		r.literal("true")
		return !r.failed
	case 'f':
		r.literal("false")
	default:
		r.literal("null")
	}
	return false
}

// text reads a string, which must follow unless null does.
func (r *reader) text() string {
	if r.null() {
		r.literal("null")
		return ""
	}
	raw := r.quoted()
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw)
	}
	var text string
	if err := json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &text); err != nil {
		r.fail()
	}
	return text
}

// quoted passes over a string, and returns what stands between its quotes.
func (r *reader) quoted() []byte {
	r.take('"')
	start := r.at
	for r.at < len(r.data) {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return r.data[start : r.at-1]
		case c == '\\':
			r.escape()
		case c < ' ':
			r.fail()
		default:
			r.at++
		}
	}
	r.fail()
	return nil
}

// escape passes over a backslash and what it stands before.
func (r *reader) escape() {
	r.at++
	if r.at == len(r.data) {
		return
	}
	switch r.data[r.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		r.at++
	case 'u':
		r.at++
		for range 4 {
			if r.at == len(r.data) || !isHex(r.data[r.at]) {
				r.fail()
				return
			}
			r.at++
		}
	default:
		r.fail()
	}
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// number passes over a number.
func (r *reader) number() {
	r.optional('-')
	if !r.optional('0') {
		r.digits()
	}
	if r.optional('.') {
		r.digits()
	}
	if r.optional('e') || r.optional('E') {
		if !r.optional('+') {
			r.optional('-')
		}
		r.digits()
	}
}

// optional passes over c if it follows at once, and tells whether it did.
func (r *reader) optional(c byte) bool {
	found := r.at < len(r.data) && r.data[r.at] == c
	if found {
		r.at++
	}
	return found
}

// digits passes over one or more digits.
func (r *reader) digits() {
	start := r.at
	for r.at < len(r.data) && '0' <= r.data[r.at] && r.data[r.at] <= '9' {
		r.at++
	}
	if r.at == start {
		r.fail()
	}
}
