package api

import (
	"encoding/json"
	"testing"
)

func TestAStringReadsTheSameWithoutTheDecoder(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`""`, `"pro"`, `"Zoë"`, `"a\"b"`, `"a\\b"`, `"\u00eb"`, `"\ud83d\ude00"`, "\"\xff\"", `null`, `1`, `true`, `["a"]`, `{"a":"b"}`,
	} {
		f := &Form{body: map[string]json.RawMessage{"name": json.RawMessage(raw)}}
		var want string
		wrong := json.Unmarshal([]byte(raw), &want) != nil || raw == "null"
		if got := f.String("name"); got != want || wrong != (len(f.fields) > 0) {
			t.Errorf("%s reads %q with the mistakes %v, want %q", raw, got, f.fields, want)
		}
	}
}
