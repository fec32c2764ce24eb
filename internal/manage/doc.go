// Package manage is what owners do with what they have bought: see their subscriptions and payments, open Stripe's customer
// portal, cancel, resume, and change the plan, with a preview whose quote is binding.
//
// A change is decided on the subscription as it is at Stripe at that moment, made there, and then read back by way of
// package refetch. Nothing is written to the store that Stripe has not confirmed.
//
// It knows no HTTP: package api serves it to browsers, and package paymount to Go code.
package manage
