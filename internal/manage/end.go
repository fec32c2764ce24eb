package manage

import (
	"context"
	"errors"
	"slices"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/internal/unpaid"
	"github.com/paymount/paymount/subscription"
)

// end ends a subscription now. Every step can be repeated: after a failure the same request completes it.
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

// endIncomplete ends a subscription whose first payment is missing.
func (m *Manager) endIncomplete(ctx context.Context, buyer customer.Buyer, s subscription.Subscription, why stripe.Reason) error {
	invoice, err := m.Unpaid.Invoice(ctx, buyer, s.ID)
	if err == nil {
		_, err = m.Unpaid.End(ctx, buyer, s, invoice, why)
	}
	if errors.Is(err, unpaid.ErrPaid) {
		return conflict("The first payment of the subscription has just arrived. Try again.")
	}
	return err
}
