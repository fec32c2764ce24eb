package refetch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/paymount/paymount/internal/parallel"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Page is a page of one of Stripe's lists.
type Page struct {
	// Objects are those that the page has shown, none of them twice.
	Objects []stripe.Listed
	// Again looks at the same page once more.
	Again func(ctx context.Context) ([]stripe.Listed, error)
	// SkipInitial says that the host is not to be notified of the first state of an object.
	SkipInitial bool
}

// pageWorkers is how many objects of a page are dealt with at a time: enough to hide the latency of a database.
const pageWorkers = 8

// SavePage brings the objects of a page into the store, as a refetch of each of them would, with one more look at the page at
// most. A user whom the metadata of an object names has its customer from then on. SavePage returns how many objects were
// nobody's and why others failed, by their ids: errors as Refetch returns them. When the second look fails, nothing of the
// page is brought in and its error is returned; once ctx is done, SavePage leaves some objects out.
//
// Why that is right. A page of a list is a fetch of all objects on it, so it may be saved over what was loaded before it was
// asked for. But nobody knows the ids before the first look. So the objects that the first look has shown are loaded, and
// then the page is looked at again: that look is as good as a fetch of each. An object that it does not show, because the page
// has moved or the object is gone, is fetched by itself, as is one that others have written since it was loaded.
//
// Where the store knows none of the objects, the second look is left out and what the first look has shown is saved, although
// the objects were loaded after it. That is right too, for such a save yields to whatever is there. What the look may have missed
// is a change that came after it. The event of that change leads to a refetch. If that one saves first, this save yields.
// If not, it finds the object known, loads and fetches it after that, and overwrites it. If the event never comes, it is among
// those that Stripe lists since the walk began, which a reconciliation goes through in the end.
//
// Both rest on Stripe's lists being as fresh as its objects are. They are; its search is not
// (https://docs.stripe.com/search#data-freshness).
func (r *Refetcher) SavePage(ctx context.Context, t Target, p Page) (ignored int, failed map[string]error, err error) {
	s := pageSaving{
		refetcher: r, target: t, skipInitial: p.SkipInitial,
		loaded: map[string]subscription.Object{}, failed: map[string]error{},
	}
	parallel.Each(ctx, pageWorkers, p.Objects, func(o stripe.Listed) { s.load(ctx, o.ID()) })
	objects := p.Objects
	if s.known {
		if objects, err = p.Again(ctx); err != nil {
			return 0, nil, err
		}
	}
	parallel.Each(ctx, pageWorkers, objects, func(o stripe.Listed) { s.save(ctx, o) })
	parallel.Each(ctx, pageWorkers, s.unseen(objects), func(id string) { s.refetch(ctx, id) })
	return s.ignored, s.failed, nil
}

// pageSaving is a SavePage under way.
type pageSaving struct {
	refetcher   *Refetcher
	target      Target
	skipInitial bool

	mu      sync.Mutex
	loaded  map[string]subscription.Object
	failed  map[string]error
	ignored int
	known   bool // the store knows one of the objects
}

func (s *pageSaving) load(ctx context.Context, id string) {
	t := s.target
	t.Object = id
	loaded, err := s.refetcher.load(ctx, t, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed[id] = fmt.Errorf("%s: %w", id, err)
		return
	}
	s.loaded[id] = loaded.Object
	s.known = s.known || loaded.Version > 0
}

func (s *pageSaving) save(ctx context.Context, o stripe.Listed) {
	t := s.target
	t.Object = o.ID()
	s.mu.Lock()
	old, loaded := s.loaded[t.Object]
	s.mu.Unlock()
	if !loaded {
		return // it has come onto the page since: it is on the next one as well, or it is new and has an event
	}
	seen, err := s.refetcher.listed(ctx, t, o)
	if err != nil {
		s.done(t.Object, subscription.Object{}, err)
		return
	}
	stored, saved, err := s.refetcher.save(ctx, saving{target: t, old: old, seen: seen, skipInitial: s.skipInitial})
	if err == nil && !saved {
		stored, err = s.refetcher.Refetch(ctx, t)
	}
	s.done(t.Object, stored, err)
}

// listed is fetch for an object that a list has shown.
func (r *Refetcher) listed(ctx context.Context, t Target, o stripe.Listed) (s seen, err error) {
	n := naming{customer: o.Customer, adopt: true}
	switch {
	case o.Subscription != nil:
		s.subscription, err = r.ownSubscription(ctx, t, *o.Subscription, n)
	case o.Invoice != nil:
		s.payment, err = r.ownInvoice(ctx, t, *o.Invoice, n)
	case o.PaymentIntent == nil:
	case subscription.OwnerIn(o.PaymentIntent.Metadata, t.Scope) == "": // the host made the session itself: see paidFor
		s.payment = paymentOf(*o.PaymentIntent, subscription.Owner{Scope: t.Scope})
	default:
		s.payment, err = r.ownPayment(ctx, t, *o.PaymentIntent, n)
	}
	return s, err
}

// unseen returns the objects that were loaded but are not among those that were seen.
func (s *pageSaving) unseen(objects []stripe.Listed) []string {
	seen := map[string]bool{}
	for _, o := range objects {
		seen[o.ID()] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.loaded)), func(id string) bool { return seen[id] })
}

func (s *pageSaving) refetch(ctx context.Context, id string) {
	t := s.target
	t.Object = id
	if _, err := s.refetcher.Refetch(ctx, t); err != nil {
		s.done(id, subscription.Object{}, err)
	}
}

// done notes how an object is stored, or why it failed.
func (s *pageSaving) done(id string, stored subscription.Object, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.failed[id] = fmt.Errorf("%s: %w", id, err)
	case stored.Owner().ID == "":
		s.ignored++
	}
}
