package checkout

import (
	"context"
	"errors"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/internal/unpaid"
	"github.com/paymount/paymount/subscription"
)

// unpaidSubscription is an incomplete subscription that nobody has paid, and its invoice, if there is one.
type unpaidSubscription struct {
	subscription.Subscription

	invoice string
}

// unpaidInvoice returns the invoice of an incomplete subscription, which must be unpaid. It reports false for a subscription that
// has been deleted since it was looked at, as test data can be: that has ended.
func (p *purchase) unpaidInvoice(ctx context.Context, subscriptionID string) (invoice string, exists bool, err error) {
	invoice, err = p.config.Unpaid.Invoice(ctx, p.buyer, subscriptionID)
	switch {
	case errors.Is(err, unpaid.ErrPaid):
		return "", true, subscription.ErrExists
	case stripe.Is(err, stripe.Missing):
		_, err = p.refresh(ctx, p.buyer, subscriptionID)
		return "", false, err
	}
	return invoice, true, err
}

// cancelUnpaid ends incomplete subscriptions at Stripe, and takes note. Once money has come in for one all the same, nothing
// more is sold.
func (p *purchase) cancelUnpaid(ctx context.Context, subscriptions []unpaidSubscription) error {
	for _, s := range subscriptions {
		paid, err := p.config.Unpaid.End(ctx, p.buyer, s.Subscription, s.invoice, stripe.Reason{})
		switch {
		case errors.Is(err, unpaid.ErrPaid):
			return subscription.ErrExists
		case err != nil && !stripe.Is(err, stripe.Missing):
			return err
		}
		if _, err := p.refresh(ctx, p.buyer, s.ID); err != nil {
			return err
		}
		if paid {
			return subscription.ErrExists.Because(
				"Your payment for the subscription before has come in only now. Nothing more was sold.")
		}
	}
	return nil
}
