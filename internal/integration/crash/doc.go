// Package crash tests the reference server as it runs in production: real processes, two of them on one database, with a
// fake Stripe that outlives them all. Processes die, databases restart, hang, fail over and run full, each at an instant
// that a seed picks; then everything is started again, what was not acknowledged is delivered again, and the state must
// equal Stripe's.
//
// They take minutes and are run by hand: go test -tags crash ./crash. They run on Linux only. Without Postgres those that need one are skipped, and fail when CI is "true".
// PAYMOUNT_CRASH_ROUNDS says how many rounds each test plays, PAYMOUNT_CRASH_SEED with which seed the first one does; a
// failure names its seed. PAYMOUNT_CRASH_SERVER names a server that is built already.
package crash
