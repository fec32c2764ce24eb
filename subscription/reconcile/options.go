package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrRunning says that another run of the same project and mode is under way, here or in another process, or was until
	// it crashed less than five minutes ago. It is no failure: the work is being done.
	ErrRunning = errors.New("reconcile: another run of this project and mode is under way")
	// ErrOwner says that a walk over whole lists which was begun with Options.Owner was interrupted, and only a run with
	// Options.Owner can go on with it: any other would pass over the customers that the hook knows.
	ErrOwner = errors.New("reconcile: the walk under way was begun with Options.Owner, go on with it")
)

// Options are what a run can be told. The zero value is for every day.
type Options struct {
	// Full walks whole lists even where the events since the last run would do. A full walk that was interrupted is gone on
	// with, by any run.
	Full bool
	// CallsPerSecond bounds the calls to Stripe, tries included: 1 or more. Default: 10. Stripe allows an account 25 or 100
	// in all (https://docs.stripe.com/rate-limits), and users are served meanwhile.
	CallsPerSecond float64
	// Owner says whose a customer is that neither the store nor the metadata that checkout writes knows: the user's id, or
	// "" for nobody's. The customer is that user's from then on, and the user's next checkout uses it. It is asked in full
	// walks, for the customers of subscriptions and invoices, concurrently, and again for one that was nobody's. When it
	// fails the object counts as failed. Default: such a customer is nobody's.
	Owner func(ctx context.Context, customer Customer) (userID string, err error)
	// Quiet is for taking in an account that existed before: OnChange is not told of what a full walk brings into the store
	// for the first time. Whatever changes later is told as always. It holds until the walk is done, also when it is
	// interrupted and gone on with.
	Quiet bool
	// Progress is called after each page, with what the run has done so far. An error from it ends the run, which returns it.
	Progress func(ctx context.Context, sofar Result) error
}

// Customer is a Stripe customer, for Options.Owner.
type Customer struct {
	// ID is cus_….
	ID string
	// Email, Name and Metadata are what Stripe has; all empty for a customer that has been deleted.
	Email, Name string
	Metadata    map[string]string
}

// Result is what a run has done.
type Result struct {
	// Full says that the run walked whole lists.
	Full bool
	// List is what the last page was of: subscriptions, invoices, sessions or events.
	List string
	// Pages, Events and Calls count the pages walked, the events on them, and the calls to Stripe, tries included.
	Pages, Events, Calls int
	// Objects counts the objects that were brought into the store or found to be there, Ignored those that are nobody's or
	// no payment yet, and Failed those that could not be brought in: the next run tries them again.
	Objects, Ignored, Failed int
	// Until is the time up to which nothing is missing in the store but the objects that failed; zero when a full walk has
	// still to be gone on with.
	Until time.Time
}

const (
	defaultRate = 10
	minRate     = 1
)

// rate returns the calls per second.
func (o Options) rate() (float64, error) {
	switch {
	case o.CallsPerSecond == 0:
		return defaultRate, nil
	case o.CallsPerSecond >= minRate: // false for NaN
		return o.CallsPerSecond, nil
	}
	return 0, fmt.Errorf("reconcile: Options.CallsPerSecond: %v is less than %d", o.CallsPerSecond, minRate)
}
