//go:build linux

package crash

import (
	"sync"
)

// ledger is what clients were told, which has to be true ever after.
type ledger struct {
	mu sync.Mutex
	// sessions are the checkout sessions that were answered.
	sessions []sale
	// keyed are the requests with an Idempotency-Key and their final answers; unfinished those that got none.
	keyed, unfinished []kept
	// cancelled are the subscriptions that were said to have been cancelled.
	cancelled []string
	// last is what a user's last change of a subscription was said to have done; none while one is under way.
	last map[string]change
}

// sale is a checkout session as it was answered.
type sale struct {
	request request
	session string
}

type kept struct {
	request request
	answer  answer
}

// change is a change of a subscription as it was answered.
type change struct {
	subscription string
	price        string // the new one, where the price was changed
	ends, stays  bool   // it was scheduled to end, or that was taken back
}

func newLedger() *ledger { return &ledger{last: map[string]change{}} }

// keep writes the answer to a request down.
func (l *ledger) keep(r request, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.key != "" {
		switch a.status {
		case 0, 409, 429, 502, 503: // after these a client may try again
			l.unfinished = append(l.unfinished, kept{r, a})
		default:
			l.keyed = append(l.keyed, kept{r, a})
		}
	}
	if a.status == 200 && r.path == base+"/checkout-session" {
		l.sessions = append(l.sessions, sale{r, a.field("session_id")})
	}
	if a.status == 200 && a.field("status") == "canceled" {
		l.cancelled = append(l.cancelled, a.field("subscription_id"))
	}
}

// changed writes down what the last change of a user has done, or that nothing can be said of it any more.
func (l *ledger) changed(user string, c change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[user] = c
}
