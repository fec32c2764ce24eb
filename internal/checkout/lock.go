package checkout

import (
	"sync"

	"github.com/paymount/paymount/subscription"
)

// ownerLocks let one request of an owner at a time make something at Stripe, within this process: the others wait, and find it
// made. They only save calls. What other processes do meanwhile is met by the intents and their idempotency keys.
type ownerLocks struct {
	mu   sync.Mutex
	held map[subscription.Owner]chan struct{}
}

func newOwnerLocks() *ownerLocks { return &ownerLocks{held: map[subscription.Owner]chan struct{}{}} }

// tryLock takes the owner's lock, which unlock releases. When another request holds it, unlock is nil, and released is closed as
// soon as that one has released it.
func (l *ownerLocks) tryLock(owner subscription.Owner) (unlock func(), released <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held := l.held[owner]; held != nil {
		return nil, held
	}
	done := make(chan struct{})
	l.held[owner] = done
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, owner)
		close(done)
	}, nil
}
