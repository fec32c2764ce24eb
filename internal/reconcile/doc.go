// Package reconcile makes a store equal to Stripe without webhooks: it catches up by Stripe's list of events, and takes in
// an account whole by walking its lists of subscriptions, invoices and checkout sessions. paymount.Service.Reconcile is
// what hosts call; Options and Result are what they see of it.
//
// A run does nothing that a webhook could not have done. It never decides by time which of two states is the newer one:
// everything enters the store through package refetch. It keeps in the store how far it has come, so it can be
// interrupted anywhere, and it never passes over an object that it could not bring up to date.
package reconcile
