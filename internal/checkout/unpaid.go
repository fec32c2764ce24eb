package checkout

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
)

// unpaid is an incomplete subscription that nobody has paid, and its invoice, if there is one.
type unpaid struct{ subscription, invoice string }

// unpaidInvoice returns the invoice of an incomplete subscription. It refuses to let go of one that has been paid, of which
// the subscription does not tell yet, and of one whose payment is on its way.
func (c *Checkout) unpaidInvoice(ctx context.Context, call customer.Buyer, subscriptionID string) (string, error) {
	first, err := c.config.Stripe.FirstPayment(ctx, call.Credentials, subscriptionID)
	switch {
	case err != nil:
		return "", err
	case first.Paid:
		return "", subscriptionExists()
	case first.InProgress:
		return "", httperr.New(http.StatusConflict, httperr.CodePaymentInProgress,
			"The first payment of your subscription is on its way. Wait until it has arrived or failed.")
	}
	return first.InvoiceID, nil
}

// cancelUnpaid ends incomplete subscriptions at Stripe, and takes note.
func (c *Checkout) cancelUnpaid(ctx context.Context, call customer.Buyer, subscriptions []unpaid) error {
	for _, s := range subscriptions {
		voided, err := c.void(ctx, call, s)
		if err != nil {
			return err
		}
		err = c.config.Stripe.CancelSubscription(ctx, call.Credentials, s.subscription)
		if err != nil && !stripe.Is(err, stripe.Missing) {
			return err
		}
		if err := c.refresh(ctx, call, s.subscription); err != nil {
			return err
		}
		if voided {
			continue
		}
		if err := c.paidAllTheSame(ctx, call, s); err != nil {
			return err
		}
	}
	return nil
}

// void takes back the invoice of an incomplete subscription, so that nobody pays it on Stripe's own page while the
// subscription is being cancelled. Where Stripe does not, because it has been paid this moment or for any other reason, it
// is looked at again.
func (c *Checkout) void(ctx context.Context, call customer.Buyer, s unpaid) (voided bool, err error) {
	if s.invoice == "" {
		return false, nil
	}
	err = c.config.Stripe.VoidInvoice(ctx, call.Credentials, s.invoice)
	if stripe.Is(err, stripe.Refused, stripe.Missing) {
		_, err = c.unpaidInvoice(ctx, call, s.subscription)
		return false, err
	}
	return err == nil, err
}

// paidAllTheSame looks at the invoice of a subscription that was cancelled although the invoice could not be voided. When it
// was paid in that moment, money has come in for nothing: that is logged for somebody to give it back, and nothing more is
// sold.
func (c *Checkout) paidAllTheSame(ctx context.Context, call customer.Buyer, s unpaid) error {
	first, err := c.config.Stripe.FirstPayment(ctx, call.Credentials, s.subscription)
	if err != nil || !first.Paid {
		return err
	}
	c.config.Logger.ErrorContext(ctx, "an invoice was paid while its subscription was being cancelled: it wants a refund",
		"project", call.Owner.ProjectID, "mode", call.Owner.Mode, "subscription", s.subscription, "invoice", first.InvoiceID)
	if err := c.refresh(ctx, call, first.InvoiceID); err != nil {
		return err
	}
	return httperr.New(http.StatusBadRequest, httperr.CodeSubscriptionExists,
		"Your payment for the subscription before has come in only now. Nothing more was sold.")
}
