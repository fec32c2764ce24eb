package simulation

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// change does to one of the user's subscriptions what the dashboard, the portal and the bank can do.
func (w *world) change(o *owner, _ *process) string {
	s, ok := oneOf(w.random, w.living(o))
	if !ok {
		return ""
	}
	w.touch(o.scope)
	a, name := o.account, w.name(s.ID)
	switch w.random.IntN(12) {
	case 0:
		return done("dashboard: cancel "+name, a.CancelSubscription(s.ID))
	case 1, 2:
		return done("dashboard: cancel "+name+" at its period's end", a.ScheduleCancel(s.ID, true))
	case 3:
		return done("dashboard: do not cancel "+name, errors.Join(a.ScheduleCancel(s.ID, false), a.ScheduleCancelAt(s.ID, time.Time{})))
	case 4:
		return done("portal: cancel "+name+" in 3 days", a.ScheduleCancelAt(s.ID, time.Now().Add(72*time.Hour)))
	case 5:
		return done("dashboard: pause the collection of "+name, a.PauseCollection(s.ID, pick(w.random, []string{"void", ""})))
	case 6:
		fails := w.random.IntN(2) == 0
		return done(fmt.Sprintf("bank: the card of %s fails: %v", o, fails), a.SetCardFails(s.Customer, fails))
	}
	if !subscription.Status(s.Status).Blocks() {
		return ""
	}
	if w.random.IntN(3) == 0 {
		return w.changePlan(o, s)
	}
	status := pick(w.random, []string{"active", "past_due", "unpaid"})
	return done("dashboard: "+name+" is "+status, a.SetStatus(s.ID, status))
}

// changePlan changes price and quantity as the portal would.
func (w *world) changePlan(o *owner, s stripetest.Subscription) string {
	price := pick(w.random, o.plans)
	form := url.Values{
		"items[0][id]": {s.Items[0].ID}, "items[0][price]": {price.ID}, "items[0][quantity]": {strconv.Itoa(1 + w.random.IntN(3))},
	}
	quantity := form.Get("items[0][quantity]")
	if price.Metered {
		form.Del("items[0][quantity]")
	}
	return fmt.Sprintf("portal: change %s to %s: %d", w.name(s.ID), quantity, w.post(o.scope, "/v1/subscriptions/"+s.ID, form))
}

func (w *world) refund(o *owner, _ *process) string {
	paid := keep(o.account.PaymentIntents(), func(p stripetest.PaymentIntent) bool { return p.Status == "succeeded" })
	p, ok := oneOf(w.random, paid)
	if !ok {
		return ""
	}
	w.touch(o.scope)
	if w.random.IntN(4) == 0 {
		_, err := o.account.Dispute(p.ID)
		return done("bank: dispute "+w.name(p.ID), err)
	}
	_, err := o.account.Refund(p.ID, []int64{0, 100}[w.random.IntN(2)])
	return done("dashboard: refund "+w.name(p.ID), err)
}

func (w *world) deleteCustomer(o *owner, _ *process) string {
	mine := keep(o.account.Customers(), func(c stripetest.Customer) bool { return !c.Deleted && c.Metadata["user_id"] == o.user })
	c, ok := oneOf(w.random, mine)
	if !ok {
		return ""
	}
	w.touch(o.scope)
	return done("dashboard: delete "+w.name(c.ID), o.account.DeleteCustomer(c.ID))
}

// deliverTo begins one delivery to a replica.
func (w *world) deliverTo(d *stripetest.Delivery, p *process) string {
	words := fmt.Sprintf("Stripe delivers %s of %s to %s", d.Event.Type, w.name(d.Event.ObjectID), p)
	// Only the replica is part of the class: which of two deliveries leads a refetch that both need makes no difference.
	k := &task{process: p, class: "delivery to " + p.String()}
	k.alone = strings.HasPrefix(d.Event.Type, "invoice.") || d.Event.Type == "customer.deleted"
	w.start(k, d.Event.Type, d.Event.ObjectID, func() { w.bring(k, d) })
	return words
}

// bring makes a delivery in a task.
func (w *world) bring(k *task, d *stripetest.Delivery) {
	status, err := w.stripe.Deliver(k.ctx, d)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && status == http.StatusOK {
		w.acknowledged(k, d)
	}
}

// acknowledged takes note that the app has dealt with an event. The caller holds the mutex.
func (w *world) acknowledged(k *task, d *stripetest.Delivery) {
	for _, o := range w.owners {
		if !o.receives(d) {
			continue
		}
		w.suspects[suspect{o.Scope, d.Event.ObjectID}] = true
		if w.mentions(o, append(k.ended, d.Event.ObjectID)) {
			k.process.closed[o] = true // until lookAtGates finds a subscription that has not ended
		}
	}
	if p := w.pasts[d.Event.ObjectID]; p != nil {
		p.at = max(p.at, p.events[d.Event.ID])
	}
	w.arrived = append(w.arrived, d)
}

