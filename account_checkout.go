package paymount

import (
	"context"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
)

// Checkout returns an open checkout session for what is asked for; send the owner to its URL. As long as the session is open, the
// same request gets it again, and any other request ends it first. Each one-time payment gets a session of its own. The owner's
// Stripe customer is made when there is none.
//
// It fails with subscription.ErrInvalid, whose Fields are named as in the wire contract, subscription.ErrExists for an owner who
// has a subscription already, and subscription.ErrPaymentInProgress while the first payment of one is on its way.
func (a Account) Checkout(ctx context.Context, in checkout.Request) (checkout.Session, error) {
	return do(ctx, a, a.service.checkout.Create, in)
}

// CheckoutSession tells how a checkout session of the owner stands at Stripe, and what has come of it, also when no webhook has
// told yet: for the page that people return to. It waits for as long as wait until nothing more is to come of the session, but
// tells at once how it stands when the owner has eight such calls waiting. A session that is not the owner's is
// subscription.ErrNone.
func (a Account) CheckoutSession(ctx context.Context, id string, wait time.Duration) (checkout.Outcome, error) {
	status := func(ctx context.Context, buyer customer.Buyer, id string) (checkout.Outcome, error) {
		return a.service.checkout.Status(ctx, buyer, id, wait)
	}
	return do(ctx, a, status, id)
}
