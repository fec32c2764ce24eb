// Package manage holds the endpoints by which users see and manage what they have bought: their subscription and
// payments, Stripe's customer portal, cancelling, resuming, and changing the plan, with a preview whose quote is binding.
//
// A change is decided on the subscription as it is at Stripe at that moment, made there, and then read back by way of
// package refetch. Nothing is written to the store that Stripe has not confirmed.
package manage
