package parallel

import (
	"context"
	"sync"
)

// Each calls work for every item, for up to limit of them at a time, and returns when all calls have returned. Once ctx is
// done it begins no more.
func Each[T any](ctx context.Context, limit int, items []T, work func(T)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, limit)
	for _, item := range items {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return
		}
		wg.Go(func() {
			defer func() { <-slots }()
			work(item)
		})
	}
}
