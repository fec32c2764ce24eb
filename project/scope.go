package project

import (
	"crypto/sha1" // #nosec G505 -- RFC 9562 defines version 5 UUIDs by SHA-1; nothing secret depends on it
	"encoding/hex"
)

// Scope is one project in one mode. Every key in a store is namespaced by it: nothing of one scope is ever seen in
// another, whatever ids they share.
type Scope struct {
	ProjectID string `json:"project_id"`
	Mode      Mode   `json:"mode"`
}

// UUID returns the id by which clients know a Stripe object of this scope: a version 5 UUID (RFC 9562 section 5.5), so
// the same object always has the same one and nothing needs to be stored.
func (s Scope) UUID(stripeID string) string {
	// The name is unambiguous: modes and Stripe ids never hold a NUL.
	h := sha1.Sum([]byte(namespace + s.ProjectID + "\x00" + string(s.Mode) + "\x00" + stripeID)) // #nosec G401 -- see above
	u := h[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	x := hex.EncodeToString(u)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// namespace is this module's own UUID namespace.
const namespace = "\x2b\x1c\x57\x0e\x9d\x44\x4a\x6f\x8a\x31\x5e\x02\xc7\x9b\x60\xd8"
