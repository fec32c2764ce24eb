package api_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/gate"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// shelf is a store of one user's subscriptions that counts the looks at it.
type shelf struct {
	subscription.SubscriptionStore
	subs  []subscription.Subscription
	looks int
	err   error
}

func (s *shelf) Subscriptions(context.Context, subscription.Owner) ([]subscription.Subscription, error) {
	s.looks++
	return s.subs, s.err
}

func owner() subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: "p", Mode: project.ModeLive}, ID: "u"}
}

type handClock struct{ now time.Time }

func newGate(s *shelf, grace time.Duration) (*gate.Gate, *handClock) {
	c := &handClock{now: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)}
	return gate.New(gate.Config{
		Store: s, Mode: project.ModeLive, PastDueGrace: grace, Now: func() time.Time { return c.now },
	}), c
}

// guarded is next behind the gate.
func guarded(g *gate.Gate, next http.HandlerFunc, requirements ...subscription.Requirement) http.Handler {
	config := &api.Config{Encode: httperr.Write, Logger: slog.New(slog.DiscardHandler)}
	return api.Gate(config, g, requirements...)(next)
}

// ask sends a request of the user through the gate.
func ask(t *testing.T, g *gate.Gate, requirements ...subscription.Requirement) (status int, seen string) {
	t.Helper()
	handler := guarded(g, func(_ http.ResponseWriter, r *http.Request) {
		s, _ := subscription.FromContext(r.Context())
		seen = s.ID
	}, requirements...)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), auth.Identity{UserID: "u", ProjectID: "p"})))
	return w.Code, seen
}

func sub(id string, status subscription.Status, price string) subscription.Subscription {
	return subscription.Subscription{
		ID: id, Owner: owner(), Status: status,
		Items:              []subscription.Item{{PriceID: price, ProductID: "prod_" + price, PlanName: "Plan " + price}},
		CurrentPeriodStart: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), CurrentPeriodEnd: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
	}
}

func TestGateRemembersThoseWhoPassForAShortTime(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	g, clock := newGate(s, 0)
	for range 2 {
		if status, _ := ask(t, g); status != 402 {
			t.Fatalf("without a subscription: %d", status)
		}
	}
	if s.looks != 2 {
		t.Errorf("a refusal was remembered: %d looks", s.looks)
	}
	s.subs = []subscription.Subscription{sub("sub_1", subscription.StatusActive, "a")}
	for range 5 {
		if status, seen := ask(t, g); status != 200 || seen != "sub_1" {
			t.Fatalf("active: %d %q", status, seen)
		}
	}
	if s.looks != 3 {
		t.Errorf("%d looks", s.looks)
	}
	s.subs = nil
	clock.now = clock.now.Add(4 * time.Second)
	if status, _ := ask(t, g); status != 402 {
		t.Errorf("a change of another process was not seen after 4 seconds: %d", status)
	}
}

func TestWhatTheGateHandsOutIsACopy(t *testing.T) {
	t.Parallel()
	bought := sub("sub_1", subscription.StatusActive, "a")
	bought.Metadata = map[string]string{"seat": "3"}
	g, _ := newGate(&shelf{subs: []subscription.Subscription{bought}}, 0)
	handler := guarded(g, func(_ http.ResponseWriter, r *http.Request) {
		first, _ := subscription.FromContext(r.Context())
		first.Items[0].PriceID, first.Metadata["seat"] = "z", "4"
		if again, _ := subscription.FromContext(r.Context()); again.Items[0].PriceID != "a" || again.Metadata["seat"] != "3" {
			t.Errorf("a later look sees what a handler did: %v", again)
		}
	}, subscription.Price("a"))
	for range 2 { // from the store, and from memory
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), auth.Identity{UserID: "u", ProjectID: "p"})))
		if w.Code != http.StatusOK {
			t.Errorf("status %d", w.Code)
		}
	}
}

func TestGateSeesAChangeOfThisProcessAtOnce(t *testing.T) {
	t.Parallel()
	s := &shelf{subs: []subscription.Subscription{sub("sub_1", subscription.StatusActive, "a")}}
	g, _ := newGate(s, 0)
	ask(t, g)
	s.subs[0].Status = subscription.StatusCanceled
	g.Drop(owner())
	if status, _ := ask(t, g); status != 402 {
		t.Errorf("status %d", status)
	}
}

func TestGateGivesPastDueItsGrace(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		grace  time.Duration
		failed time.Duration // ago
		period time.Duration // for how long it has been running
		status int
	}{
		"within the default, the period just begun":   {0, 7*day - time.Second, 6 * day, 200},
		"within the default, in the middle of a year": {0, 6 * day, 200 * day, 200},
		"past the default":                            {0, 7 * day, 7 * day, 402},
		"past the default, in the next unpaid period": {0, 31 * day, day, 402},
		"within the host's grace":                     {20 * day, 19 * day, 25 * day, 200},
		"past the host's grace, in a new period":      {20 * day, 20 * day, time.Hour, 402},
		"where there is none at all":                  {-1, 0, 0, 402},
		"where nobody knows when, in a young period":  {0, -1, 6 * day, 200},
		"where nobody knows when, in an older period": {0, -1, 7 * day, 402},
	} {
		s := &shelf{subs: []subscription.Subscription{sub("sub_1", subscription.StatusPastDue, "a")}}
		g, clock := newGate(s, test.grace)
		s.subs[0].CurrentPeriodStart = clock.now.Add(-test.period)
		if test.failed >= 0 {
			s.subs[0].PastDueSince = clock.now.Add(-test.failed)
		}
		if status, _ := ask(t, g); status != test.status {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestGateClosesWhenAScheduledCancellationIsDueThoughRemembered(t *testing.T) {
	t.Parallel()
	s := &shelf{subs: []subscription.Subscription{sub("sub_1", subscription.StatusActive, "a")}}
	g, clock := newGate(s, 0)
	s.subs[0].CancelAt = clock.now.Add(time.Second)
	if status, _ := ask(t, g); status != 200 {
		t.Errorf("before: %d", status)
	}
	clock.now = clock.now.Add(time.Second)
	if status, _ := ask(t, g); status != 402 {
		t.Errorf("after: %d", status)
	}
}

func TestGateAsksForAPlanPriceOrProduct(t *testing.T) {
	t.Parallel()
	s := &shelf{subs: []subscription.Subscription{
		sub("sub_a", subscription.StatusActive, "a"), sub("sub_b", subscription.StatusPastDue, "b"),
	}}
	g, clock := newGate(s, 0)
	s.subs[1].PastDueSince = clock.now
	for name, test := range map[string]struct {
		requirements []subscription.Requirement
		seen         string
	}{
		"nothing":           {nil, "sub_a"},
		"the other's price": {[]subscription.Requirement{subscription.Price("b")}, "sub_b"},
		"a product":         {[]subscription.Requirement{subscription.Product("prod_a")}, "sub_a"},
		"any of two plans":  {[]subscription.Requirement{subscription.Plan("Plan c"), subscription.Plan("Plan b")}, "sub_b"},
		"an unknown price":  {[]subscription.Requirement{subscription.Price("z")}, ""},
	} {
		status, seen := ask(t, g, test.requirements...)
		if seen != test.seen || (seen == "") != (status == 402) {
			t.Errorf("%s: %d %q", name, status, seen)
		}
	}
}

func TestGateStaysClosedWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	g, _ := newGate(&shelf{err: errors.New("away")}, 0)
	if status, _ := ask(t, g); status != 503 {
		t.Errorf("status %d", status)
	}
}
