// Package checkout holds the words for what is sold: what a checkout session at Stripe is made with, what a host can set on
// it, and how it stands.
package checkout
