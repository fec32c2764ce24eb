package refetch

import (
	"context"
	"fmt"
	"sync"

	"github.com/paymount/paymount/internal/parallel"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Listing is what was seen of a page of one of Stripe's lists.
type Listing struct {
	// Objects are those that are to be brought into the store, none of them twice.
	Objects []stripe.Listed
	// Again looks at the same page once more.
	Again func(ctx context.Context) ([]stripe.Listed, error)
	// Backfill says that the host is not to be told of the first state of an object.
	Backfill bool
}

// listedAtOnce is how many objects of a page are dealt with at a time: enough to hide the latency of a database.
const listedAtOnce = 8

// Take brings the objects of a page into the store, as a refetch of each of them would, with one more look at the page at
// most. A user whom the metadata of an object names has its customer from then on. Take returns how many objects were
// nobody's and why others failed, by their ids: errors as Refetch returns them. When the second look fails, nothing of the
// page is brought in and its error is returned; once ctx is done, Take leaves some objects out.
//
// Why that is right. A page of a list is a fetch of all objects on it, so what it shows may be applied with tickets that
// were drawn before it was asked for. But nobody knows the ids before the first look. So tickets are drawn for the objects
// that the first look has shown, and then the page is looked at again: what that look shows of an object is no older than
// its ticket, as after any fetch. An object that it does not show, because the page has moved or the object is gone, is
// fetched by itself.
//
// Where every ticket is the first one of its object, the second look is left out and what the first look has shown is
// applied, although it is older than the tickets. That is right too, for what it may have missed is a change that came
// after it. The event of that change draws a ticket of its own: not before ours, for ours was the first; so it draws a later
// one, fetches the object after that, and wins. If the event never comes, it is among those that Stripe lists since the
// walk began, which a reconciliation goes through in the end.
//
// Both rest on Stripe's lists being as fresh as its objects are. They are; its search is not
// (https://docs.stripe.com/search#data-freshness).
func (r *Refetcher) Take(ctx context.Context, t Target, l Listing) (ignored int, failed map[string]error, err error) {
	p := taking{refetcher: r, target: t, backfill: l.Backfill, tickets: map[string]int64{}, failed: map[string]error{}}
	parallel.Each(ctx, listedAtOnce, l.Objects, func(o stripe.Listed) { p.draw(ctx, o.ID()) })
	objects := l.Objects
	if p.known {
		if objects, err = l.Again(ctx); err != nil {
			return 0, nil, err
		}
	}
	parallel.Each(ctx, listedAtOnce, objects, func(o stripe.Listed) { p.apply(ctx, o) })
	parallel.Each(ctx, listedAtOnce, p.unseen(objects), func(id string) { p.refetch(ctx, id) })
	return p.ignored, p.failed, nil
}

// taking is a Take under way.
type taking struct {
	refetcher *Refetcher
	target    Target
	backfill  bool

	mu      sync.Mutex
	tickets map[string]int64
	failed  map[string]error
	ignored int
	known   bool // a ticket had been drawn before for one of the objects
}

func (p *taking) draw(ctx context.Context, id string) {
	ticket, err := p.refetcher.config.Store.Draw(ctx, p.target.Scope, id, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.failed[id] = fmt.Errorf("%s: %w", id, err)
		return
	}
	p.tickets[id] = ticket
	p.known = p.known || ticket > 1
}

func (p *taking) apply(ctx context.Context, o stripe.Listed) {
	t := p.target
	t.Object = o.ID()
	p.mu.Lock()
	ticket, drawn := p.tickets[t.Object]
	p.mu.Unlock()
	if !drawn {
		return // it has come onto the page since: it is on the next one as well, or it is new and has an event
	}
	ours := false
	snapshot, err := p.refetcher.listed(ctx, t, o)
	if err == nil {
		snapshot.Object, snapshot.Ticket, snapshot.Backfill = t.Object, ticket, p.backfill
		ours, err = p.refetcher.apply(ctx, t, snapshot)
	}
	p.done(t.Object, err)
	if err == nil && !ours {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ignored++
	}
}

// listed is fetch for an object that a list has shown.
func (r *Refetcher) listed(ctx context.Context, t Target, o stripe.Listed) (snapshot subscription.Snapshot, err error) {
	n := naming{customer: o.Customer, adopt: true}
	switch {
	case o.Subscription != nil:
		snapshot.Subscription, err = r.ownSubscription(ctx, t, *o.Subscription, n)
	case o.Invoice != nil:
		snapshot.Payment, err = r.ownInvoice(ctx, t, *o.Invoice, n)
	case o.PaymentIntent == nil:
	case UserIn(o.PaymentIntent.Metadata, t.Scope) == "": // the host made the session itself: see paidFor
		snapshot.Payment = paymentOf(*o.PaymentIntent, subscription.Owner{Scope: t.Scope})
	default:
		snapshot.Payment, err = r.ownPayment(ctx, t, *o.PaymentIntent, n)
	}
	return snapshot, err
}

// unseen returns the objects with a ticket that are not among those that were seen.
func (p *taking) unseen(objects []stripe.Listed) []string {
	seen := map[string]bool{}
	for _, o := range objects {
		seen[o.ID()] = true
	}
	var ids []string
	for id := range p.tickets {
		if !seen[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *taking) refetch(ctx context.Context, id string) {
	t := p.target
	t.Object = id
	p.done(id, p.refetcher.Refetch(ctx, t))
}

func (p *taking) done(id string, err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed[id] = fmt.Errorf("%s: %w", id, err)
}
