package memstore_test

import (
	"testing"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
	"github.com/paymount/paymount/subscription/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) subscription.SubscriptionStore { return memstore.New() })
}
