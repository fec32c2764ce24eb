package simulation

import (
	"fmt"
	"math/rand/v2"

	"github.com/paymount/paymount/stripetest"
)

// step is one thing that somebody does.
type step struct {
	index  int
	action action
}

// action begins what happens in a step, and says it in words.
type action struct {
	weight uint64
	begin  func(w *world, o *owner, p *process) string
}

// actions are all that can happen, by how often.
func actions() []action {
	return []action{
		{12, (*world).checkOut},
		{3, (*world).buyOnce},
		{12, (*world).pay},
		{2, (*world).abandon},
		{2, (*world).decline},
		{2, (*world).payDelayed},
		{14, (*world).deliver},
		{6, (*world).deliverAll},
		{4, (*world).deliverTwice},
		{2, (*world).deliverAgain},
		{1, (*world).dropDelivery},
		{5, (*world).change},
		{7, (*world).twist},
		{3, (*world).lastDay},
		{3, (*world).cancel},
		{2, (*world).resume},
		{3, (*world).update},
		{3, (*world).comeBack},
		{2, (*world).readOwn},
		{4, (*world).askGate},
		{2, (*world).refund},
		{1, (*world).deleteCustomer},
		{5, (*world).waitShortly},
		{2, (*world).waitLong},
		{3, (*world).kill},
		{2, (*world).reconcile},
	}
}

// plan draws the steps of a world.
func plan(seed uint64, n int) []step {
	random := rand.New(rand.NewPCG(seed, 1)) // #nosec G404 -- chance that can be repeated
	all := actions()
	var out []step
	for i := range n {
		out = append(out, step{index: i, action: choose(all, random.Uint64N(total(all)))})
	}
	return out
}

func total(all []action) (sum uint64) {
	for _, a := range all {
		sum += a.weight
	}
	return sum
}

// choose returns the action that a random number stands for.
func choose(all []action, x uint64) action {
	x %= total(all)
	for _, a := range all {
		if x < a.weight {
			return a
		}
		x -= a.weight
	}
	return all[0]
}

// act begins a step. What it picks depends on the seed, the step's number and the state of the world alone.
func (w *world) act(s step) {
	w.steps++
	w.stats.Steps++
	w.random = rand.New(rand.NewPCG(w.seed, uint64(s.index)+1000)) // #nosec G404 G115 -- chance that can be repeated
	w.step = s.index
	o := pick(w.random, w.owners)
	p := pick(w.random, w.processes[:])
	w.returnKeys(s.index)
	words := w.actionOf(s).begin(w, o, p)
	if words == "" {
		return // there was nothing to do it with
	}
	w.trace.add(fmt.Sprintf("STEP %d: %s", s.index, words))
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// oneOf picks from what may be empty.
func oneOf[T any](random *rand.Rand, list []T) (T, bool) {
	if len(list) == 0 {
		var zero T
		return zero, false
	}
	return pick(random, list), true
}

// keep returns those for which wanted holds.
func keep[T any](list []T, wanted func(T) bool) []T {
	var out []T
	for _, v := range list {
		if wanted(v) {
			out = append(out, v)
		}
	}
	return out
}

// sessions are a user's open checkout sessions of which an answer has told.
func (w *world) sessions(o *owner) []stripetest.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return keep(o.account.Sessions(), func(s stripetest.Session) bool {
		return s.Status == "open" && s.Metadata["user_id"] == o.user && w.shown[s.ID]
	})
}

// living are a user's subscriptions at Stripe that have not ended.
func (w *world) living(o *owner) []stripetest.Subscription {
	return keep(o.account.Subscriptions(), func(s stripetest.Subscription) bool {
		return w.has(o, s) && s.EndedAt == 0 && s.Status != "canceled" && s.Status != "incomplete_expired"
	})
}

// done takes a refusal by Stripe's rules as it is.
func done(words string, err error) string {
	if err != nil {
		return words + " (Stripe refuses)"
	}
	return words
}
