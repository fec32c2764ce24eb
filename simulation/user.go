package simulation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

// request lets a user send a request, to the mode of the owner's scope.
func (w *world) request(o *owner, p *process, method, path string, body map[string]any, key string) string {
	words := fmt.Sprintf("%s sends %s %s %s to %s", o, method, path, shown(w, body), p)
	k := w.user(p)
	w.start(k, method+" "+path, o.String(), func() { w.send(k, o, method, path, body, key) })
	return words
}

// user is a task for the request of the current step.
func (w *world) user(p *process) *task {
	return &task{process: p, class: fmt.Sprintf("step %d", w.step)}
}

// send sends a request in a task. It returns nil when no answer came.
func (w *world) send(k *task, o *owner, method, path string, body map[string]any, key string) *httptest.ResponseRecorder {
	data, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	path += "?test_mode=" + strconv.FormatBool(o.Mode == project.ModeTest)
	r := httptest.NewRequestWithContext(k.ctx, method, path, bytes.NewReader(data))
	r.Header.Set("Authorization", fmt.Sprintf("Bearer %s %s %s", actor(k, o, key), o.user, o.ProjectID))
	r.Header.Set("X-Owner", o.String())
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	out, err := k.serve(r)
	if err != nil {
		return nil
	}
	return out
}

// actor is who sends a request for an owner: the owner, or one of two others who act for them. Whoever repeats a request with an
// Idempotency-Key is the one who sent it.
func actor(k *task, o *owner, key string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(cmp.Or(key, k.class)))
	if n := h.Sum32() % 3; n > 0 {
		return fmt.Sprintf("%s-member-%d", o.user, n)
	}
	return o.user
}

// shown is a request's body as it is printed: prices by their place in the catalog.
func shown(w *world, body map[string]any) string {
	out := map[string]any{}
	for name, value := range body {
		if name != "success_url" && name != "cancel_url" && name != "return_url" {
			out[name] = value
		}
	}
	for _, s := range w.scopes {
		for i, price := range append(s.plans, s.once) {
			for name, value := range out {
				if value == price.ID {
					out[name] = planName(s, i)
				}
			}
		}
	}
	return asJSON(out)
}

// planName is what a price of the catalog is called, by its place.
func planName(s *scope, i int) string {
	if i == len(s.plans) {
		return "once"
	}
	return []string{"monthly", "yearly", "team", "metered", "euro"}[i]
}

func (w *world) checkOut(o *owner, p *process) string {
	plan := pick(w.random, o.plans)
	body := map[string]any{
		"price_id": plan.ID, "success_url": origin + "/done?s={CHECKOUT_SESSION_ID}",
		"cancel_url": origin + "/plans", "quantity": 1 + w.random.IntN(6)/5,
	}
	if plan.Metered && w.random.IntN(5) > 0 { // the others are told that it takes none
		delete(body, "quantity")
	}
	if w.random.IntN(20) == 0 {
		body["allow_existing_subscription"] = true
		o.second = true
	}
	key := ""
	if w.random.IntN(6) == 0 {
		key = fmt.Sprintf("key %d", w.random.IntN(2))
	}
	return w.request(o, p, http.MethodPost, "/checkout-session", body, key)
}

func (w *world) buyOnce(o *owner, p *process) string {
	return w.request(o, p, http.MethodPost, "/checkout-session", map[string]any{
		"price_id": o.once.ID, "mode": "payment", "success_url": origin + "/done", "cancel_url": origin + "/plans",
	}, "")
}

// onSession does something on the page of one of the user's open sessions.
func (w *world) onSession(o *owner, words string, act func(id string, buyer ...stripetest.Buyer) error) string {
	s, ok := oneOf(w.random, w.sessions(o))
	if !ok {
		return ""
	}
	w.touch(o.scope)
	return done(fmt.Sprintf("%s %s in %s", o, words, w.name(s.ID)), act(s.ID))
}

func (w *world) pay(o *owner, _ *process) string {
	return w.onSession(o, "pays", o.account.Complete)
}

func (w *world) payDelayed(o *owner, _ *process) string {
	waiting := keep(o.account.Sessions(), func(s stripetest.Session) bool {
		return s.Status == "complete" && s.PaymentStatus == "unpaid" && s.Metadata["user_id"] == o.user
	})
	s, ok := oneOf(w.random, waiting)
	switch {
	case !ok && w.random.IntN(3) == 0:
		return w.onSession(o, "pays from a bank account that is still to be verified", o.account.CompleteUnverified)
	case !ok:
		return w.onSession(o, "pays by bank debit", o.account.CompleteDelayed)
	case w.random.IntN(3) == 0:
		w.touch(o.scope)
		return done("the bank debit of "+w.name(s.ID)+" fails", o.account.FailDelayed(s.ID))
	}
	w.touch(o.scope)
	return done("the bank debit of "+w.name(s.ID)+" comes in", o.account.SucceedDelayed(s.ID))
}

