//go:build linux

package crash

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// situation is what a slow request of one tab meets: what has happened before in another tab, and what happens there in the
// meantime.
type situation struct {
	name            string
	before, between func(person)
	yearly          bool // what the slow request asks for
}

const (
	// slowStatements and slowCalls are as many of each as a checkout may take.
	slowStatements, slowCalls = 14, 7
	// slowPerRound is how many requests are slow in one round.
	slowPerRound = 6
	// slowLimit is for how long a request is held up at most.
	slowLimit = 4 * time.Second
)

func situations() []situation {
	nothing := func(person) {}
	begins := func(p person) { p.begin() }
	buys := func(p person) { p.buy() }
	ends := func(p person) {
		p.buy()
		p.otherTab(http.MethodPost, "/cancel-subscription", map[string]any{"cancel_immediately": true})
		p.tellSecond()
	}
	return []situation{
		{name: "a newcomer buys", before: nothing, between: buys},
		{name: "a newcomer begins to buy another plan", before: nothing, between: begins, yearly: true},
		{name: "the open session is paid", before: begins, between: buys},
		{name: "the open session, of another plan, is paid", before: begins, between: buys, yearly: true},
		{name: "who has cancelled buys again", before: ends, between: buys},
		{name: "who has cancelled buys another plan", before: ends, between: buys, yearly: true},
		{name: "the open session is paid, and the subscription cancelled", before: begins, between: ends},
	}
}

// holds lists the instants at which a request is held up.
func holds() []instant {
	var all []instant
	for at := 1; at <= slowStatements; at++ {
		all = append(all, instant{at: at, when: during})
	}
	for at := 1; at <= slowCalls; at++ {
		all = append(all, instant{call: true, at: at, when: before}, instant{call: true, at: at, when: after})
	}
	return all
}

// TestASlowRequestBuysNothingTwice holds one request up, at another instant each time, while the same person goes on in
// another tab, which the second server serves. The session that the slow request gets in the end, if any, must not be one
// more to buy with. The seed is where in the list of situations and instants a round begins.
func TestASlowRequestBuysNothingTwice(t *testing.T) {
	t.Parallel()
	all, instants := situations(), holds()
	play(t, 4, func(r round) {
		b, relays := relayed(r.t)
		w := newWorld(r, b)
		w.users = nil
		for n := range uint64(slowPerRound) {
			// 29 has no divisor in common with the number of cases: those that follow each other are far apart.
			number := (r.seed*slowPerRound + n) * 29 % uint64(len(all)*len(instants))
			s, i := all[number%uint64(len(all))], instants[number/uint64(len(all))]
			r.t.Logf("%s %s", s.name, i)
			w.person(fmt.Sprintf("ada-%d", n)).isSlow(s, i, relays[0])
		}
		w.finish()
	})
}

// isSlow checks out, and is held up.
func (p person) isSlow(s situation, i instant, relay *relay) {
	p.t.Helper()
	s.before(p)
	release, held := p.hold(i, relay)
	defer relay.arm(nil)
	defer p.stripe.ClearFaults()
	defer release()
	price := p.monthly.ID
	if s.yearly {
		price = p.yearly.ID
	}
	answered := make(chan answer, 1)
	go func() {
		r := request{
			user: p.name, method: http.MethodPost, path: base + "/checkout-session",
			body: p.order(map[string]any{"price_id": price}),
		}
		a := p.send(p.t.Context(), r)
		p.ledger.keep(r, a)
		answered <- a
	}()
	var a answer
	select {
	case <-held:
		p.figures.disturbances.Add(1)
		s.between(p)
		release()
		a = <-answered
	case a = <-answered: // the request takes no such step
	}
	p.figures.checkouts.Add(1)
	if a.status != http.StatusOK && a.status != http.StatusBadRequest {
		p.divergef("%s %s: the slow request is answered %s", s.name, i, a)
	}
	session, _ := p.stripe.Session(a.field("session_id"))
	if session.Status == "open" && p.blocking()[p.name] > 0 {
		p.divergef("%s %s: who has a subscription is sold another one", s.name, i)
	}
}

