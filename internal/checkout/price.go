package checkout

import (
	"context"
	"log/slog"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

const (
	// priceCacheSize is how many prices are remembered that can be sold, and how many that can't, at some 200 bytes each.
	priceCacheSize = 10_000
	// priceMaxAge is how long a price is taken to be sellable without asking. A price that was archived meanwhile is refused
	// by Stripe, which counts as the same mistake of the client's.
	priceMaxAge = 5 * time.Minute
	// unsellableMaxAge is how long a price is taken for unknown or archived without asking: long enough that a client who
	// keeps asking for it costs few calls, short enough for one that has just been made.
	unsellableMaxAge = 5 * time.Second
)

type priceKey struct {
	scope project.Scope
	id    string
}

// knownPrice is what Stripe said of a price; unknown is set when it knows none of that id.
type knownPrice struct {
	stripe.Price

	unknown bool
	until   time.Time
}

// priceCache knows which prices can be sold, and for a moment which can't. These have a list of their own, so that asking for
// many of them does not drive out what is sold.
type priceCache struct {
	stripe               Stripe
	now                  func() time.Time
	unlisted             *unlisted
	sellable, unsellable *lru.Cache[priceKey, knownPrice]
}

func newPriceCache(calls Stripe, now func() time.Time, logger *slog.Logger) *priceCache {
	p := &priceCache{stripe: calls, now: now, unlisted: newUnlisted(logger)}
	p.sellable, _ = lru.New[priceKey, knownPrice](priceCacheSize) // it fails for a size below 1 only
	p.unsellable, _ = lru.New[priceKey, knownPrice](priceCacheSize)
	return p
}

// check returns a price that can be sold in a mode. As a mistake in a field of the body it reports a price that the project
// does not sell, one that Stripe does not know or has archived, and one that is of the wrong kind for the mode.
func (p *priceCache) check(ctx context.Context, call customer.Buyer, field, id string, mode checkout.Mode) (stripe.Price, error) {
	fail := func(msg, kind string) (stripe.Price, error) {
		return stripe.Price{}, httperr.Invalid(httperr.BodyField(field, msg, kind))
	}
	if !call.Credentials.Sells(id) {
		return fail("The price is not for sale", "price_not_allowed")
	}
	if !isPriceID(id) {
		return fail("There is no such price", "price_not_found")
	}
	price, err := p.look(ctx, call, id)
	switch {
	case err != nil:
		return stripe.Price{}, err
	case price.unknown:
		return fail("There is no such price", "price_not_found")
	case !price.Active:
		return fail("The price is not for sale any more", "price_inactive")
	case price.Recurring && mode == checkout.ModePayment:
		return fail("The price is recurring: it is for mode subscription", "price_wrong_type")
	case !price.Recurring && mode == checkout.ModeSubscription:
		return fail("The price is not recurring: it is for mode payment", "price_wrong_type")
	}
	p.unlisted.look(ctx, call)
	return price.Price, nil
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

// look returns what is remembered of a price, or asks Stripe.
func (p *priceCache) look(ctx context.Context, call customer.Buyer, id string) (knownPrice, error) {
	key := priceKey{call.Owner.Scope, id}
	for _, known := range []*lru.Cache[priceKey, knownPrice]{p.sellable, p.unsellable} {
		if price, ok := known.Get(key); ok && p.now().Before(price.until) {
			return price, nil
		}
	}
	found, err := p.stripe.Price(ctx, call.Credentials, id)
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return knownPrice{}, err
	}
	price := knownPrice{Price: found, unknown: err != nil}
	if price.unknown || !price.Active {
		price.until = p.now().Add(unsellableMaxAge)
		p.sellable.Remove(key)
		p.unsellable.Add(key, price)
		return price, nil
	}
	price.until = p.now().Add(priceMaxAge)
	p.sellable.Add(key, price)
	return price, nil
}

// ForgetPrice lets the next request ask Stripe for a price again: it has refused the one that is remembered.
func (c *Checkout) ForgetPrice(scope project.Scope, id string) {
	c.prices.sellable.Remove(priceKey{scope, id})
}

// CheckRecurring reports a price that can't be subscribed to, as a mistake in a field of the body, and tells of one that can
// whether it is metered, so that it takes no quantity.
func (c *Checkout) CheckRecurring(
	ctx context.Context, call customer.Buyer, field, priceID string,
) (metered bool, err error) {
	price, err := c.prices.check(ctx, call, field, priceID, checkout.ModeSubscription)
	return price.Metered, err
}

// PricesChanged forgets what is known of a price or, with an empty id, of all prices of a scope.
func (c *Checkout) PricesChanged(scope project.Scope, priceID string) {
	for _, known := range []*lru.Cache[priceKey, knownPrice]{c.prices.sellable, c.prices.unsellable} {
		if priceID != "" {
			known.Remove(priceKey{scope, priceID})
			continue
		}
		for _, key := range known.Keys() {
			if key.scope == scope {
				known.Remove(key)
			}
		}
	}
}
