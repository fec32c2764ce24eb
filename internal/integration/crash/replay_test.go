//go:build linux

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/paymount/paymount/internal/api"
)

// payments are the payments that a user is shown, on all pages.
func (w *world) payments(user string) []api.PaymentView {
	w.t.Helper()
	var all []api.PaymentView
	for page := 1; ; page++ {
		a := w.send(w.t.Context(), request{
			user: user, method: http.MethodGet, path: fmt.Sprintf("%s/my-payments?page=%d&page_size=7", base, page), first: page,
		})
		var list struct {
			Payments []api.PaymentView `json:"payments"`
			Total    int               `json:"total"`
		}
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != http.StatusOK {
			w.divergef("my-payments of %s is answered %s", user, a)
			return nil
		}
		if all = append(all, list.Payments...); len(list.Payments) == 0 || len(all) >= list.Total {
			return all
		}
	}
}

// checkReplays sends every request that had an Idempotency-Key once more: what has got an answer gets the same one.
func (w *world) checkReplays() {
	w.t.Helper()
	for i, k := range w.ledger.keyed {
		k.request.first = i
		a, err := w.once(w.t.Context(), w.replicas[i%len(w.replicas)], k.request)
		if err != nil || a.status != k.answer.status || !bytes.Equal(a.body, k.answer.body) {
			w.divergef("%s of %s with key %s was answered %s and now %s, %v",
				k.request.path, k.request.user, k.request.key, k.answer, a, err)
		}
	}
}

// finishUnanswered sends those requests again that got no answer, to which they now get one: that they are under way still,
// at least. What they do must not break anything.
func (w *world) finishUnanswered() {
	w.t.Helper()
	for i, k := range w.ledger.unfinished {
		a, err := w.once(w.t.Context(), w.replicas[i%len(w.replicas)], k.request)
		if err != nil || a.status == http.StatusTooManyRequests || a.status >= 500 && a.status != http.StatusBadGateway {
			w.divergef("%s of %s with key %s, which got no answer, is answered %s, %v",
				k.request.path, k.request.user, k.request.key, a, err)
		}
	}
	w.rest()
	w.checkBlocking()
	w.checkOne()
	w.checkStore()
}

// checkSameAgain asks for each open session once more: the store knows it, so the same one comes back.
func (w *world) checkSameAgain() {
	w.t.Helper()
	for _, s := range w.stripe.Sessions() {
		if s.Status != "open" || s.Mode != "subscription" {
			continue
		}
		user := s.Metadata["user_id"]
		r := request{user: user, method: http.MethodPost, path: base + "/checkout-session", body: w.order(map[string]any{
			"price_id": s.LineItems[0].Price, "quantity": s.LineItems[0].Quantity,
		})}
		if a := w.send(w.t.Context(), r); a.status != http.StatusOK || a.field("session_id") != s.ID {
			w.divergef("%s asks for the open session %s again and is answered %s", user, s.ID, a)
		}
	}
	w.checkOne()
}

// line is a line of a server's log.
type line struct {
	Time   time.Time `json:"time"`
	Level  string    `json:"level"`
	Msg    string    `json:"msg"`
	Change struct {
		ID           string `json:"id"`
		Payment      string `json:"payment"`
		Subscription string `json:"subscription"`
		Status       string `json:"status"`
	} `json:"change"`
}

// checkTold looks whether the host, which is the servers' log, was told of everything.
func (w *world) checkTold() {
	w.t.Helper()
	told, names := map[string]int{}, map[string]string{}
	for _, r := range w.replicas {
		text, err := os.ReadFile(r.log)
		if err != nil {
			w.t.Fatal(err)
		}
		for entry := range bytes.Lines(text) {
			var l line
			if json.Unmarshal(entry, &l) != nil || l.Msg != "changed" {
				continue
			}
			object := l.Change.Payment + l.Change.Subscription + l.Change.Status
			told[object]++
			if known, ok := names[l.Change.ID]; ok && known != object {
				w.divergef("%s is the id of two changes, %s and %s", l.Change.ID, known, object)
			}
			names[l.Change.ID] = object
		}
	}
	for _, p := range w.stripe.PaymentIntents() {
		if p.Metadata["user_id"] != "" && p.Status == "succeeded" && told[p.ID] == 0 {
			w.divergef("%s was paid, and the host was not told", p.ID)
		}
	}
	for _, s := range w.stripe.Subscriptions() {
		if told[s.ID+s.Status] == 0 {
			w.divergef("%s is %s, and the host was not told", s.ID, s.Status)
		}
	}
	var pending int
	const query = "SELECT (SELECT count(*) FROM paymount_subscriptions WHERE pending) + " +
		"(SELECT count(*) FROM paymount_payments WHERE pending)"
	if err := w.backend.db.QueryRowContext(w.t.Context(), query).Scan(&pending); err != nil || pending > 0 {
		w.divergef("%d changes are pending, %v", pending, err)
	}
}

// checkLogs looks for panics, data races and secrets in what the servers have written: they log JSON and nothing else.
func (w *world) checkLogs() {
	w.t.Helper()
	secrets := []string{"sk_test_", "whsec_", tokenSecret, "Bearer ", "eyJ", "_secret_"}
	if address, err := url.Parse(w.backend.urls[0]); err == nil {
		if password, ok := address.User.Password(); ok {
			secrets = append(secrets, password)
		}
	}
	for _, r := range w.replicas {
		text, err := os.ReadFile(r.log)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				w.divergef("%q is in the log of %s", secret, r.name)
			}
		}
		for rest := text; len(rest) > 0; {
			entry, after, whole := bytes.Cut(rest, []byte("\n"))
			if whole && !json.Valid(entry) || bytes.Contains(entry, []byte("panic")) {
				w.divergef("%s writes:\n%s", r.name, rest)
				break
			}
			rest = after
		}
	}
}

// tail is what is shown of a log.
func tail(text []byte) []byte {
	const most = 6000
	return text[max(0, len(text)-most):]
}
