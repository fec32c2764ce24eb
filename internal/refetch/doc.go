// Package refetch is the one path from Stripe into the store: load the object, fetch it, save it if nobody else has, notify the
// host. Webhooks, the success page, checkout and reconciliation all use it.
//
// An event is only a hint that an object changed. Its content is never stored: the object is fetched anew, with the API
// version that the gateway pins, after its version has been read from the store. The save succeeds only if the object still has
// that version. So whoever saves a version had loaded the one before, and has fetched after that one's fetch had ended: states
// follow each other in the order of their fetches, whatever order events, fetches and writes came in. No lock, clock or created
// timestamp takes part. When anything fails nothing is recorded, and the redelivery does it again.
//
// What a store writes is decided here, by functions of an object alone: merge, decide, acknowledged.
package refetch
