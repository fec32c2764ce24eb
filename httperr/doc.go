// Package httperr holds the one error shape that every endpoint answers with, and the encoder that writes it.
//
// Handlers return an *Error; an Encoder turns it into an HTTP answer. The default encoder, Write, speaks the wire
// contract: {"detail": "<sentence>", "code": "<stable_code>"}, and for 422 a list of the wrong fields. A host that has
// an error format of its own replaces the encoder in its configuration.
//
// The package never sees Stripe: nothing here can carry Stripe's text, a key or a stack into an answer.
package httperr
