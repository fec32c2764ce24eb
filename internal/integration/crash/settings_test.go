//go:build linux

package crash

import (
	"context"
	"net/http"
)

// look is somebody who opens the shop's pages.
func (tab *tab) look(ctx context.Context, user string) {
	path := []string{base + "/my-subscription", base + "/my-payments", "/pro"}[tab.random.IntN(3)]
	a := tab.send(ctx, request{user: user, method: http.MethodGet, path: path, first: tab.random.IntN(len(tab.replicas))})
	switch a.status {
	case 0, http.StatusOK, http.StatusServiceUnavailable:
	case http.StatusPaymentRequired:
		if path != "/pro" {
			tab.divergef("%s of %s is answered %s", path, user, a)
		}
	default:
		tab.divergef("%s of %s is answered %s", path, user, a)
	}
}

// comesBack is somebody on the success page, of one of their own sessions.
func (tab *tab) comesBack(ctx context.Context, user string) {
	tab.ledger.mu.Lock()
	session := ""
	for _, s := range tab.ledger.sessions {
		if s.request.user == user && (session == "" || tab.random.IntN(2) == 0) {
			session = s.session
		}
	}
	tab.ledger.mu.Unlock()
	if session == "" {
		return
	}
	a := tab.send(ctx, request{
		user: user, method: http.MethodGet, path: base + "/checkout-session/" + session, first: tab.random.IntN(len(tab.replicas)),
	})
	if a.status != 0 && a.status != http.StatusOK {
		tab.divergef("session %s of %s is answered %s", session, user, a)
	}
}

// changes lets one change of a user's subscription after the other happen, and writes down what the last one has done. What
// an unanswered one has done is not known, and it may still be done.
func (tab *tab) changes(user string, send func() answer, done func(answer) change) {
	seat := tab.seats[user]
	seat.Lock()
	defer seat.Unlock()
	tab.ledger.changed(user, change{})
	if a := send(); a.status == http.StatusOK {
		tab.ledger.changed(user, done(a))
	}
}

func (tab *tab) cancel(ctx context.Context, user string) {
	now := tab.random.IntN(3) > 0
	tab.changes(user, func() answer {
		return tab.post(ctx, user, "/cancel-subscription", map[string]any{"cancel_immediately": now})
	}, func(a answer) change {
		return change{subscription: a.field("subscription_id"), ends: true}
	})
}

func (tab *tab) resume(ctx context.Context, user string) {
	tab.changes(user, func() answer {
		return tab.post(ctx, user, "/resume-subscription", nil)
	}, func(a answer) change {
		return change{subscription: a.field("subscription_id"), stays: true}
	})
}

// update changes a plan, but none that waits for its first payment: Stripe refuses that, and the fake does not.
func (tab *tab) update(ctx context.Context, user string) {
	tab.changes(user, func() answer {
		for _, s := range tab.stripe.Subscriptions() {
			if s.Metadata["user_id"] == user && s.Status == "incomplete" {
				return answer{}
			}
		}
		return tab.post(ctx, user, "/update-subscription", map[string]any{"new_price_id": tab.recurring()})
	}, func(a answer) change {
		return change{subscription: a.field("subscription_id"), price: a.field("price_id")}
	})
}
