package simulation

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// run lets the steps happen, brings the world to rest, and looks whether all is as it should be.
func (w *world) run(t *testing.T, steps []step) {
	t.Helper()
	w.t = t
	faults := w.faults
	w.faults = 0
	if w.odds(2, "subscribers") {
		w.sell()
		for _, o := range w.owners {
			w.payAll(o)
		}
		w.settle()
	}
	w.faults = faults
	w.schedule(steps)
	w.faults = 0
	w.returnKeys(math.MaxInt)
	if w.wide {
		w.sleep(5 * tick) // for some seconds a price is taken for unknown that Stripe has not known
	}
	w.arrive()
	w.settle()
	w.sell()
	w.settle()
	if w.violation == nil {
		w.compareAll()
		w.askAll()
	}
	w.end()
}

// arrive lets the payments come in that are on their way: until then nobody with one gets another session.
func (w *world) arrive() {
	for _, o := range w.owners {
		for _, s := range o.account.Sessions() {
			if s.Status == "complete" && s.PaymentStatus == "unpaid" {
				_ = o.account.SucceedDelayed(s.ID) // one that has failed, or was taken back, stays as it is
			}
		}
	}
	w.touchAll()
}

// settle delivers all events, those that Stripe gave up included, until nothing is left to be done.
func (w *world) settle() {
	for round := 0; w.violation == nil; round++ {
		wanting := slices.ContainsFunc(w.scopes, func(s *scope) bool { return s.unseen || s.unfinished })
		if len(w.stripe.Pending()) == 0 && len(w.dropped) == 0 && !wanting {
			return
		}
		if len(w.stripe.Pending()) == 0 {
			w.repair()
		}
		if round == 40 {
			w.mu.Lock()
			w.violatedf("all events are dealt with in the end", "%d deliveries do not come to rest", len(w.stripe.Pending()))
			w.mu.Unlock()
			return
		}
		for i, d := range w.stripe.Pending() {
			w.deliverTo(d, w.processes[i%replicas])
			if i%maxTasks == maxTasks-1 {
				w.schedule(nil)
			}
		}
		w.schedule(nil)
		w.sleep(time.Minute) // what somebody has claimed is free again
	}
}

// repair makes good for the events that Stripe gave up, for test data that were deleted, and for reconciliations that did not end
// well: the app reconciles.
func (w *world) repair() {
	dropped := w.dropped
	w.dropped = nil
	for _, o := range w.owners {
		if o.unseen || o.unfinished || slices.ContainsFunc(dropped, func(d *stripetest.Delivery) bool { return o.receives(d) }) {
			w.reconcileWell(o, subscription.ReconcileOptions{})
			o.unfinished = false
		}
		if o.unseen { // only now: a full walk that was interrupted before the data were deleted would be gone on with
			w.sleep(clocksDiffer)
			w.reconcileWell(o, subscription.ReconcileOptions{Full: true})
			o.unseen = false
		}
	}
	for _, s := range w.scopes {
		s.unseen, s.unfinished = false, false // where there is no owner there is nothing to be found
	}
	clear(w.lost)
}

// clocksDiffer is more than the clocks of two replicas do. A walk looks up what was written before it began, by its own clock.
const clocksDiffer = 5 * time.Minute

