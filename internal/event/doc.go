// Package event knows what Stripe's events mean: which objects changed, what has ended, and which prices are not what they
// were. It hands the objects to package refetch, and never stores what a payload says.
package event
