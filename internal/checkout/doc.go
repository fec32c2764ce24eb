// Package checkout sells: it makes Stripe Checkout sessions and tells how a session ended. It knows no HTTP.
//
// What it promises is that nobody is billed twice by accident: one Stripe customer per owner, nobody with a subscription is
// sold a second one unless asked for, and at most one subscription session is open per owner, whatever tabs, replicas and
// crashes come in between. A purchase goes through guard, customer and session, in that order, and begins again when what it
// has read turns out to hold no more. The promise rests on intents (package intent); the owner's lock only saves calls.
package checkout
