package subscription

import (
	"context"

	"github.com/paymount/paymount/project"
)

// OnChange is the host's hook: it is notified of each change of a subscription and of each one-time payment that has been
// paid. It runs before the webhook that brought the change is answered. When it returns an error, the webhook fails, Stripe
// delivers it again and the hook is notified again, with the same Change.ID. A call after a crash can repeat one that had
// succeeded, so do the work once per Change.ID.
//
// It is called for one change of an object at a time, and for different objects concurrently. Its context ends after 10
// seconds.
type OnChange func(ctx context.Context, change Change) error

// FindOwner is the host's hook for objects of Stripe that neither the store nor their metadata can place: it returns the id of
// the owner whose they are, or "" for nobody's. The customer is that owner's from then on: later events find the owner without
// the hook, and the owner's next checkout uses the customer unless the owner has one already.
//
// It is asked by webhooks and by reconciliations, concurrently, and again for what was nobody's. When it returns an error the
// webhook fails and Stripe delivers it again; a reconciliation counts the object as failed and tries it again. Its context
// ends after 10 seconds.
type FindOwner func(ctx context.Context, found Found) (ownerID string, err error)

// Found is an object that Stripe has, for FindOwner.
type Found struct {
	project.Scope

	// ObjectID is the object's id: sub_…, in_…, pi_… or cs_….
	ObjectID string
	// CustomerID is the object's customer (cus_…); empty where it has none.
	CustomerID string
	// Email, Name and CustomerMetadata are the customer's; all empty for one that has been deleted.
	Email, Name      string
	CustomerMetadata map[string]string
	// Metadata is the object's; of an invoice, that of its subscription as it was when the invoice was made.
	Metadata map[string]string
}