// decline lets a payment fail, or one that has failed succeed on the invoice's own page.
func (w *world) decline(o *owner, _ *process) string {
	open := keep(o.account.Invoices(), func(i stripetest.Invoice) bool {
		return i.Status == "open" && slices.Contains(w.ownersOf(o.scope, i.Customer, i.SubscriptionMetadata), o.user)
	})
	if i, ok := oneOf(w.random, open); ok && w.random.IntN(2) == 0 {
		w.touch(o.scope)
		return done(fmt.Sprintf("%s pays %s on its own page", o, w.name(i.ID)), o.account.PayInvoice(i.ID))
	}
	return w.onSession(o, "is declined", o.account.Decline)
}

func (w *world) abandon(o *owner, _ *process) string {
	return w.onSession(o, "gives up", func(id string, _ ...stripetest.Buyer) error { return o.account.Expire(id) })
}

func (w *world) cancel(o *owner, p *process) string {
	return w.request(o, p, http.MethodPost, "/cancel-subscription",
		map[string]any{"cancel_immediately": w.random.IntN(2) == 0}, "")
}

func (w *world) resume(o *owner, p *process) string {
	return w.request(o, p, http.MethodPost, "/resume-subscription", nil, "")
}

// update changes the plan, or asks what that would cost.
func (w *world) update(o *owner, p *process) string {
	path := "/update-subscription"
	if w.random.IntN(4) == 0 {
		path += "/preview"
	}
	body := map[string]any{"new_price_id": pick(w.random, o.plans).ID}
	if w.random.IntN(3) == 0 {
		body["quantity"] = 1 + w.random.IntN(3)
	}
	if w.random.IntN(3) == 0 {
		body["proration_behavior"] = pick(w.random, []string{"create_prorations", "always_invoice"})
	}
	return w.request(o, p, http.MethodPost, path, body, "")
}

// comeBack opens the success page of any session of the account: also of somebody else's.
func (w *world) comeBack(o *owner, p *process) string {
	s, ok := oneOf(w.random, o.account.Sessions())
	if !ok {
		return ""
	}
	words := fmt.Sprintf("%s opens the success page of %s on %s", o, w.name(s.ID), p)
	foreign := s.Metadata["user_id"] != o.user
	k := w.user(p)
	w.start(k, "GET /checkout-session", s.ID, func() {
		out := w.send(k, o, http.MethodGet, "/checkout-session/"+s.ID, nil, "")
		if out != nil && foreign && out.Code == http.StatusOK {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.violatedf("an answer shows nothing of another user", "%s: %d", words, out.Code)
		}
	})
	return words
}

func (w *world) readOwn(o *owner, p *process) string {
	switch w.random.IntN(3) {
	case 0:
		return w.request(o, p, http.MethodGet, "/my-subscription", nil, "")
	case 1:
		return w.request(o, p, http.MethodGet, "/my-payments", nil, "")
	}
	return w.request(o, p, http.MethodPost, "/customer-portal", map[string]any{"return_url": origin + "/"}, "")
}

// askGate asks for what the host sells.
func (w *world) askGate(o *owner, p *process) string {
	k := w.user(p)
	w.start(k, "GET /pro", o.String(), func() { w.gate(k, o) })
	return fmt.Sprintf("%s asks for the paid page on %s", o, p)
}

// gate asks in a task. The gate must not open for a user whose subscriptions have all ended, when that was stored by the
// same process, or by another one longer ago than the gate may remember.
func (w *world) gate(k *task, o *owner) {
	w.mu.Lock()
	since, here := o.closed, k.process.closed[o]
	w.mu.Unlock()
	mustBeClosed := !since.IsZero() && (here || time.Since(since) > gateAge)
	out := w.send(k, o, http.MethodGet, "/pro", nil, "")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	if out != nil && out.Code == http.StatusNoContent && !w.entitled(o) {
		w.violatedf("a subscription of one mode does not open the other one's gate", "it opened for %s, who has none in %s mode",
			o, w.entitlement)
	}
	// Who has bought anew meanwhile may pass.
	if out != nil && mustBeClosed && out.Code == http.StatusNoContent && o.closed.Equal(since) {
		w.violatedf("the gate is closed once the store knows the end", "it opened for %s on %s, %s after the end was stored",
			o, k.process, time.Since(since))
	}
}

// entitled reports whether the user can have a subscription in the mode that the gate counts.
func (w *world) entitled(o *owner) bool {
	return slices.ContainsFunc(w.owners, func(other *owner) bool {
		return other.user == o.user && other.ProjectID == o.ProjectID && other.Mode == w.entitlement
	})
}
