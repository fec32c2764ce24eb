// Command server is the reference server: a whole service around package paymount, configured by environment variables
// and flags. It is what a host copies from, and what the tests of the wire contract run against.
//
//	go -C examples run ./server
//
// Without a Stripe key it starts in demo mode: package stripetest stands in for Stripe in the same process, and a web page
// lets a person buy and manage a plan without an account anywhere, and move the clock to see it renew. Run it with -h for
// its settings.
//
// It is an example and a test bed. It never holds users or passwords: tokens come from the host's identity provider.
package main
