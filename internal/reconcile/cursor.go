package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// The lists, in the order in which they are walked: a full walk begins with the first one, a catch-up with the last one.
const (
	listSubscriptions = "subscriptions"
	// listStored are the subscriptions that are open in the store and that the list did not show.
	listStored   = "stored"
	listInvoices = "invoices"
	listPayments = "sessions"
	listEvents   = "events"
)

const (
	// overlap is how far a catch-up looks back behind the begin of the last run: our clock can be five minutes ahead of
	// Stripe's (with more, no webhook verifies), and an event can take a moment to be listed.
	overlap = 10 * time.Minute
	// eventsKept is for how long Stripe lists events, less a day: 30 days (https://docs.stripe.com/api/events).
	eventsKept = 29 * 24 * time.Hour
	// lease is for how long a run that says nothing more counts as alive: far longer than a page takes.
	lease = 5 * time.Minute
)

// cursor is how far the runs of one scope have come. It is kept in the store with what it speaks of, so the two can't part:
// a store that is emptied or taken back to a backup has the cursor that fits.
//
// Each of its statements is about the store, whoever made it true, so it may be written by any run.
type cursor struct {
	// Since says that the store lacks no change before that time, but those of objects that were passed over. It is zero
	// until a full walk has begun its last list.
	Since time.Time `json:"since,omitzero"`
	// List is the list that is being walked, empty at rest; After is the last object of its pages that have been dealt with.
	List  string `json:"list,omitempty"`
	After string `json:"after,omitempty"`
	// Began is when the walk began.
	Began time.Time `json:"began,omitzero"`
	// Full, Owned and SkipInitial say that it is a walk over whole lists, with an Owner hook, and with Options.SkipInitial.
	Full        bool `json:"full,omitempty"`
	Owned       bool `json:"owned,omitempty"`
	SkipInitial bool `json:"skip_initial,omitempty"`
	// Key is a digest of the API key of the last run. With another key, which can be of another Stripe account, what a run saw
	// says nothing about what the next one has to look at.
	Key string `json:"key,omitempty"`
	// Failed are objects that have been passed over.
	Failed []string `json:"failed,omitempty"`
	// Until is when a run that has not said anything more is taken for dead; zero when none is under way.
	Until time.Time `json:"until,omitzero"`
}

// begin decides what a run has to do. A walk that has passed over customers which only an Owner hook knows begins anew once
// there is one. With another key than that of the last run, whole lists are walked.
func (c *cursor) begin(now time.Time, o subscription.ReconcileOptions, hooked bool, key string) {
	tooOld := func(t time.Time) bool { return now.Sub(t) > eventsKept }
	changed := c.Key != "" && c.Key != key
	c.Key = key
	switch {
	case changed:
	case c.Full && c.List != listEvents && !tooOld(c.Began):
		if c.Owned || !hooked {
			return // go on
		}
	case c.List == listEvents && !tooOld(c.Since) && (c.Full || !o.Full):
		return // go on
	case !o.Full && !tooOld(c.Since):
		c.List, c.After, c.Began = listEvents, "", now
		return
	}
	c.List, c.After, c.Began = listSubscriptions, "", now
	c.Full, c.Owned, c.SkipInitial, c.Since = true, hooked, o.SkipInitial, time.Time{}
}

// digest tells a key from others, and nothing else of it.
func digest(secretKey string) string {
	sum := sha256.Sum256([]byte(secretKey))
	return hex.EncodeToString(sum[:8])
}

// advance goes on behind a page.
func (c *cursor) advance(last string, more bool, now time.Time) {
	if more {
		c.After = last
		return
	}
	c.After = ""
	switch c.List {
	case listSubscriptions:
		c.List = listStored
	case listStored:
		c.List = listInvoices
	case listInvoices:
		c.List = listPayments
	case listPayments:
		// What has changed since the walk began has an event.
		c.List, c.Since, c.Began = listEvents, c.Began.Add(-overlap), now
	case listEvents:
		c.List, c.Since, c.Began = "", c.Began.Add(-overlap), time.Time{}
		c.Full, c.Owned, c.SkipInitial = false, false, false
	}
}

// log keeps a cursor in the store. Only one run at a time can go on from where the last one was.
type log struct {
	store   subscription.SubscriptionStore
	scope   project.Scope
	version int64 // of the cursor that was last read or written
}

func (l *log) read(ctx context.Context) (c cursor, err error) {
	stored, err := l.store.ReconcileCursor(ctx, l.scope)
	if err != nil {
		return c, err
	}
	l.version = stored.Version
	if len(stored.Data) > 0 {
		if err := json.Unmarshal(stored.Data, &c); err != nil {
			return c, fmt.Errorf("reconcile: cursor: %w", err)
		}
	}
	return c, nil
}

// write returns ErrRunning when another run has written since.
func (l *log) write(ctx context.Context, c cursor) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("reconcile: cursor: %w", err)
	}
	swapped, err := l.store.SwapReconcileCursor(ctx, l.scope, l.version, data)
	if err != nil {
		return err
	}
	if !swapped {
		return subscription.ErrReconcileRunning
	}
	l.version++
	return nil
}

// passOver notes an object that has failed.
func (c *cursor) passOver(id string) {
	if !slices.Contains(c.Failed, id) {
		c.Failed = append(slices.Clone(c.Failed), id) // copies of a cursor share it
	}
}
