package sqlstore

import (
	"context"
	"fmt"
	"time"
)

const (
	// eventAge is for how long events are remembered: Stripe redelivers one for 3 days at most.
	eventAge = 30 * 24 * time.Hour
	// cleanBatch is how many rows one statement of Clean deletes: so few that it holds its locks for milliseconds.
	cleanBatch = 500
)

// Clean deletes the idempotency keys that have expired by now, and the records of events that are at least 30 days old. It
// does so in batches, each a short statement of its own, and returns how many rows it has deleted, which is right also
// when it fails in between. It may run in several processes at once.
func (s *Store) Clean(ctx context.Context, now time.Time) (deleted int64, err error) {
	for _, batch := range []struct {
		query string
		until time.Time
	}{{s.queries.cleanKeys, now}, {s.queries.cleanEvents, now.Add(-eventAge)}} {
		for {
			n, err := s.exec(ctx, batch.query, s.dialect.value(batch.until))
			deleted += n
			if err != nil {
				return deleted, fmt.Errorf("sqlstore: clean: %w", err)
			}
			if n < cleanBatch {
				break
			}
		}
	}
	return deleted, nil
}
