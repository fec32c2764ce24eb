package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/paymount/paymount/internal/parallel"
	"github.com/paymount/paymount/subscription"
)

// storedPage is how many subscriptions of the store are looked at before the cursor is kept.
const storedPage = 100

// stored looks up those subscriptions that are open in the store but were on no page of the walk: because they are gone, or
// because Stripe's lists do not show them, as those on test clocks. In test mode those that are gone end. In live mode
// Stripe forgets nothing: then the key must be one of another account, and they are left as they are.
func (r *run) stored(ctx context.Context) (failed map[string]error, last string, more bool, err error) {
	lister, ok := r.Store.(subscription.OpenLister)
	if !ok {
		return nil, "", false, nil
	}
	subs, err := lister.OpenSubscriptions(ctx, r.Scope, r.cursor.Began, r.cursor.After, storedPage)
	if err != nil || len(subs) == 0 {
		return nil, "", false, err
	}
	var failures failures
	var mu sync.Mutex
	var missing []string
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	parallel.Each(work, atOnce, subs, func(s subscription.Subscription) {
		switch err := r.refetch(work, s.ID); {
		case err == nil:
		case errors.Is(err, subscription.ErrMissingInLive):
			mu.Lock()
			defer mu.Unlock()
			missing = append(missing, s.ID)
		case hopeless(err):
			stop(err)
		default:
			failures.add(s.ID, err)
		}
	})
	if work.Err() != nil {
		return nil, "", false, context.Cause(work)
	}
	r.result.Missing = append(r.result.Missing, missing...)
	if len(r.result.Missing) > maxFailures {
		return nil, "", false, fmt.Errorf("reconcile: Stripe does not know more than %d open subscriptions of project %q: %w",
			maxFailures, r.Scope.ProjectID, subscription.ErrMissingInLive)
	}
	r.result.Objects += len(subs) - len(failures.all) - len(missing)
	return failures.all, subs[len(subs)-1].ID, len(subs) == storedPage, nil
}
