package subscription

import "context"

// OnChange is the host's hook: it is told of each change of a subscription and of each one-time payment that has been
// paid. It runs before the webhook that brought the change is answered. When it returns an error, the webhook fails, Stripe
// delivers it again and the hook is told again, with the same Change.ID. A call after a crash can repeat one that had
// succeeded, so do the work once per Change.ID.
//
// It is called for one change of an object at a time, and for different objects concurrently. Its context ends after 10
// seconds.
type OnChange func(ctx context.Context, change Change) error
