// Package conformance states what this module believes of Stripe, and asks a Stripe whether it is so: the real one in test
// mode, or a fake. Each [Belief] is a sentence with its source, and a small scenario over plain HTTP that shows it.
//
// # Run it against your account
//
// From a copy of the repository:
//
//	STRIPE_TEST_KEY=sk_test_… make stripe
//
// or from Go, see the example of [Run]. It wants a secret or restricted key of test mode and refuses any other. Use an
// account or sandbox that nobody else is changing at the moment. It makes customers, products, prices, subscriptions and
// test clocks, all of which carry the run's id in their metadata or name, and removes them again: customers and clocks are
// deleted, products and prices are archived, since Stripe deletes no price. No money moves and no mail is sent.
//
// It takes a while, since time passes by Stripe's test clocks, and stays below Stripe's rate limit. A run
// that was interrupted goes on where it was when its [Report] is given to the next one as [Config].Earlier; the command keeps it
// in a file.
//
// # Send us what it finds
//
// [Report.String] is the text of an issue: for each belief that did not hold what was expected, what was seen, and the ids of
// the requests. It has no key in it.
//
// # What cannot be asked that way
//
// Stripe has no call that completes a hosted checkout page. The beliefs about that page are marked with [NeedPage] and are
// skipped, unless [Config].Pay can pay on it, for example with a browser.
//
// The module's own tests run it against package stripetest, and against fakes that are broken on purpose.
package conformance
