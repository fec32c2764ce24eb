// Package api is what every end-user endpoint does around its own work: it checks the method, authenticates, reads
// and validates the request with every wrong field reported at once, resolves the Stripe credentials, honours the
// Idempotency-Key, and encodes the result or the error. Packages checkout and subscription build their handlers on it.
package api