// hold lets the first server wait at an instant until release is called, or for so long that others who need it have to
// wait as well; held is closed when it does.
func (w *world) hold(i instant, relay *relay) (release func(), held chan struct{}) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	held = make(chan struct{})
	work := func() {
		close(held)
		pause(ctx, slowLimit)
	}
	if !i.call {
		relay.arm(&trap{at: i.at, when: during, work: work})
		return cancel, held
	}
	_, err := w.stripe.Inject(stripetest.Fault{
		Skip: i.at - 1, Acted: i.when == after, OnHit: func(stripetest.Call) { work() },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return cancel, held
}

// otherTab sends a request of the same person's other tab, to the second server alone.
func (p person) otherTab(method, path string, body map[string]any) answer {
	p.t.Helper()
	r := request{user: p.name, method: method, path: base + path, body: body}
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		a, err := p.once(ctx, p.replicas[1], r)
		if err != nil {
			p.t.Fatalf("seed %d: %s of %s: %v", p.seed, path, p.name, err)
		}
		wait, again := p.comeBack(r, a)
		if !again {
			p.ledger.keep(r, a)
			return a
		}
		pause(ctx, wait)
	}
}

// begin checks out in the other tab.
func (p person) begin() string {
	p.t.Helper()
	a := p.otherTab(http.MethodPost, "/checkout-session", p.order(nil))
	if a.status != http.StatusOK {
		p.t.Fatalf("seed %d: the other tab of %s is answered %s", p.seed, p.name, a)
	}
	return a.field("session_id")
}

// buy checks out and pays in the other tab, and the second server is told. When that takes longer than the slow request is held
// up, that one can put its own session in the place of the other tab's: then the tab begins again.
func (p person) buy() {
	p.t.Helper()
	session := p.begin()
	err := p.stripe.Complete(session)
	for tries := 1; errors.Is(err, stripetest.ErrState) && tries < 3; tries++ {
		session = p.begin()
		err = p.stripe.Complete(session)
	}
	if err != nil {
		p.t.Fatalf("seed %d: %s pays %s: %v", p.seed, p.name, session, err)
	}
	p.checkBlocking()
	p.tellSecond()
}

// tellSecond delivers to the second server alone.
func (w *world) tellSecond() {
	w.t.Helper()
	for _, d := range w.stripe.Pending() {
		if d.URL == w.replicas[1].webhook() {
			w.courier.deliver(w.t.Context(), d)
		}
	}
}

// TestASlowDeliveryOverwritesNothing holds the delivery of an event up, at another instant each time, while what it is about
// changes again, and the second server is told.
func TestASlowDeliveryOverwritesNothing(t *testing.T) {
	t.Parallel()
	play(t, 1, func(r round) {
		b, relays := relayed(r.t)
		w := newWorld(r, b)
		w.users = nil
		for n, i := range holds() {
			p := w.person(fmt.Sprintf("ada-%d", n))
			p.buy()
			w.courier.deliverAll(r.t.Context())
			p.changesTwice(i, relays[0])
		}
		w.finish()
	})
}

// changesTwice changes a subscription, and once more while the first server deals with that.
func (p person) changesTwice(i instant, relay *relay) {
	p.t.Helper()
	subs := p.stripe.Subscriptions()
	id := subs[len(subs)-1].ID
	p.atStripe(p.stripe.SetStatus(id, "past_due"))
	pending := p.stripe.Pending()
	release, held := p.hold(i, relay)
	defer relay.arm(nil)
	defer p.stripe.ClearFaults()
	defer release()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, d := range pending {
			if d.URL == p.replicas[0].webhook() {
				p.courier.deliver(p.t.Context(), d)
			}
		}
	}()
	select {
	case <-held:
		p.figures.disturbances.Add(1)
		p.atStripe(p.stripe.SetStatus(id, "active"))
		p.tellSecond()
		release()
		<-done
	case <-done: // it takes no such step
	}
}
