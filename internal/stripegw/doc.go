// Package stripegw makes the calls to Stripe, through stripe-go, of which it is the only importer. It takes and returns
// the types of the packages that declare the calls, so the SDK can move without breaking users.
//
// It sends the API version that stripe-go pins (2023-10-16) and decodes the answers into structs of its own: these read
// the fields where later versions moved them to as well, which the SDK's structs drop silently.
package stripegw
