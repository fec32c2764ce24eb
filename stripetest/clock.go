package stripetest

import "time"

// Advance moves the server's clock forward and applies what has become due, as [Server.Tick] does. Webhooks are still
// signed with the time of [Options.Now], so that a program with a clock of its own accepts them. A test that moves its own
// clock, passed as Options.Now, needs Tick instead.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += max(0, d)
	s.tick()
}

// Tick applies what is due by the clock, in the order of time: checkout sessions expire, trials end, subscriptions renew,
// failed payments are tried again, scheduled cancellations take effect, incomplete subscriptions give up after 23 hours.
// Every API call does the same first, so Tick is needed only after moving a virtual clock while nobody calls.
func (s *Server) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
}

func (s *Server) tick() {
	for _, a := range s.accounts {
		a.catchUp()
	}
}

// Now is the time on the server's clock: that of [Options.Now], and what [Server.Advance] added to it.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock()
}

func (s *Server) clock() time.Time { return s.opts.Now().Add(s.offset) }

// now is the second in which things happen: the clock's, or the time at which something that is only now looked at was
// due.
func (s *Server) now() int64 {
	if s.at != 0 {
		return s.at
	}
	return s.clock().Unix()
}

// catchUp applies what is due by the clock, each thing at its own time. Called with the lock held.
func (a *Account) catchUp() {
	now := a.srv.now()
	for {
		at, run := a.nextDue()
		if at == 0 || at > now {
			break
		}
		a.srv.at = at
		run()
	}
	a.srv.at = 0
}

// nextDue finds what is due first; a time of 0 means nothing.
func (a *Account) nextDue() (at int64, run func()) {
	first := func(t int64) bool {
		if t == 0 || at != 0 && at <= t {
			return false
		}
		at = t
		return true
	}
	for _, s := range a.sessions {
		if s.Status == "open" && first(s.ExpiresAt) {
			run = func() { a.expireSession(s) }
		}
	}
	for _, s := range a.subscriptions {
		if t, act := s.due(); first(t) {
			run = func() { act(a, s) }
		}
	}
	for _, i := range a.invoices {
		if t, act := i.due(); first(t) {
			run = func() { act(a, i) }
		}
	}
	for _, p := range a.intents {
		if p.Status == "processing" && first(p.settlesAt) {
			run = func() { a.settleDebit(p) }
		}
	}
	return at, run
}

// due is what happens next to a subscription by itself. Of what is due at once, the end comes first.
func (s *Subscription) due() (at int64, act func(*Account, *Subscription)) {
	switch {
	case s.ended():
		return 0, nil
	case s.Status == "incomplete":
		return s.Created + incompleteLife, (*Account).expireIncomplete
	}
	first := func(t int64, f func(*Account, *Subscription)) {
		if t != 0 && (at == 0 || t < at) {
			at, act = t, f
		}
	}
	first(s.CancelAt, (*Account).endOnSchedule)
	if s.PendingUpdate != nil {
		first(s.PendingUpdate.ExpiresAt, (*Account).expirePendingUpdate)
	}
	first(s.resumesAt, (*Account).resumeCollection)
	if s.Status == "trialing" && !s.trialEndTold && s.TrialEnd != 0 {
		first(max(s.TrialEnd-trialNotice, s.TrialStart), (*Account).announceTrialEnd)
	}
	if s.Status != "paused" {
		first(s.CurrentPeriodEnd, (*Account).renew)
	}
	return at, act
}

// due is what happens next to an invoice by itself.
func (i *Invoice) due() (at int64, act func(*Account, *Invoice)) {
	switch i.Status {
	case "draft":
		return i.finalizeAt, (*Account).finalize
	case "open":
		return i.NextPaymentAttempt, (*Account).collect
	default:
		return 0, nil
	}
}
