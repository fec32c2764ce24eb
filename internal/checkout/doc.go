// Package checkout sells: it makes Stripe Checkout sessions for signed-in users and tells how a session ended.
//
// What it promises is that nobody is billed twice by accident: one Stripe customer per user, nobody with a subscription is
// sold a second one unless asked for, and at most one subscription session is open per user, whatever tabs, replicas and
// crashes come in between. Both rest on intents: what is to be created is written to the store, under a fresh attempt id,
// before Stripe is called with that id as the idempotency key. Whoever finds an intent repeats its call and so gets the
// same object; nothing is locked.
package checkout
