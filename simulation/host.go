package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// host is the app that is told of changes.
type host struct {
	// last is each subscription as it was last told, paid how often each one-time payment was, by project, mode and id.
	last map[string]*subscription.Subscription
	paid map[string]int
	// changes is what each Change.ID stood for, telling until when an object is being told.
	changes map[string]string
	telling map[string]time.Time
}

func newHost() host {
	return host{
		last: map[string]*subscription.Subscription{}, paid: map[string]int{},
		changes: map[string]string{}, telling: map[string]time.Time{},
	}
}

func told(s project.Scope, id string) string {
	return s.ProjectID + "/" + string(s.Mode) + "/" + id
}

// onChange is the host's hook.
func (w *world) onChange(ctx context.Context, c subscription.Change) error {
	k := taskOf(ctx)
	object := c.Object()
	var s project.Scope
	if c.Payment != nil {
		s = c.Payment.Owner.Scope
	} else {
		s = c.New.Owner.Scope
	}
	key := told(s, object)
	w.beginTelling(ctx, c, key)
	f, err := k.stop(ctx, point{what: "OnChange", about: object, faults: []fault{hookFails}})
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.host.telling, key)
	switch {
	case err != nil:
		return err
	case f == hookFails:
		return errors.New("simulation: the hook failed")
	case c.Payment != nil:
		w.host.paid[key]++
	default:
		w.host.last[key] = c.New
	}
	return nil
}

// beginTelling checks what OnChange promises: one change of an object at a time, and an id that stands for one change.
func (w *world) beginTelling(ctx context.Context, c subscription.Change, key string) {
	until, _ := ctx.Deadline()
	content, _ := json.Marshal([]any{c.Old, c.New, c.Payment != nil}) //nolint:errchkjson // nothing in it can fail
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks += 2
	if other, ok := w.host.telling[key]; ok && time.Now().Before(other) {
		w.violatedf("the host is told of one change of an object at a time", "%s is being told on another replica", w.name(c.Object()))
	}
	if before, ok := w.host.changes[c.ID]; ok && before != string(content) {
		w.violatedf("a Change.ID stands for one change", "%s: before %s, now %s", c.ID, before, content)
	}
	w.host.changes[c.ID] = string(content)
	w.host.telling[key] = until
}

// violation is a promise that was broken.
type violation struct{ promise, detail string }

// violatedf takes note of the first violation. The caller holds the mutex.
func (w *world) violatedf(promise, format string, args ...any) {
	if w.violation == nil {
		w.violation = &violation{promise, fmt.Sprintf(format, args...)}
	}
}
