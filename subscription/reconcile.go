package subscription

import (
	"context"
	"errors"
	"time"
)

// ErrReconcileRunning says that another run of the same project and mode is under way, here or in another process, or was until
// it crashed less than five minutes ago. It is no failure: the work is being done.
var ErrReconcileRunning = errors.New("subscription: another run of this project and mode is under way")

// ReconcileOptions are the choices of a run. The zero value is for every day.
type ReconcileOptions struct {
	// Full walks whole lists even where the events since the last run would do. Any later run resumes a full walk that was
	// interrupted.
	Full bool
	// CallsPerSecond bounds the calls to Stripe, tries included: 1 or more. Default: 10. Stripe allows an account 25 or 100
	// in all (https://docs.stripe.com/rate-limits), and users are served meanwhile.
	CallsPerSecond float64
	// SkipInitial is for taking in an account that existed before: OnChange is not notified of what a full walk brings into the
	// store for the first time. It is notified of all later changes. It holds until the walk is done, also when a later run
	// resumes it.
	SkipInitial bool
	// Progress is called after each page, with what the run has done so far. An error from it ends the run, which returns it.
	Progress func(ctx context.Context, sofar ReconcileResult) error
}

// ReconcileResult is what a run has done.
type ReconcileResult struct {
	// Full says that the run walked whole lists.
	Full bool
	// List is what the last page was of: subscriptions, stored (those of the store that Stripe's list did not show), invoices,
	// sessions or events.
	List string
	// Pages, Events and Calls count the pages walked, the events on them, and the calls to Stripe, tries included.
	Pages, Events, Calls int
	// Objects counts the objects that were brought into the store or found to be there, Ignored those that are nobody's or
	// no payment yet, and Failed those that could not be brought in: the next run tries them again.
	Objects, Ignored, Failed int
	// Missing are the ids of subscriptions that are open in the store and that Stripe does not know. Only a run that walks whole
	// lists in live mode finds any: Stripe forgets nothing there, so the key must be one of another account, and they are left
	// as they are. After 100 of them the run ends with an error.
	Missing []string
	// Until is the time up to which nothing is missing in the store but the objects that failed; zero while a full walk is not
	// done.
	Until time.Time
}

// ErrMissingInLive says that Stripe does not know an object in live mode. It forgets nothing there, so the key must be one of
// another account, and the object is left as it is.
var ErrMissingInLive = errors.New(
	"subscription: Stripe does not know this object, in live mode: is the key one of another account?")
