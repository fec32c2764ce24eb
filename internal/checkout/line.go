package checkout

import (
	"errors"
	"sync"

	"github.com/paymount/paymount/subscription"
)

// errAlone says that something has to be made at Stripe, which one request of a user does at a time.
var errAlone = errors.New("checkout: alone")

// line lets one request of a user at a time make something at Stripe, within this process: the others wait and find it
// made. It only saves calls. What other processes do meanwhile is met by the intents and their idempotency keys.
type line struct {
	mu    sync.Mutex
	taken map[subscription.Owner]chan struct{}
}

func newLine() *line { return &line{taken: map[subscription.Owner]chan struct{}{}} }

// take takes the owner's turn, which leave ends. When another request has it, leave is nil, and busy is closed as soon as
// that one has left.
func (l *line) take(owner subscription.Owner) (leave func(), busy <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if busy := l.taken[owner]; busy != nil {
		return nil, busy
	}
	done := make(chan struct{})
	l.taken[owner] = done
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.taken, owner)
		close(done)
	}, nil
}
