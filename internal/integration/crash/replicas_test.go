//go:build linux

package crash

import (
	"context"
	"net/url"
	"testing"

	"github.com/paymount/paymount/internal/integration/testpg"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// replicas is how many servers share one database.
const replicas = 2

// TestNothingIsLostWhenServersDie kills servers at any instant: while they talk to Stripe, to Postgres, to people, and
// while they start. Now and then only a connection to Postgres is cut.
func TestNothingIsLostWhenServersDie(t *testing.T) {
	t.Parallel()
	play(t, 4, func(r round) {
		b, relays := relayed(r.t)
		w := newWorld(r, b)
		w.load(5, 12, func(ctx context.Context) {
			w.cut(ctx, relays)
			w.killSome(ctx, 3, relays)
		})
		w.finish()
	})
}

// cut cuts a connection at some statement, before or after the database has seen it.
func (w *world) cut(ctx context.Context, relays []*relay) {
	relay, sprung := relays[w.random.IntN(len(relays))], make(chan struct{})
	relay.arm(&trap{at: 1 + w.random.IntN(30), when: when(w.random.IntN(2)), work: func() { close(sprung) }})
	defer relay.arm(nil)
	limit, cancel := context.WithTimeout(ctx, instantLimit)
	defer cancel()
	select {
	case <-sprung:
		w.figures.disturbances.Add(1)
	case <-limit.Done():
	}
}

// relayed returns a fresh schema, which each server reaches through a relay of its own.
func relayed(t *testing.T) (backend, []*relay) {
	t.Helper()
	schema := testpg.New(t)
	address, err := url.Parse(schema.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, relays := backend{dialect: sqlstore.Postgres, db: schema.DB}, []*relay{}
	for range replicas {
		r, err := startRelay(t.Context(), address.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.stop)
		relays = append(relays, r)
		own := *address
		own.Host = r.address()
		b.urls = append(b.urls, own.String())
	}
	return b, relays
}
