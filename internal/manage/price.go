package manage

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// checkPrice reports a new price that can't be subscribed to, and tells whether it is metered.
func (m *Manager) checkPrice(ctx context.Context, buyer customer.Buyer, in subscription.Update) (metered bool, err error) {
	if in.PriceID == "" {
		return false, nil
	}
	metered, err = m.Catalog.CheckRecurring(ctx, buyer, "new_price_id", in.PriceID)
	if err == nil && metered && in.Quantity != 0 {
		err = meteredQuantity()
	}
	return metered, err
}

func meteredQuantity() error {
	return subscription.Invalid(subscription.FieldError{
		Field: "quantity", Message: "A metered price takes no quantity", Kind: "metered_price",
	})
}

func wrongPrice(message string) error {
	return subscription.Invalid(subscription.FieldError{Field: "new_price_id", Message: message, Kind: "price_not_allowed"})
}

// refused returns the error for a change, or its preview, that Stripe has refused. A card that was declined has its own
// sentence. A price that can't be used is a mistake in its field, and looked at anew.
func (m *Manager) refused(ctx context.Context, buyer customer.Buyer, c change, err error) error {
	if stripe.PaymentFailed(err) {
		failed := subscription.ErrStripe.Because("The payment failed. Your plan has not changed.")
		failed.Cause = err
		return failed
	}
	if c.wanted.PriceID == "" || !aboutPrice(err) {
		return m.ended(ctx, buyer, c.subscription, err)
	}
	m.Catalog.ForgetPrice(buyer.Owner.Scope, c.wanted.PriceID)
	if _, err := m.Catalog.CheckRecurring(ctx, buyer, "new_price_id", c.wanted.PriceID); err != nil {
		return err
	}
	return wrongPrice("The price does not fit the subscription")
}

// aboutPrice reports whether Stripe refused an item's price: because it is archived, or is charged in another currency or at
// other intervals than the rest of the subscription.
func aboutPrice(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) && stripe.Is(err, stripe.Refused, stripe.Missing) &&
		(strings.HasSuffix(e.Param, "[price]") || strings.HasSuffix(strings.TrimSuffix(e.Param, "]"), "items") ||
			e.Code == stripe.CodeOtherCurrency)
}

// taken reports whether another item has the price that item is to get: Stripe takes each price of a subscription once.
func taken(s subscription.Subscription, item subscription.Item, priceID string) bool {
	return slices.ContainsFunc(s.Items, func(other subscription.Item) bool {
		return other.ID != item.ID && other.PriceID == priceID
	})
}
