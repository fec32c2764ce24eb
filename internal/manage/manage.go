package manage

import (
	"time"

	"github.com/paymount/paymount/internal/catalog"
	"github.com/paymount/paymount/internal/redirect"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/internal/unpaid"
	"github.com/paymount/paymount/subscription"
)

// Manager runs the use cases. Every field but QuoteKey and Customize is required. It is safe for concurrent use.
//
// The use cases return the errors of package subscription, a *stripe.Error, or what the store returned.
type Manager struct {
	Store     subscription.SubscriptionStore
	Stripe    *stripe.Gateway
	Refetcher *refetch.Refetcher
	Catalog   *catalog.Catalog
	Unpaid    unpaid.Ender
	// Redirects are the origins that return URLs may have.
	Redirects *redirect.Origins
	// Prorations are the behaviours that clients may ask for.
	Prorations []subscription.Proration
	// CreditUnusedTime lets an immediate cancellation credit the customer with what is left of the period.
	CreditUnusedTime bool
	// QuoteKey signs quotes; when empty, a key that is derived from the project's secret key does.
	QuoteKey []byte
	// MaxQuantity is the largest quantity that is sold.
	MaxQuantity int64
	// Customize changes each update, or refuses it; nil lets all of them be.
	Customize subscription.CustomizeUpdate
	Now       func() time.Time

	syncs syncs
}

// invalid returns ErrInvalid for the mistakes, or nil where there are none.
func invalid(mistakes []subscription.FieldError) error {
	if len(mistakes) == 0 {
		return nil
	}
	return subscription.Invalid(mistakes...)
}
