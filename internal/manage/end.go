package manage

import (
	"context"
	"net/http"
	"slices"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// end ends a subscription now. Every step can be repeated: when it breaks off, the same request goes on from there.
func (c Config) end(ctx context.Context, call customer.Buyer, s subscription.Subscription, why stripe.Reason) error {
	e := stripe.Ending{SubscriptionID: s.ID, CustomerID: s.CustomerID, Why: why, Credit: c.CreditUnusedTime}
	// While collection is paused the host wants nothing to be collected.
	if !s.CollectionPaused {
		e.BillUsage = slices.ContainsFunc(s.Items, func(i subscription.Item) bool { return i.Metered })
		if err := c.Stripe.InvoicePending(ctx, call.Credentials, s.CustomerID, s.ID); err != nil {
			return err
		}
	}
	return c.Stripe.EndSubscription(ctx, call.Credentials, e)
}

// endIncomplete ends a subscription whose first payment is missing. Its invoice is taken back before, so that nobody pays it
// on Stripe's own page in the meantime.
func (c Config) endIncomplete(ctx context.Context, call customer.Buyer, s subscription.Subscription, why stripe.Reason) error {
	invoice, err := c.unpaidInvoice(ctx, call, s.ID)
	if err != nil {
		return err
	}
	if invoice != "" {
		err = c.Stripe.VoidInvoice(ctx, call.Credentials, invoice)
		if stripe.Is(err, stripe.Refused, stripe.Missing) {
			_, err = c.unpaidInvoice(ctx, call, s.ID)
		}
		if err != nil {
			return err
		}
	}
	return c.Stripe.EndSubscription(ctx, call.Credentials, stripe.Ending{SubscriptionID: s.ID, CustomerID: s.CustomerID, Why: why})
}

// unpaidInvoice returns the invoice of an incomplete subscription, and refuses one that is paid or about to be.
func (c Config) unpaidInvoice(ctx context.Context, call customer.Buyer, id string) (string, error) {
	first, err := c.Stripe.FirstPayment(ctx, call.Credentials, id)
	switch {
	case err != nil:
		return "", err
	case first.InProgress:
		return "", httperr.New(http.StatusConflict, httperr.CodePaymentInProgress,
			"The first payment of the subscription is on its way. Wait until it has arrived or failed.")
	case first.Paid:
		return "", conflict("The first payment of the subscription has just arrived. Try again.")
	}
	return first.InvoiceID, nil
}
