package manage

import (
	"context"
	"time"

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
	// CreditUnusedTime lets an immediate cancellation credit the customer with what is left of the period.
	CreditUnusedTime bool
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
