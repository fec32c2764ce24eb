// Package refetch is the one path from Stripe into the store: draw a ticket, fetch the object, apply what was seen, tell
// the host. Webhooks, the success page, checkout and reconciliation all use it.
//
// An event is only a hint that an object changed. Its content is never stored: the object is fetched anew, with the API
// version that the gateway pins, after a ticket has been drawn for it. A fetch that began after another one saw all that
// the other one saw, so the state with the highest ticket wins, whatever order events, fetches and writes came in. No
// lock, clock or created timestamp takes part. When anything fails nothing is recorded, and the redelivery does it again.
package refetch
