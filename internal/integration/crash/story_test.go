//go:build linux

package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// story writes what happened in a failed round to the folder that PAYMOUNT_CRASH_STORIES names, for a person to read: the
// calls to Stripe in their order, what there is at Stripe, and what the servers logged.
func (w *world) story() {
	folder := os.Getenv("PAYMOUNT_CRASH_STORIES")
	if folder == "" || !w.t.Failed() {
		return
	}
	var text strings.Builder
	for _, c := range w.stripe.Calls() {
		fmt.Fprintf(&text, "%s %s %s: %d, replayed %t, %s\n",
			c.Method, c.Path, c.IdempotencyKey, c.Status, c.Replayed, c.Form.Encode())
	}
	for _, s := range w.stripe.Sessions() {
		fmt.Fprintf(&text, "session %s of %s: %s %s, subscription %s, %s x%d\n",
			s.ID, s.Metadata["user_id"], s.Mode, s.Status, s.Subscription, s.LineItems[0].Price, s.LineItems[0].Quantity)
	}
	for _, s := range w.stripe.Subscriptions() {
		fmt.Fprintf(&text, "subscription %s of %s: %s\n", s.ID, s.Metadata["user_id"], s.Status)
	}
	for _, e := range w.stripe.Events() {
		fmt.Fprintf(&text, "event %+v\n", e)
	}
	for _, a := range w.stripe.Attempts() {
		fmt.Fprintf(&text, "delivery %+v\n", a)
	}
	for _, r := range w.replicas {
		log, _ := os.ReadFile(r.log)
		fmt.Fprintf(&text, "the log of %s:\n%s\n", r.name, log)
	}
	name := strings.NewReplacer("/", "-", " ", "-").Replace(w.t.Name()) + ".txt"
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text.String()), 0o600); err != nil {
		w.t.Error(err)
	}
}
