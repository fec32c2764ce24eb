package stripetest

import (
	"context"
	"fmt"
	"slices"
)

// Hold stops automatic webhook deliveries. Events collect in [Server.Pending], from where a test delivers them in any
// order, drops them or delivers them twice, until [Server.Release]. A try that is under way ends normally.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
	s.broadcast()
}

// Release goes back to automatic deliveries, starting with what is pending.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = false
	s.wakeAll()
	s.broadcast()
}

func (s *Server) wakeAll() {
	for _, a := range s.accounts {
		for _, endpoint := range a.endpoints {
			endpoint.wake()
		}
	}
}

// SetPolicy lets a function decide about every new automatic delivery: drop it, delay it, repeat it. It is called
// without locks, from several goroutines when there are several endpoints. nil goes back to normal.
func (s *Server) SetPolicy(policy func(Delivery) Fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy = policy
}

// Pending returns the deliveries that have not arrived and are not given up, in the order of their events.
func (s *Server) Pending() []*Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queue)
}

// Deliver sends a delivery once, now, and returns the status of the answer. It works in every mode and for deliveries
// that have arrived before, which makes a duplicate. A delivery that is answered with 2xx is no longer pending. The
// error says why there was no answer.
func (s *Server) Deliver(ctx context.Context, d *Delivery) (status int, err error) {
	status, err = s.send(ctx, d)
	if confirmed(status) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.confirm(d)
	}
	return status, err
}

// Drop forgets a pending delivery: Stripe gave it up.
func (s *Server) Drop(d *Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dequeue(d)
}

// Resend queues an event once more for every endpoint of its account that wants it, as "stripe events resend" does. It
// fails with [ErrNotFound].
func (a *Account) Resend(eventID string) error {
	defer a.lock()()
	e, ok := find[*Event](a, eventID)
	if !ok {
		return notFound("event", eventID)
	}
	a.enqueue(e)
	return nil
}

// Attempts returns every webhook try so far, in the order in which they ended.
func (s *Server) Attempts() []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.attempts)
}

// Settle waits until no webhook delivery is under way or waiting for a try, so that a test needs no sleep. Deliveries
// that are held do not count. It returns the context's error when that ends first, and [ErrState] when the server is
// closed.
func (s *Server) Settle(ctx context.Context) error {
	for {
		s.mu.Lock()
		idle := !slices.ContainsFunc(s.queue, func(d *Delivery) bool { return d.underway || !s.held })
		changed := s.changed
		s.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("stripetest: deliveries did not settle: %w", ctx.Err())
		case <-s.ctx.Done():
			return fmt.Errorf("%w: the server is closed", ErrState)
		}
	}
}
