package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

const checkoutBody = `{"price_id": "` + fixture.PriceID + `", "success_url": "` + fixture.Origin +
	`/welcome?session={CHECKOUT_SESSION_ID}", "cancel_url": "` + fixture.Origin + `/plans", "mode": "subscription", "quantity": 1,
"metadata": {"campaign": "autumn"}}`

// simpleCheckout is what a team writes that only wants a session: it decodes the same body and calls Stripe. It checks no
// URL and no price, keeps nothing, and opens a second session for whoever asks twice.
type simpleCheckout struct {
	backends *stripe.Backends
}

func newSimpleCheckout(stripeURL string, httpClient *http.Client) simpleCheckout {
	config := &stripe.BackendConfig{
		HTTPClient: httpClient, EnableTelemetry: new(false),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if stripeURL != "" {
		config.URL = new(stripeURL)
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, config)
	return simpleCheckout{&stripe.Backends{API: backend, Connect: backend, Uploads: backend}}
}

func (s simpleCheckout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := fixture.UserFrom(r)
	if err != nil {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var in struct {
		PriceID    string            `json:"price_id"`
		SuccessURL string            `json:"success_url"`
		CancelURL  string            `json:"cancel_url"`
		Mode       string            `json:"mode"`
		Quantity   int64             `json:"quantity"`
		Metadata   map[string]string `json:"metadata"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	in.Metadata["user_id"], in.Metadata["project_id"] = id.UserID, id.ProjectID
	params := &stripe.CheckoutSessionParams{
		Mode: new(in.Mode), Customer: new(customerOf(id.UserID)), ClientReferenceID: new(id.UserID),
		SuccessURL: new(in.SuccessURL), CancelURL: new(in.CancelURL), Metadata: in.Metadata,
		LineItems: []*stripe.CheckoutSessionLineItemParams{
			{Price: new(in.PriceID), Quantity: new(in.Quantity)},
		},
		SubscriptionData: &stripe.CheckoutSessionSubscriptionDataParams{Metadata: in.Metadata},
	}
	params.Context = r.Context()
	session, err := client.New(fixture.SecretKey, s.backends).CheckoutSessions.New(params)
	if err != nil {
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	}
	writeJSON(w, map[string]string{"session_id": session.ID, "checkout_url": session.URL})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the client has gone
	}
}

func customerOf(user string) string { return "cus_" + strings.TrimPrefix(user, "user_") }

// checkouts are the two ways to a session, with one Stripe on loopback for both.
type checkouts struct {
	stripe       *fixture.Stripe
	server       *httptest.Server
	store        *memstore.Store
	ours, simple http.Handler
	// users counts those who have a customer; next is the one who buys next.
	users, next atomic.Int64
}

func newCheckouts() (*checkouts, error) {
	c := &checkouts{stripe: &fixture.Stripe{}, store: memstore.New()}
	c.server = httptest.NewServer(c.stripe)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	service, err := fixture.NewService(c.store, fixture.Credentials(fixture.ProjectID), transport, c.server.URL)
	if err != nil {
		c.server.Close()
		return nil, err
	}
	c.ours = service.CreateCheckoutSession()
	c.simple = newSimpleCheckout(c.server.URL, &http.Client{Transport: transport})
	return c, nil
}

// customers gives n more users a customer at Stripe, as an earlier checkout has left it.
func (c *checkouts) customers(ctx context.Context, n int) error {
	for range n {
		user := fmt.Sprintf("user_%d", c.users.Add(1))
		owner := subscription.Owner{Scope: project.Scope{ProjectID: fixture.ProjectID, Mode: project.ModeTest}, ID: user}
		adopted, err := c.store.AdoptCustomer(ctx, owner, customerOf(user), 0,
			subscription.Intent{Attempt: "attempt", ObjectID: customerOf(user), Data: []byte("{}")})
		if err != nil || !adopted {
			return errors.Join(errors.New("no customer for "+user), err)
		}
	}
	return nil
}

// buy has the next user, or the first one again, ask for a session.
func (c *checkouts) buy(ctx context.Context, h http.Handler, user int64) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/checkout-session", strings.NewReader(checkoutBody))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-User", fmt.Sprintf("user_%d", user))
	return fixture.Call(h, r)
}

// checkoutRows compares the checkout of a user who has a customer but no open session, for a price that is known.
func checkoutRows(ctx context.Context, b bench) ([]row, error) {
	c, err := newCheckouts()
	if err != nil {
		return nil, err
	}
	defer c.server.Close()
	if err := c.customers(ctx, 1); err != nil {
		return nil, err
	}
	if err := c.buy(ctx, c.ours, c.next.Add(1)); err != nil { // the price is known from now on
		return nil, err
	}
	var calls [2][]float64
	counted := func(i int, do func() error) func() error {
		return func() error {
			before := c.stripe.Calls.Load()
			err := do()
			calls[i] = append(calls[i], float64(c.stripe.Calls.Load()-before))
			return err
		}
	}
	read, err := b.measure(1,
		side{
			name: "paymount", prepare: func(n int) error { return c.customers(ctx, n) },
			do: counted(0, func() error { return c.buy(ctx, c.ours, c.next.Add(1)) }),
		},
		side{name: "by hand", do: counted(1, func() error { return c.buy(ctx, c.simple, 1) })},
	)
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "checkout, warm (memory store, Stripe on loopback)", against: "a hand-written handler that calls stripe-go v76",
		checks: []check{
			atMost(ratio(read[0], read[1]), 1.15, "%.2fx in time"),
			atMost(median(calls[0]), median(calls[1]), "%.0f call to Stripe"),
			told("%s", duration(median(read[0].nanoseconds))),
		},
	}}, nil
}

// answer returns the status and the body of what a handler answers.
func answer(h http.Handler, r *http.Request) (status int, body string) {
	var text strings.Builder
	w := fixture.Response{Body: io.Writer(&text)}
	h.ServeHTTP(&w, r)
	return w.Status, text.String()
}
