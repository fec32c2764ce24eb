// Package webhook receives Stripe's events: it verifies the signature, takes the ids out of a payload of any API version
// since 2022-11-15, and hands them to package refetch. It never stores what a payload says.
package webhook
