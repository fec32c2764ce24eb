package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/paymount/paymount/bench/internal/fixture"
)

// simpleRefetch believes no payload either, and fetches the subscription for each event. It takes one event after the other,
// for else a slow fetch could overwrite what a later one saw.
type simpleRefetch struct {
	simpleWebhook

	backends *stripe.Backends
	mu       sync.Mutex
}

func (s *simpleRefetch) receive(ctx context.Context, payload []byte, header string) error {
	event, err := webhook.ConstructEvent(payload, header, fixture.WebhookSecret)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	params := &stripe.SubscriptionParams{}
	params.Context = ctx
	sub, err := client.New(fixture.SecretKey, s.backends).Subscriptions.Get(event.GetObjectValue("id"), params)
	if err != nil {
		return err
	}
	return s.apply(ctx, event.ID, sub)
}

func (s *simpleRefetch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, err := readAll(w, r)
	if err == nil {
		err = s.receive(r.Context(), payload, r.Header.Get("Stripe-Signature"))
	}
	if err != nil {
		http.Error(w, "internal server error", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// burst sends events about one subscription to a handler, all at once, and returns when the last one is answered.
func burst(ctx context.Context, h http.Handler, name string) error {
	const events = 8
	object := fixture.Subscription("sub_" + name)
	var requests []*http.Request
	for i := range events {
		r, err := delivery(ctx, fmt.Sprintf("evt_%s_%d", name, i), "customer.subscription.updated", object)
		if err != nil {
			return err
		}
		requests = append(requests, r)
	}
	errs := make([]error, events)
	var done sync.WaitGroup
	for i, r := range requests {
		done.Go(func() { errs[i] = fixture.Call(h, r) })
	}
	done.Wait()
	return errors.Join(errs...)
}

// bursts returns both handlers.
func bursts(p *fixture.Postgres, slow *fixture.Stripe) (ours, simple http.Handler, err error) {
	service, err := fixture.NewService(p.Store, fixture.Credentials(fixture.ProjectID), slow, "")
	if err != nil {
		return nil, nil, err
	}
	backends := newSimpleCheckout("", &http.Client{Transport: slow}).backends
	return service.Webhook(), &simpleRefetch{simpleWebhook: simpleWebhook{p.Pool}, backends: backends}, nil
}

const burstLatency = 150 * time.Millisecond

// burstRows compares how soon the events of one checkout are done that come all at once.
func burstRows(ctx context.Context, b bench) (rows []row, err error) {
	p, err := fixture.OpenPostgres(ctx, b.postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close(ctx)) }()
	if err := p.Exec(ctx, simpleTables); err != nil {
		return nil, err
	}
	slow := &fixture.Stripe{Latency: burstLatency}
	ours, simple, err := bursts(p, slow)
	if err != nil {
		return nil, err
	}
	sent := 0
	var fetches []int64
	send := func(h http.Handler) error {
		sent++
		return burst(ctx, h, fmt.Sprintf("burst%d", sent))
	}
	read, err := b.measure(1,
		side{name: "paymount", do: func() error {
			before := slow.Calls.Load()
			err := send(ours)
			fetches = append(fetches, slow.Calls.Load()-before)
			return err
		}},
		side{name: "one refetch per event", do: func() error { return send(simple) }},
	)
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "webhook burst: 8 events of one checkout at once, Stripe takes 150 ms", against: "one refetch per event",
		checks: []check{
			atMost(float64(slices.Max(fetches)), 2, "%.0f fetches"),
			atLeast(ratio(read[1], read[0]), 4, "%.1fx sooner done"),
			told("%s", duration(median(read[0].nanoseconds))),
		},
	}}, nil
}
