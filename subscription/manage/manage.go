package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/refetch"
)

// timeout bounds an endpoint's work.
const timeout = 40 * time.Second

// Config is what the handlers work with. Every field but QuoteKey is required.
type Config struct {
	Endpoint  *endpoint.Config
	Store     subscription.SubscriptionStore
	Stripe    Stripe
	Refetcher Refetcher
	Prices    Prices
	Redirects Redirects
	// Prorations are the behaviours that clients may ask for.
	Prorations []Proration
	// QuoteKey signs quotes; when empty, a key that is derived from the project's secret key does.
	QuoteKey []byte
	// MaxQuantity is the largest quantity that is sold.
	MaxQuantity int64
	Now         func() time.Time
}

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) error
}

// Prices knows what can be sold.
type Prices interface {
	// CheckRecurring reports a price that can't be subscribed to, as a mistake in a field of the body, and tells of one that
	// can whether it is metered, so that it takes no quantity.
	CheckRecurring(ctx context.Context, call endpoint.Call, field, priceID string) (metered bool, err error)
	// ForgetPrice lets the next request ask Stripe for a price again: it has refused the one that is remembered.
	ForgetPrice(scope subscription.Scope, priceID string)
}

// Redirects is the allow-list of redirect URLs.
type Redirects interface {
	// Field returns a URL of the body, and reports one that is not allowed.
	Field(f *endpoint.Form, name string) string
}

// fresh returns the user's current subscription as it is at Stripe now.
func (c Config) fresh(ctx context.Context, call endpoint.Call) (subscription.Subscription, error) {
	known, err := c.current(ctx, call)
	if err != nil {
		return known, err
	}
	if err := c.refresh(ctx, call, known.ID); err != nil {
		return known, err
	}
	return c.current(ctx, call)
}

// current returns the user's current subscription from the store.
func (c Config) current(ctx context.Context, call endpoint.Call) (subscription.Subscription, error) {
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return subscription.Subscription{}, err
	}
	s, ok := subscription.Current(subs)
	if !ok {
		return s, httperr.NotFound("You have no subscription.")
	}
	return s, nil
}

// byID returns one of the user's subscriptions from the store, ended or not.
func (c Config) byID(ctx context.Context, call endpoint.Call, id string) (subscription.Subscription, error) {
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return subscription.Subscription{}, err
	}
	for _, s := range subs {
		if s.ID == id {
			return s, nil
		}
	}
	return subscription.Subscription{}, httperr.NotFound("There is no such subscription.")
}

// refresh brings a subscription into the store as it is at Stripe now.
func (c Config) refresh(ctx context.Context, call endpoint.Call, id string) error {
	t := refetch.Target{Scope: call.Owner.Scope, Credentials: call.Credentials, Object: id}
	return refetch.Stored(c.Refetcher.Refetch(ctx, t))
}

// after brings a subscription that was just changed into the store, and returns it.
func (c Config) after(ctx context.Context, call endpoint.Call, id string) (subscription.Subscription, error) {
	if err := c.refresh(ctx, call, id); err != nil {
		return subscription.Subscription{}, err
	}
	return c.byID(ctx, call, id)
}

func conflict(detail string) error {
	return httperr.New(http.StatusConflict, httperr.CodeConflict, detail)
}

// changeable refuses a subscription that can't be changed from here.
func changeable(s subscription.Subscription) error {
	if s.ScheduleID != "" {
		return conflict("The subscription follows a schedule. It can't be changed here.")
	}
	return nil
}
