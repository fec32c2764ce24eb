package catalog

import (
	"context"
	"log/slog"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	// cacheSize is how many prices are remembered that can be sold, and how many that can't, at some 200 bytes each.
	cacheSize = 10_000
	// maxAge is how long a price is taken to be sellable without asking. A price that was archived meanwhile is refused by
	// Stripe, which counts as the same mistake of the client's.
	maxAge = 5 * time.Minute
	// unsellableMaxAge is how long a price is taken for unknown or archived without asking: long enough that a client who
	// keeps asking for it costs few calls, short enough for one that has just been made.
	unsellableMaxAge = 5 * time.Second
)

// Stripe is the call that a Catalog needs. Its errors are *stripe.Error.
type Stripe interface {
	// Price returns a price and whether it and its product can be sold.
	Price(ctx context.Context, c project.Credentials, id string) (stripe.Price, error)
}

// Config is what a Catalog works with. Every field but Known is required.
type Config struct {
	Stripe Stripe
	// Known are the credentials that can be looked at before anything is sold.
	Known  project.Static
	Now    func() time.Time
	Logger *slog.Logger
}

// Catalog knows which prices can be sold, and for a moment which can't. These have a list of their own, so that asking for many
// of them does not drive out what is sold. It is safe for concurrent use.
type Catalog struct {
	config               Config
	unlisted             *unlisted
	sellable, unsellable *lru.Cache[key, price]
}

type key struct {
	scope project.Scope
	id    string
}

// price is what Stripe said of a price; unknown is set when it knows none of that id.
type price struct {
	stripe.Price

	unknown bool
	until   time.Time
}

// New returns a Catalog. It warns of those known credentials that sell any price.
func New(config Config) *Catalog {
	c := &Catalog{config: config, unlisted: newUnlisted(config.Logger, config.Known)}
	c.sellable, _ = lru.New[key, price](cacheSize) // it fails for a size below 1 only
	c.unsellable, _ = lru.New[key, price](cacheSize)
	return c
}

// Check returns a price that can be sold in a mode. It fails with subscription.ErrInvalid, about the field of that name, for a
// price that the project does not sell, one that Stripe does not know or has archived, and one of the wrong kind for the mode.
func (c *Catalog) Check(
	ctx context.Context, buyer customer.Buyer, field, id string, mode checkout.Mode,
) (stripe.Price, error) {
	fail := func(message, kind string) (stripe.Price, error) {
		return stripe.Price{}, subscription.Invalid(subscription.FieldError{Field: field, Message: message, Kind: kind})
	}
	if !buyer.Credentials.Sells(id) {
		return fail("The price is not for sale", "price_not_allowed")
	}
	if !isPriceID(id) {
		return fail("There is no such price", "price_not_found")
	}
	found, err := c.find(ctx, buyer, id)
	switch {
	case err != nil:
		return stripe.Price{}, err
	case found.unknown:
		return fail("There is no such price", "price_not_found")
	case !found.Active:
		return fail("The price is not for sale any more", "price_inactive")
	case found.Recurring && mode == checkout.ModePayment:
		return fail("The price is recurring: it is for mode subscription", "price_wrong_type")
	case !found.Recurring && mode == checkout.ModeSubscription:
		return fail("The price is not recurring: it is for mode payment", "price_wrong_type")
	}
	c.unlisted.sold(ctx, buyer)
	return found.Price, nil
}

// CheckRecurring is Check for a price to subscribe to. It reports whether the price is metered, so that it takes no quantity.
func (c *Catalog) CheckRecurring(ctx context.Context, buyer customer.Buyer, field, id string) (metered bool, err error) {
	found, err := c.Check(ctx, buyer, field, id, checkout.ModeSubscription)
	return found.Metered, err
}

// isPriceID reports whether id has the shape of a price's id. Anything else could name another of Stripe's paths, such as
// /v1/prices/search.
func isPriceID(id string) bool {
	rest, ok := strings.CutPrefix(id, "price_")
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
	}
	return ok && rest != "" && !strings.ContainsFunc(rest, odd)
}

// find returns what is remembered of a price, or asks Stripe.
func (c *Catalog) find(ctx context.Context, buyer customer.Buyer, id string) (price, error) {
	k := key{buyer.Owner.Scope, id}
	for _, cache := range c.caches() {
		if found, ok := cache.Get(k); ok && c.config.Now().Before(found.until) {
			return found, nil
		}
	}
	answer, err := c.config.Stripe.Price(ctx, buyer.Credentials, id)
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return price{}, err
	}
	found := price{Price: answer, unknown: err != nil}
	if found.unknown || !found.Active {
		found.until = c.config.Now().Add(unsellableMaxAge)
		c.sellable.Remove(k)
		c.unsellable.Add(k, found)
		return found, nil
	}
	found.until = c.config.Now().Add(maxAge)
	c.sellable.Add(k, found)
	return found, nil
}

func (c *Catalog) caches() []*lru.Cache[key, price] {
	return []*lru.Cache[key, price]{c.sellable, c.unsellable}
}

// ForgetPrice lets the next purchase ask Stripe for a price again, because Stripe has refused the one that is remembered.
func (c *Catalog) ForgetPrice(scope project.Scope, id string) {
	c.sellable.Remove(key{scope, id})
}

// PricesChanged forgets what is known of a price or, with an empty id, of all prices of a scope.
func (c *Catalog) PricesChanged(scope project.Scope, id string) {
	for _, cache := range c.caches() {
		if id != "" {
			cache.Remove(key{scope, id})
			continue
		}
		for _, k := range cache.Keys() {
			if k.scope == scope {
				cache.Remove(k)
			}
		}
	}
}
