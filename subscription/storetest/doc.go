// Package storetest checks a store against the contract of subscription.SubscriptionStore, and against those of
// subscription.IdempotencyStore, OpenLister and OwnerLoader where the store has these abilities too. The stores of this
// module pass it, and a store of your own is ready when it does:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) subscription.SubscriptionStore {
//			return mystore.New(freshDatabase(t))
//		})
//	}
//
// Run it with -race. Package simulation then runs a whole app on the store and looks for orders of events
// that break it. This package is for tests, and needs nothing but the standard library.
package storetest
