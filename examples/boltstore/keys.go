package boltstore

import (
	"crypto/sha256"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// maxPart is how many bytes of a string a key holds in plain. Strings can be of any length, but keys of bbolt cannot.
const maxPart = 512

// timeLayout sorts as the times do, in UTC.
const timeLayout = "2006-01-02T15:04:05.000000000"

// appendPart appends s to key, so that keys sort by their parts and no two lists of parts have the same key. A zero byte ends a
// short string. Of a long one the beginning is followed by a byte that no UTF-8 has, and by its hash.
func appendPart(key []byte, s string) []byte {
	if len(s) <= maxPart {
		return append(append(key, s...), 0)
	}
	sum := sha256.Sum256([]byte(s))
	return append(append(append(key, s[:maxPart]...), 0xff), sum[:]...)
}

// scopeKey returns the key of parts within a scope. Without parts it is the prefix of all keys of the scope.
func scopeKey(scope project.Scope, parts ...string) []byte {
	key := appendPart(appendPart(nil, scope.ProjectID), string(scope.Mode))
	for _, part := range parts {
		key = appendPart(key, part)
	}
	return key
}

// ownerKey is as scopeKey.
func ownerKey(owner subscription.Owner, parts ...string) []byte {
	key := scopeKey(owner.Scope, owner.ID)
	for _, part := range parts {
		key = appendPart(key, part)
	}
	return key
}

// paymentKey returns the key of a payment in the order of its owner's payments.
func paymentKey(owner subscription.Owner, mark subscription.Mark) []byte {
	return appendPart(mark.CreatedAt.UTC().AppendFormat(ownerKey(owner), timeLayout), mark.ID)
}

// expiryKey returns the key by which what is kept at key is found when it has expired.
func expiryKey(at time.Time, key []byte) []byte {
	return append(at.UTC().AppendFormat(nil, timeLayout), key...)
}
