package simulation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// named is what is known of an object of Stripe: a name that is the same in every run, and whose it is or has been.
type named struct {
	name   string
	owners []string
}

// suspect is an object that the store has just been told of.
type suspect struct {
	scope  project.Scope
	object string
}

// name returns what an id is called in the record.
func (w *world) name(id string) string {
	if n := w.names[id]; n != nil {
		return n.name
	}
	if prefix, _, found := strings.Cut(id, "_"); found && len(id) > len(prefix)+10 {
		return prefix + "?"
	}
	return id
}

// meet names an object, when it is new, and notes whose it is.
func (w *world) meet(s *scope, kind, id string, users ...string) {
	where := s.ProjectID + "/" + string(s.Mode)
	n := w.names[id]
	if n == nil {
		w.counts[where+kind]++
		n = &named{name: fmt.Sprintf("%s %d of %s", kind, w.counts[where+kind], where)}
		w.names[id] = n
	}
	for _, user := range users {
		if o := user + "@" + where; user != "" && !slices.Contains(n.owners, o) {
			n.owners = append(n.owners, o)
		}
	}
}

// look checks what has to hold at any moment.
func (w *world) look() {
	w.mu.Lock()
	suspects := w.suspects
	w.suspects = map[suspect]bool{}
	var touched []*scope
	for _, s := range w.scopes {
		if s.touched {
			touched = append(touched, s)
			s.touched = false
			s.changes++
		}
	}
	w.mu.Unlock()
	for s := range suspects {
		w.follow(s)
	}
	for _, s := range touched {
		w.lookAtStripe(s)
	}
	if len(touched)+len(suspects) > 0 {
		w.lookAtGates()
	}
	for s := range suspects {
		w.lookAtStore(s)
	}
}

// holdings count what a user has at Stripe.
type holdings struct{ customers, open, blocking int }

// lookAtStripe checks that Stripe has for each user what is allowed.
func (w *world) lookAtStripe(s *scope) {
	held := map[string]*holdings{}
	for _, o := range w.owners {
		if o.scope == s {
			held[o.user] = &holdings{}
		}
	}
	w.countSales(s, held)
	w.countSubscriptions(s, held)
	for _, i := range s.account.Invoices() {
		w.meet(s, "invoice", i.ID, w.ownersOf(s, i.Customer, i.SubscriptionMetadata)...)
	}
	for _, p := range s.account.PaymentIntents() {
		w.meet(s, "payment", p.ID)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.owners {
		h := held[o.user]
		if o.scope != s {
			continue
		}
		w.stats.Checks += 3
		if h.customers > 1 {
			w.violatedf("a user has one customer", "%s has %d", o, h.customers)
		}
		if h.open > 1 {
			w.violatedf("a user has one open subscription session", "%s has %d", o, h.open)
		}
		if h.blocking > 1 && !o.second {
			w.violatedf("a user is not billed for two subscriptions", "%s has %d", o, h.blocking)
		}
	}
}

// countSales counts the customers that have a session and the open subscription sessions of which an answer has told. A
// process that dies, or a call that arrives after its attempt was given up, can leave others, which nobody can use, and so can
// one that is repeated with the key of another account or after test data were deleted: where nothing of this is so there are
// none.
func (w *world) countSales(s *scope, held map[string]*holdings) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.faultless && s.strangeUntil == 0 && !s.forgetful
	used := map[string]bool{}
	for _, c := range s.account.Sessions() {
		used[c.Customer] = true
	}
	for _, c := range s.account.Customers() {
		w.meet(s, "customer", c.ID, c.Metadata["user_id"])
		if h := held[c.Metadata["user_id"]]; h != nil && !c.Deleted && (used[c.ID] || all) {
			h.customers++
		}
	}
	for _, c := range s.account.Sessions() {
		w.meet(s, "session", c.ID, c.Metadata["user_id"])
		if h := held[c.Metadata["user_id"]]; h != nil && c.Status == "open" && c.Mode == "subscription" &&
			(w.shown[c.ID] || all) {
			h.open++
		}
	}
}

// countSubscriptions counts those that keep their user from another one.
func (w *world) countSubscriptions(s *scope, held map[string]*holdings) {
	for _, c := range s.account.Subscriptions() {
		users := w.buyers(s, c)
		w.meet(s, "subscription", c.ID, users...)
		for _, item := range c.Items {
			w.meet(s, "item", item.ID, users...)
		}
		w.remember(c.ID, s.expected(c))
		for _, user := range users {
			if h := held[user]; h != nil && subscription.Status(c.Status).Blocks() {
				h.blocking++
			}
		}
	}
}

