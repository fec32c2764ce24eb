// Package gate answers whether an owner is entitled by a subscription, from memory while it can.
//
// The middleware of package api asks it for each request to a paid route, and package paymount for Go code. It never calls
// Stripe: webhooks keep the store up to date.
package gate
