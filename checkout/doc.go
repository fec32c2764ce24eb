// Package checkout holds the words for a purchase: what an owner asks for, what a host can set on a checkout session before it
// is made at Stripe, and how a session stands.
package checkout
