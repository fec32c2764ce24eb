// Command paymount is the reference server: a whole service around package paymount, configured by environment variables
// and flags. It is what a host copies from, and what the tests of the wire contract run against.
//
//	go -C cmd/paymount run . serve
//	go -C cmd/paymount run . demo
//
// serve refuses to start without Stripe credentials and a way to verify tokens. It never holds users or passwords: tokens
// come from the host's identity provider.
//
// demo lets a person buy and manage a plan on a web page without an account anywhere, and move the clock to see it renew:
// package stripetest stands in for Stripe in the same process. It listens on loopback only, signs tokens with a secret that
// is made at its start, and of the host's settings it takes an address and a database alone.
package main
