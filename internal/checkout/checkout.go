package checkout

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/catalog"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/redirect"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/unpaid"
	"github.com/paymount/paymount/subscription"
)

// Config is what a Checkout works with. Every field is required, but for Customize.
type Config struct {
	Store     subscription.SubscriptionStore
	Stripe    Stripe
	Catalog   *catalog.Catalog
	Customers *customer.Customers
	Refetcher Refetcher
	Unpaid    unpaid.Ender
	// Redirects are the origins that success and cancel URLs may have.
	Redirects *redirect.Origins
	// MaxQuantity is the largest quantity that is sold at once.
	MaxQuantity int64
	// GuardSubscriptionsOnly lets owners with a subscription make one-time payments.
	GuardSubscriptionsOnly bool
	// ForbidOverride ignores Request.AllowExistingSubscription.
	ForbidOverride bool
	// Options are set on every session; Customize changes each one.
	Options   checkout.Options
	Customize checkout.Customize
	Now       func() time.Time
	Logger    *slog.Logger
}

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) (subscription.Object, error)
}

// Checkout sells. It is safe for concurrent use.
//
// Its methods return the errors of package subscription, an *stripe.Error, what the host's hook returned, or an error of the
// store's.
type Checkout struct {
	config Config
	locks  *ownerLocks
	looks  *looks
}

// New returns a Checkout.
func New(config Config) *Checkout {
	return &Checkout{config: config, locks: newOwnerLocks(), looks: newLooks(config.Now)}
}

// Create returns an open session for what r asks for. The same request again gets the same subscription session; each one-time
// payment gets a session of its own. It fails with subscription.ErrInvalid, which names every wrong field, ErrExists,
// ErrPaymentInProgress, or ErrUnavailable when other requests of the owner leave no room.
func (c *Checkout) Create(ctx context.Context, buyer customer.Buyer, r checkout.Request) (checkout.Session, error) {
	if mistakes := c.check(r, ownKeys(buyer)); len(mistakes) > 0 {
		return checkout.Session{}, subscription.Invalid(mistakes...)
	}
	wanted, err := c.wanted(ctx, buyer, r)
	if err != nil {
		return checkout.Session{}, err
	}
	p := &purchase{
		Checkout: c, buyer: buyer, wanted: wanted, override: r.AllowExistingSubscription && !c.config.ForbidOverride,
	}
	defer p.unlock()
	return p.session(ctx)
}

// wanted returns what the session is to be made with: what r asks for and what the host adds.
func (c *Checkout) wanted(ctx context.Context, buyer customer.Buyer, r checkout.Request) (checkout.SessionParams, error) {
	r = withDefaults(r)
	line := r.Lines[0]
	price, err := c.config.Catalog.Check(ctx, buyer, "price_id", line.PriceID, r.Mode)
	switch {
	case err != nil:
		return checkout.SessionParams{}, err
	case price.Metered && line.Quantity != 0:
		return checkout.SessionParams{}, subscription.Invalid(mistake("quantity", "A metered price takes no quantity", "metered_price"))
	case !price.Metered && line.Quantity == 0:
		line.Quantity = 1
	}
	p := checkout.SessionParams{
		Mode: r.Mode, Lines: []checkout.Line{line}, SuccessURL: r.SuccessURL, CancelURL: r.CancelURL,
		Metadata: buyer.Metadata(r.Metadata), Options: c.config.Options,
	}
	if p.Mode == checkout.ModePayment {
		p.Description = price.Name
	}
	if c.config.Customize == nil {
		return p, nil
	}
	p.PaymentMethodTypes = slices.Clone(p.PaymentMethodTypes) // the hook may change it, for this session only
	err = c.config.Customize(ctx, buyer.Identity, &p)
	p.Metadata = buyer.Metadata(p.Metadata)
	return p, err
}
