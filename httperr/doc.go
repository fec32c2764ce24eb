// Package httperr is how errors look over HTTP: one shape, stable codes, and the status of each code.
//
// An Encoder writes an Error as the answer. The default one, Write, speaks the wire contract: {"detail": "<sentence>", "code":
// "<stable_code>"}, and for 422 a list of the wrong fields. A host that has an error format of its own sets another encoder in
// paymount.Config.EncodeError. A hook of the host's refuses in its own words by returning an *Error.
//
// The errors of Go calls are in package subscription and carry the same codes. The package never sees Stripe: nothing here can
// carry Stripe's text, a key or a stack into an answer.
package httperr
