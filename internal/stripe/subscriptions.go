package stripe

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const subscriptionPath = "/v1/subscriptions/%s"

type subscriptionObject struct {
	sdk.APIResource
	ID                 string              `json:"id"`
	Status             string              `json:"status"`
	Currency           string              `json:"currency"`
	Customer           Ref[customerObject] `json:"customer"`
	CurrentPeriodStart seconds             `json:"current_period_start"`
	CurrentPeriodEnd   seconds             `json:"current_period_end"`
	CancelAtPeriodEnd  bool                `json:"cancel_at_period_end"`
	CancelAt           seconds             `json:"cancel_at"`
	CanceledAt         seconds             `json:"canceled_at"`
	EndedAt            seconds             `json:"ended_at"`
	TrialEnd           seconds             `json:"trial_end"`
	Created            seconds             `json:"created"`
	Metadata           map[string]string   `json:"metadata"`
	Schedule           Ref[Unknown]        `json:"schedule"`
	PauseCollection    *struct{}           `json:"pause_collection"`
	Items              struct {
		Data []itemObject `json:"data"`
		More bool         `json:"has_more"`
	} `json:"items"`
}

type itemObject struct {
	ID                 string  `json:"id"`
	Quantity           *int64  `json:"quantity"`
	CurrentPeriodStart seconds `json:"current_period_start"`
	CurrentPeriodEnd   seconds `json:"current_period_end"`
	Price              struct {
		ID        string             `json:"id"`
		Nickname  string             `json:"nickname"`
		Product   Ref[productObject] `json:"product"`
		Recurring *recurring         `json:"recurring"`
	} `json:"price"`
}

type productObject struct {
	Active *bool  `json:"active"`
	Name   string `json:"name"`
}

// Subscription returns a subscription with everything but its Owner.
func (g *Gateway) Subscription(ctx context.Context, c project.Credentials, id string) (subscription.Subscription, error) {
	path, err := path(subscriptionPath, "sub_", id)
	if err != nil {
		return subscription.Subscription{}, err
	}
	params := &sdk.SubscriptionParams{}
	params.AddExpand("items.data.price.product")
	var out subscriptionObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return subscription.Subscription{}, err
	}
	if err := g.addItems(ctx, c, &out); err != nil {
		return subscription.Subscription{}, err
	}
	if err := g.addProducts(ctx, c, &out); err != nil {
		return subscription.Subscription{}, err
	}
	s := out.subscription()
	err = g.addFailure(ctx, c, &s)
	return s, err
}

// addProducts fetches the products of items that would else have no name: see addCharge.
func (g *Gateway) addProducts(ctx context.Context, c project.Credentials, o *subscriptionObject) error {
	for i := range o.Items.Data {
		price := &o.Items.Data[i].Price
		if price.Product.Object != nil || price.Product.ID == "" || price.Nickname != "" {
			continue
		}
		path, err := path("/v1/products/%s", "", price.Product.ID)
		if err != nil {
			return err
		}
		var out struct {
			sdk.APIResource
			productObject
		}
		err = g.call(ctx, c, http.MethodGet, path, &sdk.ProductParams{}, "", &out)
		if err := unlessNotFound(err); err != nil {
			return err
		}
		price.Product.Object = &out.productObject
	}
	return nil
}

// addItems fetches the items of a subscription that has more than the ten which Stripe shows in it. They come after those.
func (g *Gateway) addItems(ctx context.Context, c project.Credentials, o *subscriptionObject) error {
	if !o.Items.More {
		return nil
	}
	params := &listParams{Subscription: sdk.String(o.ID)}
	params.expand("data.price.product")
	all, err := listAll(ctx, g, c, "/v1/subscription_items", params, func(i *itemObject) string { return i.ID })
	if err != nil {
		return err
	}
	for _, item := range all {
		shown := func(other itemObject) bool { return other.ID == item.ID }
		if !slices.ContainsFunc(o.Items.Data, shown) {
			o.Items.Data = append(o.Items.Data, item)
		}
	}
	return nil
}

// Subscriptions returns the ids of a customer's subscriptions that have not been cancelled.
func (g *Gateway) Subscriptions(ctx context.Context, c project.Credentials, customerID string) ([]string, error) {
	type row struct {
		ID string `json:"id"`
	}
	params := &listParams{Customer: sdk.String(customerID)}
	all, err := listAll(ctx, g, c, "/v1/subscriptions", params, func(r *row) string { return r.ID })
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(all))
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids, nil
}

func (o *subscriptionObject) subscription() subscription.Subscription {
	s := subscription.Subscription{
		ID: o.ID, CustomerID: o.Customer.ID, Status: subscription.Status(o.Status),
		CurrentPeriodStart: o.CurrentPeriodStart.time(), CurrentPeriodEnd: o.CurrentPeriodEnd.time(),
		CancelAt: o.CancelAt.time(), CancelAtPeriodEnd: o.CancelAtPeriodEnd, CanceledAt: o.CanceledAt.time(), EndedAt: o.EndedAt.time(),
		TrialEnd: o.TrialEnd.time(), CreatedAt: o.Created.time(),
		CollectionPaused: o.PauseCollection != nil, ScheduleID: o.Schedule.ID, Metadata: storableMetadata(o.Metadata),
	}
	for _, item := range o.Items.Data {
		s.Items = append(s.Items, item.item())
		o.widen(&s, item)
	}
	if o.CancelAtPeriodEnd && s.CancelAt.IsZero() {
		s.CancelAt = s.CurrentPeriodEnd
	}
	return s
}

// widen takes the period from the items where the subscription itself has none, as in versions since 2025-03-31.basil:
// the latest start and the earliest end, as Stripe's own filters read it.
func (o *subscriptionObject) widen(s *subscription.Subscription, item itemObject) {
	if start := item.CurrentPeriodStart.time(); o.CurrentPeriodStart == 0 && start.After(s.CurrentPeriodStart) {
		s.CurrentPeriodStart = start
	}
	end := item.CurrentPeriodEnd.time()
	if o.CurrentPeriodEnd == 0 && !end.IsZero() && (s.CurrentPeriodEnd.IsZero() || end.Before(s.CurrentPeriodEnd)) {
		s.CurrentPeriodEnd = end
	}
}

func (i itemObject) item() subscription.Item {
	item := subscription.Item{
		ID: i.ID, PriceID: i.Price.ID, ProductID: i.Price.Product.ID, PlanName: i.Price.Nickname, Quantity: 1,
		Metered: i.Price.Recurring.metered(),
	}
	if i.Quantity != nil {
		item.Quantity = *i.Quantity
	}
	if product := i.Price.Product.Object; product != nil && product.Name != "" {
		item.PlanName = product.Name
	}
	item.PlanName = storable(item.PlanName)
	return item
}
