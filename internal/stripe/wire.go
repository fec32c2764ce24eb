package stripe

import (
	"strings"
	"time"
)

// seconds is a time as Stripe writes it: seconds since 1970, 0 or null for none.
type seconds int64

// lastSecond is the end of the year 9999, past which a time has no JSON form.
const lastSecond = 253402300799

// time returns s in UTC; a zero Time for none.
func (s seconds) time() time.Time {
	if s <= 0 || s > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// storable replaces the character NUL, which no store takes: Postgres refuses it.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

func storableMetadata(metadata map[string]string) map[string]string {
	out := make(map[string]string, len(metadata))
	for key, value := range metadata {
		out[storable(key)] = storable(value)
	}
	return out
}
