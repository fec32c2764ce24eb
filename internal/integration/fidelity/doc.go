// Package fidelity holds stripetest, the fake Stripe, against what Stripe itself publishes: the OpenAPI descriptions and
// fixtures that come with the releases of the official stripe-mock, each of another API version, and stripe-mock itself,
// which gets the same calls. The Go command fetches the releases; nothing of them is kept in this tree. Where they cannot
// be had, the tests are skipped, and fail when CI is "true".
package fidelity
