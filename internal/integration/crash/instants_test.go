//go:build linux

package crash

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// instant is one in what a server does, counted: a statement, or a call to Stripe.
type instant struct {
	call bool // else a statement
	at   int
	when when
}

func (i instant) String() string {
	if i.call {
		return fmt.Sprintf("%s call %d", i.when, i.at)
	}
	return fmt.Sprintf("%s statement %d", i.when, i.at)
}

// accident is what happens at an instant: the server dies, or only a connection is cut.
type accident struct {
	instant

	kill bool
}

func (a accident) String() string {
	if a.kill {
		return "the server dies " + a.instant.String()
	}
	return "a connection is cut " + a.instant.String()
}

const (
	// lastStatement and lastCall are about how many of each the script takes.
	lastStatement, lastCall = 90, 26
	// perRound is how many accidents happen in one round.
	perRound = 8
)

// accidents lists all of them.
func accidents() []accident {
	var all []accident
	for _, when := range []when{before, after} {
		for _, kill := range []bool{true, false} {
			for at := 1; at <= lastStatement; at++ {
				all = append(all, accident{instant{at: at, when: when}, kill})
			}
			for at := 1; at <= lastCall; at++ {
				all = append(all, accident{instant{call: true, at: at, when: when}, kill})
			}
		}
	}
	return all
}

// TestEveryInstantIsSafe lets person after person do the same, and has an accident happen to the first server at another
// instant each time. Whatever the instant, another server goes on, and it ends the same. The seed is where in the list of
// accidents a round begins.
func TestEveryInstantIsSafe(t *testing.T) {
	t.Parallel()
	all := accidents()
	play(t, 3, func(r round) {
		b, relays := relayed(r.t)
		w := newWorld(r, b)
		w.users = nil
		for n := range uint64(perRound) {
			// 131 has no divisor in common with the number of accidents: those that follow each other are far apart.
			a := all[(r.seed*perRound+n)*131%uint64(len(all))]
			r.t.Log(a)
			p := w.person(fmt.Sprintf("ada-%d", n))
			w.spring(a, relays[0])
			p.script()
			relays[0].arm(nil)
			w.stripe.ClearFaults()
			p.checkScript()
			w.revive()
		}
		w.finish()
	})
}

// spring sets the accident that is to happen to the first server.
func (w *world) spring(a accident, relay *relay) {
	w.t.Helper()
	work := func() {
		w.figures.disturbances.Add(1)
		if a.kill {
			w.replicas[0].kill()
		}
	}
	if !a.call {
		relay.arm(&trap{at: a.at, when: a.when, work: work})
		return
	}
	_, err := w.stripe.Inject(stripetest.Fault{
		Skip: a.at - 1, Acted: a.when == after, Drop: true, OnHit: func(stripetest.Call) { work() },
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// person is one user, who is served by the first server while it lives, and in a second tab by the second one.
type person struct {
	*world

	name string
}

func (w *world) person(name string) person {
	w.users = append(w.users, name)
	return person{w, name}
}

// script is what each person does.
func (p person) script() {
	p.t.Helper()
	monthly := p.mustSell(p.order(nil), "first")
	yearly := p.mustSell(p.order(map[string]any{"price_id": p.yearly.ID}), "")
	if yearly == monthly {
		p.divergef("another plan is sold in the same session %s", monthly)
	}
	p.mustPay(yearly)
	p.courier.deliverAll(p.t.Context())
	p.must(http.StatusOK, http.MethodGet, "/checkout-session/"+yearly, nil, "")
	p.must(http.StatusBadRequest, http.MethodPost, "/checkout-session", p.order(nil), "")
	p.mustPay(p.mustSell(p.order(map[string]any{
		"price_id": p.single.ID, "mode": "payment", "allow_existing_subscription": true,
	}), ""))
	p.courier.deliverAll(p.t.Context())
	p.must(http.StatusOK, http.MethodPost, "/update-subscription", map[string]any{"new_price_id": p.monthly.ID}, "second")
	p.must(http.StatusOK, http.MethodPost, "/cancel-subscription", map[string]any{"cancel_immediately": true}, "")
	p.mustPay(p.mustSell(p.order(nil), ""))
	p.courier.deliverAll(p.t.Context())
}

// must sends a request that has to be answered in one way.
func (p person) must(status int, method, path string, body map[string]any, key string) answer {
	p.t.Helper()
	r := request{user: p.name, method: method, path: base + path, body: body, key: key}
	a := p.send(p.t.Context(), r)
	if a.status == http.StatusConflict && key != "" {
		// The server died with the key: its lock ends after a minute, or in this test at once.
		const unlock = "UPDATE paymount_idempotency_keys SET locked_until = reserved_at"
		if _, err := p.backend.db.ExecContext(p.t.Context(), unlock); err != nil {
			p.t.Fatal(err)
		}
		a = p.send(p.t.Context(), r)
	}
	p.ledger.keep(r, a)
	if a.status != status {
		p.t.Fatalf("seed %d: %s of %s is answered %s, want %d", p.seed, path, p.name, a, status)
	}
	return a
}

func (p person) mustSell(body map[string]any, key string) string {
	p.t.Helper()
	p.figures.checkouts.Add(1)
	return p.must(http.StatusOK, http.MethodPost, "/checkout-session", body, key).field("session_id")
}

// mustPay pays a session that was just answered, so it has to be open.
func (p person) mustPay(session string) {
	p.t.Helper()
	if err := p.stripe.Complete(session); err != nil {
		p.t.Fatalf("seed %d: %s pays %s: %v", p.seed, p.name, session, err)
	}
	p.checkBlocking()
}

// checkScript looks whether the script has ended as it does without an accident.
func (p person) checkScript() {
	p.t.Helper()
	var got []string
	for _, s := range p.stripe.Subscriptions() {
		if s.Metadata["user_id"] == p.name {
			got = append(got, s.Status+" "+s.Items[0].Price)
		}
	}
	want := []string{"canceled " + p.monthly.ID, "active " + p.monthly.ID}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		p.divergef("the script of %s ends with the subscriptions %v, want %v", p.name, got, want)
	}
}
