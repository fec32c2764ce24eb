package manage

import (
	"context"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// timeout bounds an endpoint's work.
const timeout = 40 * time.Second

// Config is what the handlers work with. Every field but QuoteKey is required.
type Config struct {
	Endpoint  *api.Config
	Store     subscription.SubscriptionStore
	Stripe    Stripe
	Refetcher Refetcher
	Prices    Prices
	Redirects *checkout.Origins
	// Prorations are the behaviours that clients may ask for.
	Prorations []subscription.Proration
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
	CheckRecurring(ctx context.Context, call customer.Buyer, field, priceID string) (metered bool, err error)
	// ForgetPrice lets the next request ask Stripe for a price again: it has refused the one that is remembered.
	ForgetPrice(scope project.Scope, priceID string)
}
