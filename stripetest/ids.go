package stripetest

import (
	"crypto/rand"
	"maps"
)

// newID returns a fresh id with a prefix such as "cus_". Ids are random, so that two servers never share one, and not
// guessable, because the hosted pages are protected by nothing else.
func newID(prefix string) string { return prefix + "1" + rand.Text() }

// orNull is what Stripe shows for an optional string.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// timeOrNull is what Stripe shows for an optional timestamp in seconds.
func timeOrNull(t int64) any {
	if t == 0 {
		return nil
	}
	return t
}

// metadataDoc copies metadata for an answer: an object, never null.
func metadataDoc(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

// listDoc wraps rows in Stripe's list object.
func listDoc(url string, rows []doc, hasMore bool) doc {
	if rows == nil {
		rows = []doc{}
	}
	return doc{"object": "list", "data": rows, "has_more": hasMore, "url": url}
}
