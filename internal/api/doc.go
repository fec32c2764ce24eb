// Package api is the HTTP face of the use cases. Each endpoint decodes a request, calls a use case, and encodes its result or
// its error, and Handler does for all of them what is around that: it checks the method and the origin, authenticates, reports
// every wrong field at once, finds the Stripe credentials, and honours the Idempotency-Key.
//
// The webhook, the gate in front of paid routes and the OpenAPI document are here too, and so is the only place that gives errors
// their statuses. The rules of billing are in the packages that it calls.
package api
