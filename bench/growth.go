package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// storePath is one thing that the store is asked, about the user of a number.
type storePath struct {
	name string
	ask  func(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, number int) error
}

func storePaths() []storePath {
	return []storePath{
		{"Subscriptions", func(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, _ int) error {
			subs, err := p.Store.Subscriptions(ctx, owner)
			return found(len(subs) == 1, err)
		}},
		{"Payments", func(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, _ int) error {
			payments, _, err := p.Store.Payments(ctx, owner, subscription.Page{Limit: 50})
			return found(len(payments) == 1, err)
		}},
		{"Intent", func(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, _ int) error {
			intent, err := p.Store.Intent(ctx, owner, subscription.IntentCustomer)
			return found(intent.ObjectID != "", err)
		}},
		{"CustomerOwner", func(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, number int) error {
			user, err := p.Store.CustomerOwner(ctx, owner.Scope, fmt.Sprintf("cus_%d", number))
			return found(user == owner.ID, err)
		}},
		{"Load and Save", save},
	}
}

// ownerOf is the user of a number.
func ownerOf(number int) subscription.Owner {
	return subscription.Owner{
		Scope: project.Scope{ProjectID: fixture.ProjectID, Mode: project.ModeTest}, ID: fmt.Sprintf("user_%d", number),
	}
}

func found(ok bool, err error) error {
	if err == nil && !ok {
		return errors.New("it is not there")
	}
	return err
}

// save writes a change of the user's subscription, as a webhook does.
func save(ctx context.Context, p *fixture.Postgres, owner subscription.Owner, number int) error {
	object, event := fmt.Sprintf("sub_%d", number), fmt.Sprintf("evt_%016x", rand.Uint64()) //nolint:gosec // no secret
	loaded, err := p.Store.Load(ctx, owner.Scope, object, []string{event})
	if err != nil {
		return err
	}
	now, next := time.Now(), loaded.Object
	next.Subscription = &subscription.Subscription{
		ID: object, Owner: owner, CustomerID: fmt.Sprintf("cus_%d", number), Status: subscription.StatusActive,
		CurrentPeriodStart: now.UTC().Truncate(time.Second), CreatedAt: now.UTC().Truncate(time.Second),
		Items: []subscription.Item{{ID: "si_1", PriceID: fixture.PriceID, ProductID: "prod_pro", Quantity: next.Version}},
	}
	next.Notification = subscription.Notification{Count: next.Notification.Count + 1, Notified: next.Subscription}
	saved, err := p.Store.Save(ctx, subscription.Write{
		Old: loaded.Object, New: next, WithNotification: true, Events: []string{event}, At: now,
	})
	return found(saved, err)
}

// filled returns tables of a number of users.
func filled(ctx context.Context, url string, users int) (*fixture.Postgres, error) {
	p, err := fixture.OpenPostgres(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := p.Fill(ctx, users); err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	return p, nil
}

// growthRows compares each path of the store in small tables with the same path in large ones. The users are drawn by chance
// among all that there are.
func growthRows(ctx context.Context, b bench) (rows []row, err error) {
	sizes := [2]int{1000, 1_000_000}
	if b.quick {
		sizes[1] = 100_000
	}
	small, err := filled(ctx, b.postgres, sizes[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, small.Close(ctx)) }()
	large, err := filled(ctx, b.postgres, sizes[1])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, large.Close(ctx)) }()
	tables := [2]*fixture.Postgres{small, large}
	worst, all := 0.0, []string{}
	for _, path := range storePaths() {
		ask := func(i int) side {
			return side{name: fmt.Sprintf("%s of %d", path.name, sizes[i]), do: func() error {
				number := rand.N(sizes[i]) + 1 //nolint:gosec // no secret
				return path.ask(ctx, tables[i], ownerOf(number), number)
			}}
		}
		read, err := b.measure(1, ask(0), ask(1))
		if err != nil {
			return nil, err
		}
		grown := ratio(read[1], read[0])
		worst, all = max(worst, grown), append(all, fmt.Sprintf("%s %.2fx", path.name, grown))
	}
	limit := atMost(worst, 1.25, "%.2fx")
	limit.measured = strings.Join(all, ", ")
	return []row{{
		path:    fmt.Sprintf("growth: each path of the store at %d subscriptions, Postgres", sizes[1]),
		against: fmt.Sprintf("the same at %d", sizes[0]), checks: []check{limit},
	}}, nil
}
