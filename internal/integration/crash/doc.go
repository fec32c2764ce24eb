// Package crash tests the reference server as it runs in production: real processes, two of them on one database, with a
// fake Stripe that outlives them all. Processes die, databases restart, hang, fail over and run full, each at an instant
// that a seed picks; then everything is started again, what was not acknowledged is delivered again, and the state must
// equal Stripe's.
//
// The tests run on Linux only. Without Postgres those that need one are skipped, and fail when CI is "true".
// Environment variables:
//
//	PAYMOUNT_CRASH_ROUNDS   how many rounds each test plays; each has a default that suits CI
//	PAYMOUNT_CRASH_SEED     the seed of the first round, the others' follow; by default it is picked by chance
//	PAYMOUNT_CRASH_LANES    how many rounds of each test are played at once, 3 by default
//	PAYMOUNT_CRASH_STORIES  a folder for what happened in the rounds that failed
//	PAYMOUNT_CRASH_SERVER   a server that is built already
//
// A failure names its seed. It decides what people do and when which accident happens; the processes themselves run as
// they like, so that a rare failure may take some tries to come again:
//
//	PAYMOUNT_CRASH_SEED=7 PAYMOUNT_CRASH_ROUNDS=1 go test -run TestNothingIsLostWhenServersDie ./crash
package crash
