package storetest_test

import (
	"testing"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
	"github.com/paymount/paymount/subscription/storetest"
)

// auditedStore is a store of one's own: here one that adds something to a store of this module.
type auditedStore struct {
	subscription.SubscriptionStore
}

func newAuditedStore() *auditedStore {
	return &auditedStore{memstore.New()}
}

// A store of your own is checked by one test. With a database, open gives each case an empty one, such as a schema or a
// file of its own, and t.Cleanup drops it.
func ExampleRun() {
	// In your code this is func TestStore(t *testing.T).
	testStore := func(t *testing.T) {
		t.Helper()
		storetest.Run(t, func(*testing.T) subscription.SubscriptionStore { return newAuditedStore() })
	}
	_ = testStore
}

func TestAStoreOfOnesOwn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) subscription.SubscriptionStore { return newAuditedStore() })
}
