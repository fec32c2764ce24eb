package unpaid

import (
	"context"
	"errors"
	"log/slog"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// ErrPaid says that the first payment of a subscription has arrived, which its status may not say yet.
var ErrPaid = errors.New("unpaid: the first payment has arrived")

// Ender ends subscriptions. Every field is required. It is safe for concurrent use.
type Ender struct {
	Stripe    *stripe.Gateway
	Refetcher *refetch.Refetcher
	Logger    *slog.Logger
}

// Invoice returns the open invoice of an incomplete subscription; an empty id where there is none. It fails with ErrPaid, or
// subscription.ErrPaymentInProgress while the payment is on its way: such a subscription must not be ended.
func (e Ender) Invoice(ctx context.Context, buyer customer.Buyer, subscriptionID string) (string, error) {
	first, err := e.Stripe.FirstPayment(ctx, buyer.Credentials, subscriptionID)
	switch {
	case err != nil:
		return "", err
	case first.Paid:
		return "", ErrPaid
	case first.InProgress:
		return "", subscription.ErrPaymentInProgress.Because(
			"The first payment of your subscription is on its way. Wait until it has arrived or failed.")
	}
	return first.InvoiceID, nil
}

// End ends an incomplete subscription now, whose open invoice is the one that Invoice returned. It fails as Invoice does where
// the invoice has been paid meanwhile, and nothing has been ended then. The caller brings the subscription into the store.
//
// paid is true if Stripe could not void the invoice and it was paid while the subscription was being ended. The money has come in
// for nothing: an error in the log asks for a refund.
func (e Ender) End(
	ctx context.Context, buyer customer.Buyer, s subscription.Subscription, invoice string, why stripe.Reason,
) (paid bool, err error) {
	voided, err := e.void(ctx, buyer, s.ID, invoice)
	if err != nil {
		return false, err
	}
	ending := stripe.Ending{SubscriptionID: s.ID, CustomerID: s.CustomerID, Why: why}
	if err := e.Stripe.EndSubscription(ctx, buyer.Credentials, ending); err != nil || voided {
		return false, err
	}
	first, err := e.Stripe.FirstPayment(ctx, buyer.Credentials, s.ID)
	switch {
	case stripe.Is(err, stripe.Missing):
		return false, nil
	case err != nil || !first.Paid:
		return false, err
	}
	e.Logger.ErrorContext(ctx, "an invoice was paid while its subscription was being cancelled: it wants a refund",
		"project", buyer.Owner.ProjectID, "mode", buyer.Owner.Mode, "subscription", s.ID, "invoice", first.InvoiceID)
	t := refetch.Target{Scope: buyer.Owner.Scope, Credentials: buyer.Credentials, Object: first.InvoiceID}
	_, err = e.Refetcher.Refetch(ctx, t)
	return true, refetch.IgnoreHookError(err)
}

// void voids an invoice, so that nobody pays it on Stripe's own page while its subscription is being ended. If Stripe refuses,
// the invoice may have been paid this moment: it is looked at again.
func (e Ender) void(ctx context.Context, buyer customer.Buyer, subscriptionID, invoice string) (voided bool, err error) {
	if invoice == "" {
		return false, nil
	}
	err = e.Stripe.VoidInvoice(ctx, buyer.Credentials, invoice)
	if stripe.Is(err, stripe.Refused, stripe.Missing) {
		_, err = e.Invoice(ctx, buyer, subscriptionID)
		return false, err
	}
	return err == nil, err
}
