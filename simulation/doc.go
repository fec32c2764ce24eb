// Package simulation runs a whole app with paymount on a store, and looks for a way to break what paymount promises. Whoever
// has a store of their own runs it after package storetest, which checks each method by itself; this one checks what becomes
// of a business on top of it:
//
//	func TestSimulation(t *testing.T) {
//		simulation.Run(t, simulation.Config{Store: func(t *testing.T) subscription.SubscriptionStore {
//			return mystore.New(freshDatabase(t))
//		}})
//	}
//
// # Worlds
//
// Each seed is a world: two replicas of the app, a fake Stripe with four accounts (two projects in two modes), some users with
// plans to choose from. They check out in several tabs, pay, are declined, change their mind; webhooks come late, twice, out
// of order, to both replicas at once or never; the dashboard changes things; renewals, refunds and disputes happen; months
// pass. Every other world is a wide one: it has a metered plan and one in another currency; the dashboard makes subscriptions
// by hand, changes whom the metadata of one name, and deletes all data of a test account; and for a while a live project has
// the key of another Stripe account. Meanwhile the store, Stripe, the host's hook and clients fail, before or after what was
// asked for was done, and replicas are killed.
//
// All tasks stop before and after each call of the store, of Stripe and of the hook, and one at a time goes on: which, is
// drawn from the seed, as is everything that goes wrong. An operation keeps the weight that was drawn for it until its turn
// comes, so that many others can overtake it (partial order sampling: Yuan, Yang and Gu, CAV 2018).
//
// # Promises
//
// Whenever something has changed: a user buys as one customer, has one open subscription session to pay in, and is not billed
// for two subscriptions without having asked for it; no checkout cancels what is paid or being paid. A subscription is stored
// as the latest event of it that was acknowledged has announced it, or as it was later, whatever is still under way; once all
// are acknowledged, as Stripe has it. The gate is closed for a user all of whose subscriptions have ended, as soon as the
// process that is asked has stored that or acknowledged an event of it, or another one has stored it three seconds ago; and for
// whoever has one in the other mode only. The host is told of one change of an object at a time, and a Change.ID stands for one
// change. Every answer is one that the contract has; none shows anything of another user; no key and no text of Stripe's gets
// into an answer or the log.
//
// In the end, when all events have been delivered, and Service.Reconcile has made good for those that never were: every user
// can buy, or has a subscription; subscriptions and payments equal Stripe's, are those of whom they should be, and so does what
// the host was told; test subscriptions that Stripe has forgotten have ended; the gate stands accordingly.
//
// # A failure
//
// It names the seed and the broken promise, and prints the shortest sequence of steps that it found still to break it, with
// the order of the operations and a Config that repeats it. A seed goes the same way again, but for a reconciliation: it
// deals with several objects at once, and where they race Go decides. About three seeds in a hundred have such a moment;
// Run repeats some seeds and counts them.
//
// A store's own goroutines and connections live in the world's bubble (see testing/synctest), so Config.Store opens them
// there and t.Cleanup closes them. What waits for a network holds up the bubble's clock, and nothing else.
//
// It is for tests alone, uses the standard library and this module, opens no socket, and never talks to Stripe.
package simulation
