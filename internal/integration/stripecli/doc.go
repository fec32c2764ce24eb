// Package stripecli tests that the official Stripe CLI works against stripetest, the fake Stripe: "stripe listen" forwards
// its webhooks to a mounted service, and "stripe events resend" sends one again. The CLI is installed with npm; without it,
// or on a system that the lock file has no CLI for, the tests are skipped, and fail when CI is "true".
package stripecli
