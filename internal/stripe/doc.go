// Package stripe makes the calls to Stripe, through stripe-go, of which it is the only importer, and reads what Stripe sends:
// answers, errors and events of any version. Its types are its own, so the SDK can move without breaking users.
//
// It sends the API version that stripe-go pins (2023-10-16) and decodes the answers into structs of its own: these read
// the fields where later versions moved them to as well, which the SDK's structs drop silently.
package stripe
