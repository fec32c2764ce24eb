package stripe

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzReader compares the texts that the reader takes with those that encoding/json does.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, -0.5e+3, true, false, null, "\u00e9\"\\\/\b"], "b": {}}`, ` [ ] `, `{}`, `0`, `-1`, `01`, `1.`, `.1`, `1e`, `-`, `"`,
		`"\u12"`,
		`"\x"`, "\"\n\"", `tru`, `nul`, `[1,]`, `{"a":}`, `{"a" 1}`, `{,}`, `[1 2]`, `{} {}`, ``, "\xff", "\"\xff\"",
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := reader{data: data}
		r.skip()
		r.end()
		if json.Valid(data) == r.failed {
			t.Errorf("%.80q: valid is %v, failed is %v", data, json.Valid(data), r.failed)
		}
		r = reader{data: data}
		var want string
		if got := r.text(); json.Unmarshal(data, &want) == nil && got != want {
			t.Errorf("%.80q reads %q, want %q", data, got, want)
		}
	})
}
