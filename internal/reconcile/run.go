package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxFailures aborts a run once more objects than this have failed.
	maxFailures = 100
	// saveLimit bounds the last write of a run whose context is done.
	saveLimit = 5 * time.Second
)

// Config is what a run works with. Every field is required.
type Config struct {
	Scope       project.Scope
	Credentials project.Credentials
	Store       subscription.SubscriptionStore
	// Stripe and Refetcher make their calls at Pace.
	Stripe    Stripe
	Refetcher Refetcher
	// AsksOwner says that the Refetcher has an Owner hook, which wants to know more of customers than their ids.
	AsksOwner bool
	Pace      *Pace
	Ends      event.Ends
	Now       func() time.Time
}

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) (subscription.Object, error)
	SavePage(ctx context.Context, t refetch.Target, p refetch.Page) (ignored int, failed map[string]error, err error)
}

// run is a run under way.
type run struct {
	Config

	options subscription.ReconcileOptions
	log     log
	cursor  cursor
	result  subscription.ReconcileResult
}

// Run makes the store equal to Stripe. It is paymount.Service.Reconcile, where it is documented.
func Run(ctx context.Context, c Config, o subscription.ReconcileOptions) (subscription.ReconcileResult, error) {
	r := &run{Config: c, options: o, log: log{store: c.Store, scope: c.Scope}}
	var err error
	if r.cursor, err = r.log.read(ctx); err != nil {
		return r.sofar(), err
	}
	now := c.Now()
	if now.Before(r.cursor.Until) {
		return r.sofar(), subscription.ErrReconcileRunning
	}
	r.cursor.begin(now, o, c.AsksOwner, digest(c.Credentials.SecretKey))
	r.result.Full = r.cursor.Full
	if err := r.save(ctx, r.cursor); err != nil {
		return r.sofar(), err
	}
	err = r.walk(ctx)
	if !errors.Is(err, subscription.ErrReconcileRunning) {
		err = errors.Join(err, r.release(ctx))
	}
	return r.sofar(), err
}

// walk deals with page after page, and in the end once more with what has failed.
func (r *run) walk(ctx context.Context) error {
	for r.cursor.List != "" {
		r.result.List = r.cursor.List
		failed, next, err := r.page(ctx)
		if err != nil {
			return r.explain(err)
		}
		if next, err = passOver(next, failed); err != nil {
			return err
		}
		if err := r.save(ctx, next); err != nil {
			return err
		}
		r.result.Pages++
		if r.options.Progress != nil {
			if err := r.options.Progress(ctx, r.sofar()); err != nil {
				return err
			}
		}
	}
	return r.retry(ctx)
}

// page deals with the next page. It returns the objects that failed, and where to go on. Once ctx is done it fails.
func (r *run) page(ctx context.Context) (failed map[string]error, next cursor, err error) {
	next = r.cursor
	var last string
	var more bool
	switch r.cursor.List {
	case listEvents:
		failed, last, more, err = r.events(ctx)
	case listStored:
		failed, last, more, err = r.stored(ctx)
	default:
		failed, last, more, err = r.objects(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return nil, next, context.Cause(ctx)
	case markGone(err):
		next.After = "" // the object to go on after is gone: the list is walked from its top again
		return nil, next, nil
	case err != nil:
		return nil, next, err
	case more && last == "":
		return nil, next, errors.New("reconcile: Stripe's list goes on after an object without an id")
	}
	next.advance(last, more, r.Now())
	return failed, next, nil
}

// markGone reports whether the object is not there any more after which the list was to go on.
func markGone(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) && e.Kind == stripe.Missing && e.Param == "starting_after"
}

// passOver notes the objects that failed, unless they are too many.
func passOver(c cursor, failed map[string]error) (cursor, error) {
	for _, id := range slices.Sorted(maps.Keys(failed)) {
		c.passOver(id)
	}
	if len(c.Failed) > maxFailures {
		return c, fmt.Errorf("reconcile: more than %d objects failed: %w", maxFailures, join(failed))
	}
	return c, nil
}

// join joins the errors in the order of their ids.
func join(failed map[string]error) error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(failed)) {
		errs = append(errs, failed[id])
	}
	return errors.Join(errs...)
}

// retry tries the objects that have been passed over once more, and returns why those failed that still do.
func (r *run) retry(ctx context.Context) error {
	if len(r.cursor.Failed) == 0 {
		return nil
	}
	next := r.cursor
	next.Failed = nil
	failed := map[string]error{}
	for _, id := range r.cursor.Failed {
		if err := r.refetch(ctx, id); err != nil {
			next.passOver(id)
			failed[id] = fmt.Errorf("%s: %w", id, err)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.result.Objects += len(r.cursor.Failed) - len(next.Failed)
	if err := r.save(ctx, next); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("reconcile: %d objects failed, the next run tries them again: %w", len(failed), join(failed))
	}
	return nil
}

// save keeps how far the run has come, and says that it is alive.
func (r *run) save(ctx context.Context, next cursor) error {
	next.Until = r.Now().Add(lease)
	if err := r.log.write(ctx, next); err != nil {
		return err
	}
	r.cursor = next
	return nil
}

// release lets the next run begin at once, also when ctx is done.
func (r *run) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	next := r.cursor
	next.Until = time.Time{}
	return r.log.write(ctx, next)
}

func (r *run) sofar() subscription.ReconcileResult {
	r.result.Until, r.result.Failed, r.result.Calls = r.cursor.Since, len(r.cursor.Failed), int(r.Pace.calls.Load())
	return r.result
}

func (r *run) target(object string) refetch.Target {
	return refetch.Target{Scope: r.Scope, Credentials: r.Credentials, Object: object}
}

// explain says what to do about a key that Stripe does not take.
func (r *run) explain(err error) error {
	var e *stripe.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return fmt.Errorf("reconcile: Stripe does not accept the key of project %q in %s mode: %w",
			r.Scope.ProjectID, r.Scope.Mode, err)
	case http.StatusForbidden:
		return fmt.Errorf("reconcile: the key of project %q in %s mode may not list %s: %w",
			r.Scope.ProjectID, r.Scope.Mode, r.cursor.List, err)
	}
	return err
}
