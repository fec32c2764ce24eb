package checkout

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

const (
	// priceCacheSize is how many prices are remembered, at some 200 bytes each.
	priceCacheSize = 10_000
	// priceMaxAge is how long a price is taken to be sellable without asking. A price that was archived meanwhile is refused
	// by Stripe, which counts as the same mistake of the client's.
	priceMaxAge = 5 * time.Minute
)

type priceKey struct {
	scope subscription.Scope
	id    string
}

type knownPrice struct {
	name      string
	recurring bool
	until     time.Time
}

// priceCache knows which prices can be sold. It remembers only those that can.
type priceCache struct {
	stripe Stripe
	now    func() time.Time
	known  *lru.Cache[priceKey, knownPrice]
}

func newPriceCache(stripe Stripe, now func() time.Time) *priceCache {
	known, _ := lru.New[priceKey, knownPrice](priceCacheSize) // it fails for a size below 1 only
	return &priceCache{stripe: stripe, now: now, known: known}
}

// check returns a price that can be sold in a mode. As a mistake in a field of the body it reports a price that the project
// does not sell, one that Stripe does not know or has archived, and one that is of the wrong kind for the mode.
func (p *priceCache) check(ctx context.Context, call endpoint.Call, field, id string, mode Mode) (knownPrice, error) {
	fail := func(msg, kind string) (knownPrice, error) {
		return knownPrice{}, httperr.Invalid(httperr.BodyField(field, msg, kind))
	}
	if !call.Credentials.Sells(id) {
		return fail("The price is not for sale", "price_not_allowed")
	}
	key := priceKey{call.Owner.Scope, id}
	price, ok := p.known.Get(key)
	if !ok || !p.now().Before(price.until) {
		found, err := p.stripe.Price(ctx, call.Credentials, id)
		switch {
		case stripeerr.Is(err, stripeerr.Missing):
			return fail("There is no such price", "price_not_found")
		case err != nil:
			return knownPrice{}, err
		case !found.Active:
			return fail("The price is not for sale any more", "price_inactive")
		}
		price = knownPrice{name: found.Name, recurring: found.Recurring, until: p.now().Add(priceMaxAge)}
		p.known.Add(key, price)
	}
	switch {
	case price.recurring && mode == ModePayment:
		return fail("The price is recurring: it is for mode subscription", "price_wrong_type")
	case !price.recurring && mode == ModeSubscription:
		return fail("The price is not recurring: it is for mode payment", "price_wrong_type")
	}
	return price, nil
}

func (p *priceCache) forget(scope subscription.Scope, id string) { p.known.Remove(priceKey{scope, id}) }

// CheckRecurring reports a price that can't be subscribed to, as a mistake in a field of the body.
func (c *Checkout) CheckRecurring(ctx context.Context, call endpoint.Call, field, priceID string) error {
	_, err := c.prices.check(ctx, call, field, priceID, ModeSubscription)
	return err
}
