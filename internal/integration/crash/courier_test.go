//go:build linux

package crash

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// couriers is how many deliveries are under way at once.
const couriers = 6

// courier brings Stripe's events to the servers: in any order, twice, many at once, and again when they did not arrive.
type courier struct {
	world *world

	mu    sync.Mutex
	tries int
	trap  *trap // as a relay's; during, for a delivery happens in no other way
	sent  []*stripetest.Delivery
}

// arm sets a trap at a delivery from now on.
func (c *courier) arm(t *trap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries, c.trap = 0, t
}

func (c *courier) deliver(ctx context.Context, d *stripetest.Delivery) {
	c.mu.Lock()
	c.tries++
	var sprung *trap
	if c.trap != nil && c.trap.at == c.tries {
		sprung, c.trap = c.trap, nil
	}
	c.sent = append(c.sent, d)
	c.mu.Unlock()
	var wg sync.WaitGroup
	if sprung != nil {
		wg.Go(sprung.work)
	}
	status, err := c.world.stripe.Deliver(ctx, d)
	wg.Wait()
	c.world.figures.deliveries.Add(1)
	switch {
	case err != nil: // nobody was there
	case status == 200:
		c.world.figures.acknowledged.Add(1)
	case status < 500:
		c.world.divergef("%s is refused with %d", d.Event.Type, status)
	}
}

// work delivers until ctx ends.
func (c *courier) work(ctx context.Context, random *rand.Rand) {
	for pause(ctx, time.Duration(random.IntN(8))*time.Millisecond) {
		pending := c.world.stripe.Pending()
		if len(pending) == 0 {
			continue
		}
		switch random.IntN(8) {
		case 0:
			c.storm(ctx, random, pending)
		case 1, 2:
			d := pending[random.IntN(len(pending))]
			c.at(ctx, []*stripetest.Delivery{d, d})
		default:
			c.at(ctx, pending[:min(len(pending), 1+random.IntN(4))])
		}
	}
}

// storm delivers all that is pending, and some of what has arrived already, in any order and at once.
func (c *courier) storm(ctx context.Context, random *rand.Rand, pending []*stripetest.Delivery) {
	c.mu.Lock()
	for range min(len(c.sent), 5) {
		pending = append(pending, c.sent[random.IntN(len(c.sent))])
	}
	c.mu.Unlock()
	random.Shuffle(len(pending), func(i, j int) { pending[i], pending[j] = pending[j], pending[i] })
	c.at(ctx, pending)
}

// at delivers several at once.
func (c *courier) at(ctx context.Context, deliveries []*stripetest.Delivery) {
	var wg sync.WaitGroup
	for batch := range slices.Chunk(deliveries, couriers) {
		for _, d := range batch {
			wg.Go(func() { c.deliver(ctx, d) })
		}
		wg.Wait()
	}
}

// deliverAll delivers once what has not arrived.
func (c *courier) deliverAll(ctx context.Context) { c.at(ctx, c.world.stripe.Pending()) }