// lookAtGates keeps account of since when the gate has to be closed for whom: all their subscriptions have ended at
// Stripe, and the app has acknowledged the event that says so.
func (w *world) lookAtGates() {
	for _, o := range w.owners {
		if o.Mode != w.entitlement {
			continue
		}
		ended := 0
		open := slices.ContainsFunc(o.account.Subscriptions(), func(s stripetest.Subscription) bool {
			mine := w.has(o, s)
			if mine {
				ended++
			}
			if !w.told(s.ID) {
				return mine || w.hasHad(o, s)
			}
			return mine && !subscription.Status(s.Status).Ended()
		})
		open = open || o.forgetful && w.mayStillHave(o)
		w.mu.Lock()
		switch {
		case open || ended == 0:
			o.closed = time.Time{}
			for _, p := range w.processes {
				delete(p.closed, o)
			}
		case o.closed.IsZero():
			o.closed = time.Now()
		}
		w.mu.Unlock()
	}
}

// mayStillHave reports whether the store has something open of the user that Stripe has forgotten: nobody has told the app.
func (w *world) mayStillHave(o *owner) bool {
	for id, s := range w.stored(o) {
		if _, known := o.account.Subscription(id); !known && !s.Status.Ended() {
			return true
		}
	}
	return false
}

// told reports whether the app has acknowledged every event about a subscription itself.
func (w *world) told(id string) bool {
	if w.lost[id] {
		return false
	}
	return !slices.ContainsFunc(w.stripe.Pending(), func(d *stripetest.Delivery) bool { return about(d, id) })
}

func about(d *stripetest.Delivery, id string) bool {
	return d.Event.ObjectID == id && strings.HasPrefix(d.Event.Type, "customer.subscription.")
}

// past is what a subscription has been at Stripe, one state after the other.
type past struct {
	states []string
	// events tells which state each event has announced, at is the latest state whose event the app has acknowledged.
	events map[string]int
	at     int
}

func (w *world) remember(id string, s subscription.Subscription) {
	p := w.pasts[id]
	if p == nil {
		p = &past{events: map[string]int{}}
		w.pasts[id] = p
	}
	if state := asJSON(s); len(p.states) == 0 || p.states[len(p.states)-1] != state {
		p.states = append(p.states, state)
	}
	for _, d := range w.stripe.Pending() {
		if _, known := p.events[d.Event.ID]; !known && about(d, id) {
			p.events[d.Event.ID] = len(p.states) - 1
		}
	}
}

// lookAtStore checks a subscription that has just been stored, or of which an event has been acknowledged. It never goes
// back to what it was before such an event. Once the app has acknowledged every event it is stored as Stripe has it: also
// while other tasks are still busy with it, since what they saw is no newer.
func (w *world) lookAtStore(s suspect) {
	if !strings.HasPrefix(s.object, "sub_") {
		return
	}
	for _, sc := range w.scopes {
		truth, ok := sc.account.Subscription(s.object)
		if sc.Scope != s.scope || !ok {
			continue
		}
		o, got := w.holder(sc, truth)
		if o != nil {
			w.goesOn(s.object, got)
		}
		if w.told(s.object) {
			w.compareSubscription(sc, truth, o, got)
		}
	}
}

// goesOn checks that a subscription is stored as an event that was acknowledged has announced it, or as it was later. What
// no event has been acknowledged of may still be overtaken by an older state.
func (w *world) goesOn(id string, got subscription.Subscription) {
	got.Owner = subscription.Owner{} // compareSubscription looks at that
	p, state := w.pasts[id], asJSON(withoutNames(got))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	if !slices.Contains(p.states[p.at:], state) {
		w.violatedf("the store never goes back", "%s\n  is stored as          %s\n  after the app knew of %s",
			w.name(id), state, p.states[p.at])
	}
}

// stored returns a user's subscriptions in the store, by id.
func (w *world) stored(o *owner) map[string]subscription.Subscription {
	subs, err := w.store.Subscriptions(context.Background(), o.owner())
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.violatedf("the store works", "Subscriptions: %v", err)
	}
	out := map[string]subscription.Subscription{}
	for _, s := range subs {
		out[s.ID] = s
	}
	return out
}
