package stripetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Delivery is one event on its way to one endpoint. [Server.Pending] lists those that have not arrived.
type Delivery struct {
	Event Event
	URL   string

	endpoint *Endpoint
	event    *Event
	// Below: guarded by the server's lock.
	tries    int
	due      time.Time // real time
	underway bool
	ruled    bool // the policy has been asked
}

// Attempt is one try of a delivery, as the log keeps it.
type Attempt struct {
	EventID, EventType, URL string
	Status                  int   // of the answer; 0 when there was none
	Err                     error // why there was no answer
}

// Fate is what a delivery policy decides about one delivery. The zero Fate delivers normally.
type Fate struct {
	Drop   bool          // never deliver
	Copies int           // deliver so many times more
	Delay  time.Duration // deliver after this pause; later events overtake it
}

// enqueue makes the deliveries of an event. Called with the lock held.
func (a *Account) enqueue(e *Event) { a.enqueueFor(e, func(*Endpoint) bool { return true }) }

// enqueueFor makes the deliveries of an event to some of the endpoints.
func (a *Account) enqueueFor(e *Event, to func(*Endpoint) bool) {
	for _, endpoint := range a.endpoints {
		if endpoint.wants(e.Type) && to(endpoint) {
			e.pending++
			a.srv.queue = append(a.srv.queue, &Delivery{Event: *e, URL: endpoint.url, endpoint: endpoint, event: e})
			endpoint.wake()
		}
	}
	a.srv.broadcast()
}

func (s *Server) dequeue(d *Delivery) {
	s.queue = slices.DeleteFunc(s.queue, func(other *Delivery) bool { return other == d })
	s.broadcast()
}

// broadcast wakes everyone who waits in Settle.
func (s *Server) broadcast() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// work delivers one endpoint's queue until the server closes or the endpoint is removed.
func (s *Server) work(endpoint *Endpoint) {
	for {
		d, pause, gone := s.take(endpoint)
		switch {
		case gone:
			return
		case d != nil:
			if s.decide(d) {
				status, err := s.send(s.ctx, d)
				s.handBack(d, status, err)
			}
		default:
			if !s.sleep(endpoint, pause) {
				return
			}
		}
	}
}

// sleep waits for a kick, for the pause to pass (0: no end) or for the server to close, which it reports as false.
func (s *Server) sleep(endpoint *Endpoint, pause time.Duration) bool {
	var timeout <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-endpoint.kick:
	case <-timeout:
	case <-s.ctx.Done():
		return false
	}
	return true
}

// take claims the first delivery of the endpoint that is due, or says how long until one is.
func (s *Server) take(endpoint *Endpoint) (d *Delivery, pause time.Duration, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if endpoint.removed {
		endpoint.wake() // for the other workers of the endpoint
		return nil, 0, true
	}
	if s.held {
		return nil, 0, false
	}
	now := time.Now()
	for _, d := range s.queue {
		if d.endpoint != endpoint || d.underway {
			continue
		}
		if wait := d.due.Sub(now); wait > 0 {
			if pause == 0 || wait < pause {
				pause = wait
			}
			continue
		}
		d.underway = true
		endpoint.wake() // another worker may find the next one
		return d, 0, false
	}
	return nil, pause, false
}

// decide asks the policy about a claimed delivery, once and without the lock. It reports whether to deliver now.
func (s *Server) decide(d *Delivery) bool {
	s.mu.Lock()
	policy, ruled, shown := s.policy, d.ruled, *d
	d.ruled = true
	s.mu.Unlock()
	if policy == nil || ruled {
		return true
	}
	fate := policy(shown)
	s.mu.Lock()
	defer s.mu.Unlock()
	for range fate.Copies {
		s.queue = append(s.queue, &Delivery{
			Event: d.Event, URL: d.URL, endpoint: d.endpoint, event: d.event, ruled: true, due: time.Now().Add(fate.Delay),
		})
	}
	switch {
	case fate.Drop:
		s.dequeue(d)
	case fate.Delay > 0:
		d.underway, d.due = false, time.Now().Add(fate.Delay)
	default:
		return true
	}
	return false
}

// handBack ends a try: the delivery is done, given up, or queued for the next try.
func (s *Server) handBack(d *Delivery, status int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.underway = false
	d.tries++
	switch {
	case confirmed(status):
		s.confirm(d)
	case d.tries > len(s.opts.RetryDelays), d.endpoint.cli != nil: // the Stripe CLI gets each event once
		s.opts.Logf("stripetest: webhook %s given up: status %d, %v", d.Event.Type, status, err)
		s.dequeue(d)
	default:
		s.opts.Logf("stripetest: webhook %s will be tried again: status %d, %v", d.Event.Type, status, err)
		d.due = time.Now().Add(s.opts.RetryDelays[d.tries-1])
		d.endpoint.wake()
	}
}

func confirmed(status int) bool { return status >= 200 && status < 300 }

func (s *Server) confirm(d *Delivery) {
	if slices.Contains(s.queue, d) {
		d.event.pending--
	}
	s.dequeue(d)
}

// send signs and posts an event once.
func (s *Server) send(ctx context.Context, d *Delivery) (status int, err error) {
	s.mu.Lock()
	body, err := json.Marshal(d.event.render(d.endpoint.account, d.endpoint.version))
	signature := Sign(body, s.opts.Now().Unix(), d.endpoint.secrets...)
	s.mu.Unlock()
	if err == nil {
		status, err = s.post(ctx, d, body, signature)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = newest(append(s.attempts, Attempt{d.Event.ID, d.Event.Type, d.URL, status, err}), s.opts.LogLimit)
	return status, err
}

func (s *Server) post(ctx context.Context, d *Delivery, body []byte, signature string) (int, error) {
	header := http.Header{}
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("User-Agent", "Stripe/1.0 (stripetest)")
	header.Set("Stripe-Signature", signature)
	if d.endpoint.cli != nil {
		ctx, cancel := context.WithTimeout(ctx, s.opts.WebhookTimeout)
		defer cancel()
		return d.endpoint.cli.deliver(ctx, body, header)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("stripetest: %w", err)
	}
	r.Header = header
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("stripetest: %w", err)
	}
	// The body is read so that the connection can be used again; what it says does not matter.
	_, readErr := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	if err := resp.Body.Close(); err != nil {
		return resp.StatusCode, fmt.Errorf("stripetest: %w", err)
	}
	return resp.StatusCode, readErr
}
