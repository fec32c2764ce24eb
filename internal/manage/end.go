package manage

import (
	"context"
	"slices"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// end ends a subscription now. Every step can be repeated: when it breaks off, the same request goes on from there.
func (m *Manager) end(ctx context.Context, buyer customer.Buyer, s subscription.Subscription, why stripe.Reason) error {
	e := stripe.Ending{SubscriptionID: s.ID, CustomerID: s.CustomerID, Why: why, Credit: m.CreditUnusedTime}
	// While collection is paused the host wants nothing to be collected.
	if !s.CollectionPaused {
		e.BillUsage = slices.ContainsFunc(s.Items, func(i subscription.Item) bool { return i.Metered })
		if err := m.Stripe.InvoicePending(ctx, buyer.Credentials, s.CustomerID, s.ID); err != nil {
			return err
		}
	}
	return m.Stripe.EndSubscription(ctx, buyer.Credentials, e)
}

// endIncomplete ends a subscription whose first payment is missing. Its invoice is taken back before, so that nobody pays it
// on Stripe's own page in the meantime.
func (m *Manager) endIncomplete(ctx context.Context, buyer customer.Buyer, s subscription.Subscription, why stripe.Reason) error {
	invoice, err := m.unpaidInvoice(ctx, buyer, s.ID)
	if err != nil {
		return err
	}
	if invoice != "" {
		err = m.Stripe.VoidInvoice(ctx, buyer.Credentials, invoice)
		if stripe.Is(err, stripe.Refused, stripe.Missing) {
			_, err = m.unpaidInvoice(ctx, buyer, s.ID)
		}
		if err != nil {
			return err
		}
	}
	return m.Stripe.EndSubscription(ctx, buyer.Credentials, stripe.Ending{SubscriptionID: s.ID, CustomerID: s.CustomerID, Why: why})
}

// unpaidInvoice returns the invoice of an incomplete subscription, and refuses one that is paid or about to be.
func (m *Manager) unpaidInvoice(ctx context.Context, buyer customer.Buyer, id string) (string, error) {
	first, err := m.Stripe.FirstPayment(ctx, buyer.Credentials, id)
	switch {
	case err != nil:
		return "", err
	case first.InProgress:
		return "", subscription.ErrPaymentInProgress.Because(
			"The first payment of the subscription is on its way. Wait until it has arrived or failed.")
	case first.Paid:
		return "", conflict("The first payment of the subscription has just arrived. Try again.")
	}
	return first.InvoiceID, nil
}
