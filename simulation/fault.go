package simulation

// What can go wrong at a point.
const (
	storeFails   fault = "the store fails"
	storeLoses   fault = "the store's answer is lost"
	hookFails    fault = "the hook fails"
	clientLeaves fault = "the client leaves"

	stripeLimits    fault = "Stripe answers 429"
	stripeFails     fault = "Stripe answers 500"
	stripeFailsKept fault = "Stripe answers 500 and keeps that for the idempotency key"
	stripeActs500   fault = "Stripe acts and answers 500"
	stripeUnreached fault = "the call does not reach Stripe"
	stripeLost      fault = "Stripe's answer is lost"
)

// fault draws what goes wrong at p. The caller holds the mutex.
func (w *world) fault(p *point) fault {
	if w.faults == 0 || p.task.process.dead || p.begins {
		return ""
	}
	x := w.chance("fault %s", p.key) % 1000
	switch {
	case x < w.faults && len(p.faults) > 0:
		return p.faults[w.chance("which %s", p.key)%uint64(len(p.faults))]
	case x < w.faults+w.faults/4 && !p.after:
		return clientLeaves
	}
	return ""
}

func storeBefore() []fault { return []fault{storeFails} }
func storeAfter() []fault  { return []fault{storeLoses} }

func stripeFaults() []fault {
	return []fault{stripeLimits, stripeFails, stripeFailsKept, stripeActs500, stripeUnreached, stripeLost}
}
