package fidelity_test

import (
	"net/http"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

func TestWhatTheFakeAcceptsStripeMockAccepts(t *testing.T) {
	t.Parallel()
	d := describe(t, mainVersion)
	d.discover(t)
	mock := startStripeMock(t)
	calls, operations := map[string]bool{}, map[string]bool{}
	for _, story := range stories() {
		s := openShop(t, d, stripetest.Options{})
		story(s)
		for _, e := range s.said {
			if e.status != http.StatusOK || e.version != "" || calls[e.String()] {
				continue
			}
			calls[e.String()] = true
			operations[e.method+" "+d.template(e.method, e.path)] = true
			if answer := mock.send(e); answer.status != http.StatusOK {
				t.Errorf("%s: the fake accepts it, stripe-mock answers %d: %s", e, answer.status, answer.body)
			}
		}
	}
	for _, operation := range d.modelled {
		if !operations[operation] {
			t.Errorf("%s was never replayed", operation)
		}
	}
	t.Logf("stripe-mock accepts all of the %d different calls of %d operations that the fake accepted", len(calls), len(operations))
}