// reconcileWell reconciles the user's project and mode where nothing fails.
func (w *world) reconcileWell(o *owner, options subscription.ReconcileOptions) {
	var err error
	for range 4 { // one that was interrupted keeps others away for some minutes
		w.startReconcile(o.Scope, w.processes[0], options, func(e error) { err = e })
		w.schedule(nil)
		if err == nil {
			return
		}
		w.sleep(6 * time.Minute)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violatedf("a reconciliation ends well where nothing fails", "%s: %v", o, err)
}

// reconcile begins a reconciliation of the user's project and mode.
func (w *world) reconcile(o *owner, p *process) string {
	w.mu.Lock()
	o.unfinished = true
	w.mu.Unlock()
	w.startReconcile(o.Scope, p, subscription.ReconcileOptions{}, func(err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		o.unfinished = o.unfinished && err != nil
	})
	return fmt.Sprintf("%s reconciles %s/%s", p, o.ProjectID, o.Mode)
}

func (w *world) startReconcile(s project.Scope, p *process, o subscription.ReconcileOptions, done func(error)) {
	k := &task{process: p, class: fmt.Sprintf("reconciliation at %s", p)}
	o.CallsPerSecond = 1000
	w.start(k, "Reconcile", s.ProjectID+"/"+string(s.Mode), func() {
		_, err := p.service.Reconcile(k.ctx, s, o)
		done(err)
	})
}

// askAll checks that the gate stands as what is stored does, once all is at rest.
func (w *world) askAll() {
	w.sleep(gateAge)
	for i, o := range w.owners {
		if o.Mode != w.entitlement || w.violation != nil {
			continue
		}
		var want int
		subs := slices.Collect(maps.Values(w.stored(o)))
		switch {
		case !slices.ContainsFunc(subs, func(s subscription.Subscription) bool { return !s.Status.Ended() }):
			want = http.StatusPaymentRequired
		case slices.ContainsFunc(subs, func(s subscription.Subscription) bool {
			return s.CancelAt.IsZero() && (s.Status == subscription.StatusActive || s.Status == subscription.StatusTrialing)
		}):
			want = http.StatusNoContent
		default:
			continue // it depends on the time
		}
		k := &task{process: w.processes[i%replicas], class: fmt.Sprintf("gate %d", i)}
		w.start(k, "GET /pro", o.String(), func() {
			out := w.send(k, o, http.MethodGet, "/pro", nil, "")
			w.mu.Lock()
			defer w.mu.Unlock()
			w.stats.Checks++
			if out == nil || out.Code != want {
				w.violatedf("in the end the gate stands as Stripe does", "%s gets no %d", o, want)
			}
		})
		w.schedule(nil)
	}
}

// payAll pays the user's open sessions.
func (w *world) payAll(o *owner) {
	for _, s := range w.sessions(o) {
		_ = o.account.Complete(s.ID) // whoever has been faster has paid
	}
	w.touch(o.scope)
}

// sell checks that nobody is stuck: whoever has no subscription gets a session.
func (w *world) sell() {
	for i, o := range w.owners {
		if w.violation != nil {
			return
		}
		var out *httptest.ResponseRecorder
		k := &task{process: w.processes[i%replicas], class: fmt.Sprintf("sale %d after %d steps", i, w.steps)}
		w.start(k, "POST /checkout-session", o.String(), func() { out = w.buy(k, o) })
		w.schedule(nil)
		want := http.StatusOK
		if w.isHeld(o) { // only now: what is in the way is looked at, and may turn out to be somebody else's
			want = http.StatusBadRequest
		}
		w.mu.Lock()
		w.stats.Checks++
		if out == nil || out.Code != want {
			w.violatedf("nobody is stuck", "%s wants a subscription and gets no %d", o, want)
		}
		w.mu.Unlock()
	}
}

// isHeld reports whether the user has a subscription that keeps them from another one.
func (w *world) isHeld(o *owner) bool {
	return slices.ContainsFunc(w.living(o), func(s stripetest.Subscription) bool {
		holder, _ := w.holder(o.scope, s)
		return subscription.Status(s.Status).Blocks() && holder == o
	})
}

// buy asks for a session, again when an attempt that had failed had to be given up first.
func (w *world) buy(k *task, o *owner) (out *httptest.ResponseRecorder) {
	for range 3 {
		out = w.send(k, o, http.MethodPost, "/checkout-session", map[string]any{
			"price_id": w.sellable(o).ID, "success_url": origin + "/", "cancel_url": origin + "/",
		}, "")
		if out == nil || out.Code != http.StatusServiceUnavailable {
			break
		}
	}
	return out
}

// end lets every task that is left run to its end.
func (w *world) end() {
	for i := range w.processes {
		w.boot(w.t, i, 0)
	}
	for {
		synctest.Wait()
		w.freeKilled()
		w.mu.Lock()
		left := w.tasks
		w.mu.Unlock()
		if left == 0 {
			break
		}
		<-time.After(tick)
	}
	w.stripe.Close()
}

func (w *world) kill(_ *owner, p *process) string {
	w.boot(w.t, p.number, p.version+1)
	return p.String() + " is killed and started again"
}
