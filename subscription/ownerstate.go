package subscription

import "context"

// OwnerLoader is a store that can read at once all that a purchase looks at. It is optional: without it a purchase reads the
// three one by one. Its method keeps to all that SubscriptionStore says of methods.
type OwnerLoader interface {
	// LoadOwner returns owner's subscriptions, as Subscriptions does, and owner's intents, as Intent does, all as they stood at
	// one moment. It is a plain read.
	LoadOwner(ctx context.Context, owner Owner) (OwnerState, error)
}

// OwnerState is what a store knows of an owner.
type OwnerState struct {
	// Subscriptions are all of them, ended ones included, in no particular order.
	Subscriptions []Subscription
	// Customer and Checkout are the owner's intents of these kinds; zero where there is none.
	Customer, Checkout Intent
}
