// Package intent writes down what is about to be created at Stripe, before the call that creates it. The intent's attempt is the
// call's idempotency key, so whoever finds an intent repeats its call and gets the same object, also after a crash and from
// another replica. Nothing is locked: of those who write in place of the same version, one does.
package intent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paymount/paymount/subscription"
)

// KeyLife is how long an attempt may be repeated: Stripe keeps idempotency keys for 24 hours
// (https://docs.stripe.com/api/idempotent_requests).
const KeyLife = 23 * time.Hour

// NewAttempt returns a fresh idempotency key: 130 random bits.
func NewAttempt() string { return "pm_" + rand.Text() }

// Read returns an intent's content; a zero one for no intent.
func Read[T any](i subscription.Intent) (T, error) {
	var content T
	if len(i.Data) == 0 {
		return content, nil
	}
	if err := json.Unmarshal(i.Data, &content); err != nil {
		return content, fmt.Errorf("intent: %w", err)
	}
	return content, nil
}

// Swap writes next, with content, in place of the intent that has next's Version, and raises that. It reports false when
// another one has been written since. A customer that next is about becomes the owner's; when it is another's, Swap reports
// false as well.
func Swap(
	ctx context.Context, store subscription.SubscriptionStore, owner subscription.Owner, kind subscription.IntentKind,
	next *subscription.Intent, content any,
) (swapped bool, err error) {
	if next.Data, err = json.Marshal(content); err != nil {
		return false, fmt.Errorf("intent: %w", err)
	}
	if kind == subscription.IntentCustomer && next.ObjectID != "" {
		swapped, err = store.AdoptCustomer(ctx, owner, next.ObjectID, next.Version, *next)
	} else {
		swapped, err = store.SwapIntent(ctx, owner, kind, next.Version, *next)
	}
	if swapped {
		next.Version++
	}
	return swapped, err
}
