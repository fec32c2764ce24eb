package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/subscription/memstore"
)

const tenants = 10_000

// tenant is a service with a number of projects that take turns. All of them together have as many subscriptions, whatever
// their number is.
type tenant struct {
	projects []string
	webhook  http.Handler
	read     http.Handler
	requests []*http.Request
	i        int
}

func newTenant(projects int) (*tenant, error) {
	t := &tenant{}
	for i := range projects {
		t.projects = append(t.projects, fmt.Sprintf("project_%d", i))
	}
	service, err := fixture.NewService(memstore.New(), fixture.Credentials(t.projects...), &fixture.Stripe{}, "")
	if err != nil {
		return nil, err
	}
	t.webhook, t.read = service.Webhook(), service.MySubscription()
	return t, nil
}

// deliveries makes the requests of n events.
func (t *tenant) deliveries(ctx context.Context, n int) error {
	t.requests = t.requests[:0]
	for range n {
		t.i++
		r, err := delivery(ctx, fmt.Sprintf("evt_%d", t.i), "customer.subscription.updated",
			fixture.Subscription(fmt.Sprintf("sub_%d", t.i%tenants)))
		if err != nil {
			return err
		}
		r.SetPathValue("project_id", t.projects[t.i%len(t.projects)])
		t.requests = append(t.requests, r)
	}
	return nil
}

func (t *tenant) deliver() error {
	r := t.requests[len(t.requests)-1]
	t.requests = t.requests[:len(t.requests)-1]
	return fixture.Call(t.webhook, r)
}

func (t *tenant) ask(ctx context.Context) error {
	t.i++
	r, err := mySubscription(ctx, fmt.Sprintf("user_%d", t.i%tenants))
	if err != nil {
		return err
	}
	r.Header.Set("X-Project", t.projects[t.i%len(t.projects)])
	return fixture.Call(t.read, r)
}

// tenantRows compares a service of many projects with one of a single project.
func tenantRows(ctx context.Context, b bench) ([]row, error) {
	one, err := newTenant(1)
	if err != nil {
		return nil, err
	}
	before := heap()
	many, err := newTenant(tenants)
	if err != nil {
		return nil, err
	}
	idle := float64(heap()-before) / tenants
	for _, t := range []*tenant{one, many} { // everybody has a subscription
		if err := t.deliveries(ctx, tenants); err != nil {
			return nil, err
		}
		for range tenants {
			if err := t.deliver(); err != nil {
				return nil, err
			}
		}
	}
	prepare := func(t *tenant) func(int) error { return func(n int) error { return t.deliveries(ctx, n) } }
	webhooks, err := b.measure(1,
		side{name: "many", prepare: prepare(many), do: many.deliver}, side{name: "one", prepare: prepare(one), do: one.deliver})
	if err != nil {
		return nil, err
	}
	reads, err := b.measure(1,
		side{name: "many", do: func() error { return many.ask(ctx) }}, side{name: "one", do: func() error { return one.ask(ctx) }})
	if err != nil {
		return nil, err
	}
	limit := atMost(max(ratio(webhooks[0], webhooks[1]), ratio(reads[0], reads[1])), 1.2, "%.2fx")
	limit.measured = fmt.Sprintf("webhook %.2fx, my-subscription %.2fx", ratio(webhooks[0], webhooks[1]), ratio(reads[0], reads[1]))
	return []row{{
		path: "10,000 projects in turn (memory store)", against: "one project",
		checks: []check{limit, told("%.0f bytes for an idle project", idle)},
	}}, nil
}

// heap is how many bytes are in use.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
