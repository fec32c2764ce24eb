package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/parallel"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/sleep"
	"github.com/paymount/paymount/internal/stripe"
)

// atOnce is how many objects of a page are dealt with at a time: enough to hide the latency of a database.
const atOnce = 8

// failures collects why objects failed, by their ids.
type failures struct {
	mu  sync.Mutex
	all map[string]error
}

func (f *failures) add(id string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[string]error{}
	}
	f.all[id] = fmt.Errorf("%s: %w", id, err)
}

// objects brings a page of a list into the store.
func (r *run) objects(ctx context.Context) (failed map[string]error, last string, more bool, err error) {
	page, err := r.list(ctx)
	if err != nil {
		return nil, "", false, err
	}
	ignored, failed, err := r.Refetcher.SavePage(ctx, r.target(""), refetch.Page{
		Objects: page.Rows, SkipInitial: r.cursor.SkipInitial, Again: func(ctx context.Context) ([]stripe.Listed, error) {
			page, err := r.list(ctx)
			return page.Rows, err
		},
	})
	if err != nil {
		return nil, "", false, err
	}
	r.result.Objects += len(page.Rows) - ignored - len(failed)
	r.result.Ignored += ignored
	return failed, page.Last, page.More, nil
}

// list asks Stripe for the page that is next.
func (r *run) list(ctx context.Context) (page stripe.Page, err error) {
	q := stripe.Query{CreatedUntil: r.cursor.Began, After: r.cursor.After, Customers: r.AsksOwner}
	lists := map[string]func() (stripe.Page, error){
		listSubscriptions: func() (stripe.Page, error) { return r.Stripe.ListSubscriptions(ctx, r.Credentials, q) },
		listInvoices:      func() (stripe.Page, error) { return r.Stripe.ListInvoices(ctx, r.Credentials, q) },
		listPayments:      func() (stripe.Page, error) { return r.Stripe.ListPayments(ctx, r.Credentials, q) },
	}
	err = patiently(ctx, func() (err error) {
		page, err = lists[r.cursor.List]()
		return err
	})
	return page, err
}

// events deals with a page of events as with deliveries: those that have been dealt with cost no call.
func (r *run) events(ctx context.Context) (failed map[string]error, last string, more bool, err error) {
	var page stripe.EventPage
	err = patiently(ctx, func() (err error) {
		page, err = r.Stripe.ListEvents(ctx, r.Credentials, r.cursor.Since, r.cursor.After)
		return err
	})
	if err != nil {
		return nil, "", false, err
	}
	events := event.ReadBatch(page.Events)
	changed := events.Changed()
	var failures failures
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	parallel.Each(work, atOnce, changed, func(c event.Changed) {
		err := r.refetch(work, c.Object, c.Events...)
		switch {
		case err == nil:
		case hopeless(err):
			stop(err)
		default:
			failures.add(c.Object, err)
		}
	})
	if work.Err() != nil {
		return nil, "", false, context.Cause(work)
	}
	if err := events.Conclude(ctx, r.Ends, r.Scope, failures.all); err != nil {
		return nil, "", false, err
	}
	r.result.Events += len(page.Events)
	r.result.Objects += len(changed) - len(failures.all)
	return failures.all, page.Last, page.More, nil
}

func (r *run) refetch(ctx context.Context, object string, events ...string) error {
	return patiently(ctx, func() error {
		_, err := r.Refetcher.Refetch(ctx, r.target(object), events...)
		return err
	})
}

// hopeless reports whether err is no matter of one object: Stripe is away, or does not take the key.
func hopeless(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) &&
		(e.Kind == stripe.Unreachable || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

const (
	// waits is how often a call waits because of Stripe's rate limit, and firstWait for how long, unless Stripe says; it
	// doubles each time.
	waits     = 6
	firstWait = time.Second
)

// patiently repeats work while Stripe says that there are too many calls: users come first.
func patiently(ctx context.Context, work func() error) error {
	for try := 0; ; try++ {
		err := work()
		if try == waits || !stripe.Is(err, stripe.RateLimited) {
			return err
		}
		wait := firstWait << try
		if e := (*stripe.Error)(nil); errors.As(err, &e) {
			wait = max(wait, e.RetryAfter)
		}
		if err := sleep.For(ctx, wait); err != nil {
			return err
		}
	}
}
