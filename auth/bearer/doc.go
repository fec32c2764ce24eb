// Package bearer authenticates requests by the JWT in their Authorization header.
//
// An Authenticator verifies tokens with a shared secret (HS256) or with the public keys that an identity provider
// publishes as a JWK Set (RFC 7517). It is an auth.Authenticator and an auth.Challenger. Hosts whose users sign in with
// JWTs construct one with New; nothing else in this module imports the package, so that a host with session cookies
// does not link the JWT libraries.
//
// The rules are those of RFC 7519 and RFC 8725: the algorithms are fixed by the configuration, never by the token; a
// token needs an expiry and a subject; a "crit" header is refused (RFC 7515 section 4.1.11). Keys of the set that can't
// sign tokens for us (symmetric, private, for encryption, of another algorithm, malformed) are left out one by one.
//
// The key set is loaded every 10 minutes, and at once for a token whose key is not in it: at most 3 times in a row, then
// every 10 seconds, however many such tokens come. While the identity provider can't be reached, or answers without a
// usable key, the last good set stays in force up to Config.MaxKeyAge.
//
// Of keyfunc and jwkset this package takes the reading of keys and the choice of a token's key. It loads the set itself, because
// their own loading lets one token with an unknown key id keep a freshly rotated key out for minutes, says nothing of a first
// load that failed, takes an answer without keys for the end of all keys, and keeps stale keys for ever.
//
// Verified tokens are remembered under their SHA-256 digest until they expire or the key set changes, so the warm path
// costs one hash and one look-up. The package never keeps a token, never takes one from anywhere but the header, and
// never writes an answer.
package bearer