// mentions reports whether one of the objects is a subscription of the user. The caller holds the mutex.
func (w *world) mentions(o *owner, objects []string) bool {
	return slices.ContainsFunc(objects, func(id string) bool {
		n := w.names[id]
		return n != nil && slices.Contains(n.owners, o.String()) && strings.HasPrefix(id, "sub_")
	})
}

// receives reports whether a delivery is one to the scope's endpoint.
func (s *scope) receives(d *stripetest.Delivery) bool {
	return strings.HasSuffix(d.URL, "/"+s.ProjectID+"/"+string(s.Mode))
}

func (w *world) deliver(_ *owner, p *process) string {
	d, ok := oneOf(w.random, w.stripe.Pending())
	if !ok {
		return ""
	}
	return w.deliverTo(d, p)
}

// deliverAll delivers several events at once.
func (w *world) deliverAll(_ *owner, p *process) string {
	pending := w.stripe.Pending()
	w.random.Shuffle(len(pending), func(i, j int) { pending[i], pending[j] = pending[j], pending[i] })
	var words []string
	for _, d := range pending[:min(len(pending), 5)] {
		words = append(words, w.deliverTo(d, p))
		p = pick(w.random, w.processes[:])
	}
	return strings.Join(words, "; ")
}

// deliverTwice delivers an event to two replicas at once.
func (w *world) deliverTwice(_ *owner, _ *process) string {
	d, ok := oneOf(w.random, w.stripe.Pending())
	if !ok {
		return ""
	}
	return w.deliverTo(d, w.processes[0]) + "; " + w.deliverTo(d, w.processes[1])
}

// deliverAgain delivers an event that was acknowledged before.
func (w *world) deliverAgain(_ *owner, p *process) string {
	w.mu.Lock()
	delivered := w.delivered
	w.mu.Unlock()
	d, ok := oneOf(w.random, delivered)
	if !ok {
		return ""
	}
	return "once more: " + w.deliverTo(d, p)
}

func (w *world) dropDelivery(_ *owner, _ *process) string {
	d, ok := oneOf(w.random, w.stripe.Pending())
	if !ok {
		return ""
	}
	w.lost[d.Event.ObjectID] = true
	w.dropped = append(w.dropped, d)
	w.stripe.Drop(d)
	return fmt.Sprintf("Stripe gives up %s of %s", d.Event.Type, w.name(d.Event.ObjectID))
}

// twist changes a subscription and lets one replica learn of it, while it changes again and another replica learns of that.
func (w *world) twist(o *owner, p *process) string {
	living := keep(w.living(o), func(s stripetest.Subscription) bool { return subscription.Status(s.Status).Blocks() })
	s, ok := oneOf(w.random, living)
	if !ok {
		return ""
	}
	set := func(status string) []*stripetest.Delivery {
		err := o.account.SetStatus(s.ID, status)
		w.touch(o.scope)
		if err != nil {
			return nil // it has ended meanwhile
		}
		return keep(w.stripe.Pending(), func(d *stripetest.Delivery) bool { return about(d, s.ID) })
	}
	words := "dashboard: " + w.name(s.ID) + " is past_due, and soon active; "
	if events := set("past_due"); len(events) > 0 {
		words += w.deliverTo(events[len(events)-1], p)
	}
	k := &task{process: w.processes[1-p.number], class: fmt.Sprintf("step %d", w.step)}
	w.start(k, "change again", s.ID, func() {
		if events := set("active"); len(events) > 0 {
			w.bring(k, events[len(events)-1])
		}
	})
	return words
}

// lastDay ends a subscription, and lets the user ask for what it opened before and after the replica has learnt of that.
func (w *world) lastDay(o *owner, p *process) string {
	s, ok := oneOf(w.random, w.living(o))
	if !ok || o.account.CancelSubscription(s.ID) != nil {
		return ""
	}
	w.touch(o.scope)
	words := w.askGate(o, p)
	events := keep(w.stripe.Pending(), func(d *stripetest.Delivery) bool { return about(d, s.ID) })
	if len(events) == 0 {
		return words
	}
	k := w.user(p)
	w.start(k, "learn of the end", s.ID, func() {
		for _, d := range events {
			w.bring(k, d)
			if _, err := k.stop(k.ctx, point{what: "next event", about: s.ID}); err != nil {
				return
			}
		}
		if _, err := k.stop(k.ctx, point{what: "asks again", about: o.String()}); err == nil {
			w.gate(k, o)
		}
	})
	return words + " while the dashboard cancels " + w.name(s.ID) + ", and again when the replica knows"
}

func (w *world) waitShortly(*owner, *process) string {
	d := time.Duration(1+w.random.IntN(20)) * tick
	w.sleep(d)
	return fmt.Sprintf("%s pass", d)
}

func (w *world) waitLong(*owner, *process) string {
	d := pick(w.random, []time.Duration{time.Hour, 12 * time.Hour, 25 * time.Hour, 8 * 24 * time.Hour, 35 * 24 * time.Hour})
	w.sleep(d)
	return fmt.Sprintf("%s pass", d)
}
