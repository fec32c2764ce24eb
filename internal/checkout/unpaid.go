package checkout

import (
	"context"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// unpaid is an incomplete subscription that nobody has paid, and its invoice, if there is one.
type unpaid struct{ subscription, invoice string }

// unpaidInvoice returns the invoice of an incomplete subscription. It refuses to let go of one that has been paid, of which
// the subscription does not tell yet, and of one whose payment is on its way.
func (p *purchase) unpaidInvoice(ctx context.Context, subscriptionID string) (string, error) {
	first, err := p.config.Stripe.FirstPayment(ctx, p.buyer.Credentials, subscriptionID)
	switch {
	case err != nil:
		return "", err
	case first.Paid:
		return "", subscription.ErrExists
	case first.InProgress:
		return "", subscription.ErrPaymentInProgress.Because(
			"The first payment of your subscription is on its way. Wait until it has arrived or failed.")
	}
	return first.InvoiceID, nil
}

// cancelUnpaid ends incomplete subscriptions at Stripe, and takes note.
func (p *purchase) cancelUnpaid(ctx context.Context, subscriptions []unpaid) error {
	for _, s := range subscriptions {
		voided, err := p.void(ctx, s)
		if err != nil {
			return err
		}
		err = p.config.Stripe.CancelSubscription(ctx, p.buyer.Credentials, s.subscription)
		if err != nil && !stripe.Is(err, stripe.Missing) {
			return err
		}
		if err := p.refresh(ctx, p.buyer, s.subscription); err != nil {
			return err
		}
		if voided {
			continue
		}
		if err := p.paidAllTheSame(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// void takes back the invoice of an incomplete subscription, so that nobody pays it on Stripe's own page while the
// subscription is being cancelled. Where Stripe does not, because it has been paid this moment or for any other reason, it
// is looked at again.
func (p *purchase) void(ctx context.Context, s unpaid) (voided bool, err error) {
	if s.invoice == "" {
		return false, nil
	}
	err = p.config.Stripe.VoidInvoice(ctx, p.buyer.Credentials, s.invoice)
	if stripe.Is(err, stripe.Refused, stripe.Missing) {
		_, err = p.unpaidInvoice(ctx, s.subscription)
		return false, err
	}
	return err == nil, err
}

// paidAllTheSame looks at the invoice of a subscription that was cancelled although the invoice could not be voided. When it
// was paid in that moment, money has come in for nothing: that is logged for somebody to give it back, and nothing more is
// sold.
func (p *purchase) paidAllTheSame(ctx context.Context, s unpaid) error {
	first, err := p.config.Stripe.FirstPayment(ctx, p.buyer.Credentials, s.subscription)
	if err != nil || !first.Paid {
		return err
	}
	p.config.Logger.ErrorContext(ctx, "an invoice was paid while its subscription was being cancelled: it wants a refund",
		"project", p.buyer.Owner.ProjectID, "mode", p.buyer.Owner.Mode, "subscription", s.subscription, "invoice", first.InvoiceID)
	if err := p.refresh(ctx, p.buyer, first.InvoiceID); err != nil {
		return err
	}
	return subscription.ErrExists.Because(
		"Your payment for the subscription before has come in only now. Nothing more was sold.")
}
