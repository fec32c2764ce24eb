package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/stripetest"
)

const (
	// furthest is how far the demo's clock can be moved ahead of the machine's.
	furthest = 5 * 366 * 24 * time.Hour
	// settleLimit is how long a request waits for the webhooks of what it has brought about.
	settleLimit = 15 * time.Second
)

// clock is the time of the demo, for the service and the fake Stripe alike: the machine's, and what people have skipped.
// Sign-ins go by the machine's, so that they outlive a skipped month.
type clock struct {
	mu      sync.Mutex
	skipped time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.skipped)
}

// advance skips a day, a week or a month, and reports false when that is too far ahead.
func (c *clock) advance(days, months int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Add(c.skipped).UTC()
	skipped := c.skipped + now.AddDate(0, months, days).Sub(now)
	if skipped > furthest {
		return false
	}
	c.skipped = skipped
	return true
}

// signedIn passes the caller's id to next; everyone else is answered 401.
func signedIn(next func(w http.ResponseWriter, r *http.Request, user string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := auth.FromContext(r.Context())
		if !ok {
			httperr.Write(w, r, httperr.New(http.StatusUnauthorized, httperr.CodeUnauthorized, "Sign in to use this endpoint."))
			return
		}
		next(w, r, caller.UserID)
	})
}

// showClock is GET /demo/clock → 200 {now, card_fails}, of which card_fails is null for a user without a plan.
func (d *demo) showClock(w http.ResponseWriter, _ *http.Request, user string) {
	var cardFails *bool
	if plan, ok := d.plan(user); ok {
		if fails, err := d.stripe.CardFails(plan.ID); err == nil {
			cardFails = &fails
		}
	}
	writeJSON(w, map[string]any{"now": d.clock.now().UTC(), "card_fails": cardFails})
}

// advance is POST /demo/clock {skip: "day" | "week" | "month"} → as GET, once the webhooks of what fell due have arrived.
func (d *demo) advance(w http.ResponseWriter, r *http.Request, user string) {
	var in struct {
		Skip string `json:"skip"`
	}
	days, months := 0, 0
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in)
	switch {
	case err == nil && in.Skip == "day":
		days = 1
	case err == nil && in.Skip == "week":
		days = 7
	case err == nil && in.Skip == "month":
		months = 1
	default:
		httperr.Write(w, r, wrongField("skip", "Input should be day, week or month", "enum"))
		return
	}
	if !d.clock.advance(days, months) {
		httperr.Write(w, r, httperr.New(http.StatusConflict, httperr.CodeConflict,
			"The clock is years ahead already. Start the demo again to set it back."))
		return
	}
	d.stripe.Tick()
	d.settle(r.Context())
	d.showClock(w, r, user)
}

// setCard is POST /demo/card {fails: true | false} → as GET /demo/clock. It says whether the bank declines the user's cards
// from now on.
func (d *demo) setCard(w http.ResponseWriter, r *http.Request, user string) {
	var in struct {
		Fails *bool `json:"fails"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in)
	if err != nil || in.Fails == nil {
		httperr.Write(w, r, wrongField("fails", "Input should be true or false", "bool"))
		return
	}
	plan, ok := d.plan(user)
	if !ok {
		httperr.Write(w, r, httperr.New(http.StatusNotFound, httperr.CodeNotFound, "You have no plan whose card could fail."))
		return
	}
	if err := d.stripe.SetCardFails(plan.Customer, *in.Fails); err != nil {
		httperr.Write(w, r, internalError(err))
		return
	}
	d.showClock(w, r, user)
}

// plan is the subscription that the user has at the fake Stripe.
func (d *demo) plan(user string) (stripetest.Subscription, bool) {
	for _, s := range d.stripe.Subscriptions() {
		if s.Metadata["user_id"] == user && s.EndedAt == 0 {
			return s, true
		}
	}
	return stripetest.Subscription{}, false
}

// settle waits for webhooks. One that takes longer is only late: the page will show what it changes when it is next opened.
func (d *demo) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	if err := d.stripe.Settle(ctx); err != nil {
		d.logger.WarnContext(ctx, "webhooks of the fake Stripe are late", "error", err)
	}
}
