// Package catalog knows what can be sold: the prices of each Stripe account, remembered for a while so that most purchases ask
// Stripe nothing. It never sells anything itself.
package catalog
