package manage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// change is the body of POST /update-subscription and of its preview.
type change struct {
	subscriptionID string
	// priceID is empty and quantity 0 where it is to stay as it is.
	priceID   string
	quantity  int64
	proration subscription.Proration
	quote     string
}

func (c Config) parseChange(f *api.Form) change {
	in := change{
		subscriptionID: subscriptionID(f),
		proration:      subscription.Proration(f.Choice("proration_behavior", c.behaviours()...)),
		quote:          f.OptionalString("quote"),
	}
	hasQuantity := f.Has("quantity")
	if hasQuantity {
		in.quantity = f.Int("quantity", 1, 1, c.MaxQuantity)
	}
	if f.Has("new_price_id") || !hasQuantity { // one of them is required
		in.priceID = f.RequiredString("new_price_id")
	}
	f.Choice("when", "now")
	if f.Has("items") {
		f.Fail(httperr.BodyField("items", "Lists of items are not supported: use new_price_id and quantity", "extra_forbidden"))
	}
	return in
}

// behaviours lists the allowed values of proration_behavior, the default one first: create_prorations where it is allowed.
func (c Config) behaviours() []string {
	var out []string
	for _, p := range c.Prorations {
		if p == subscription.CreateProrations {
			out = slices.Insert(out, 0, string(p))
		} else {
			out = append(out, string(p))
		}
	}
	return out
}

type updateResponse struct {
	SubscriptionID string              `json:"subscription_id"`
	Status         subscription.Status `json:"status"`
	PriceID        string              `json:"price_id"`
	EffectiveAt    time.Time           `json:"effective_at"`
	Message        string              `json:"message"`
}

// Update returns the handler of POST /update-subscription: another price or quantity. A payment that is due at once and
// fails leaves the old plan.
func (c Config) Update() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[change, updateResponse]{
		Method: http.MethodPost, Name: "update-subscription", Timeout: timeout,
		Parse: c.parseChange, Serve: c.update,
	})
}

func (c Config) update(ctx context.Context, call customer.Buyer, in change) (updateResponse, error) {
	s, u, err := c.plan(ctx, call, in)
	if err != nil {
		return updateResponse{}, err
	}
	if in.quote != "" {
		if u, err = c.honour(ctx, call, in.quote, u); err != nil {
			return updateResponse{}, err
		}
	}
	if u.PriceID == "" && (u.Quantity == 0 || u.Quantity == s.Plan().Quantity) {
		return c.updateAnswer(s, "The subscription is on this plan already."), nil
	}
	if err := c.Stripe.UpdateItem(ctx, call.Credentials, u); err != nil {
		return updateResponse{}, c.refused(ctx, call, in, err)
	}
	if s, err = c.after(ctx, call, s.ID); err != nil {
		return updateResponse{}, err
	}
	return c.updateAnswer(s, "The subscription has been changed."), nil
}

func (c Config) updateAnswer(s subscription.Subscription, message string) updateResponse {
	return updateResponse{
		SubscriptionID: s.ID, Status: s.Status, PriceID: s.Plan().PriceID, EffectiveAt: c.Now().UTC().Truncate(time.Second),
		Message: message,
	}
}

// plan finds the item that in is about, the plan's, and what is to become of it.
func (c Config) plan(ctx context.Context, call customer.Buyer, in change) (subscription.Subscription, stripe.ItemUpdate, error) {
	metered, err := c.checkPrice(ctx, call, in)
	if err != nil {
		return subscription.Subscription{}, stripe.ItemUpdate{}, err
	}
	s, err := c.fresh(ctx, call, in.subscriptionID)
	if err != nil {
		return s, stripe.ItemUpdate{}, err
	}
	if err := changeable(s); err != nil {
		return s, stripe.ItemUpdate{}, err
	}
	if s.Status == subscription.StatusIncomplete {
		// Its checkout may still be open. Were another invoice to make it active, paying there would sell a second one.
		return s, stripe.ItemUpdate{}, conflict("The first payment of the subscription is still to come: it can't be changed yet.")
	}
	item := s.Plan()
	if item.ID == "" {
		return s, stripe.ItemUpdate{}, conflict("The subscription has no plan that could be changed.")
	}
	if in.priceID == "" {
		metered = item.Metered
	}
	if metered && in.quantity != 0 {
		return s, stripe.ItemUpdate{}, meteredQuantity()
	}
	if in.priceID != "" && taken(s, item, in.priceID) {
		return s, stripe.ItemUpdate{}, httperr.Invalid(httperr.BodyField("new_price_id",
			"Another item of the subscription has this price", "price_not_allowed"))
	}
	u := stripe.ItemUpdate{
		SubscriptionID: s.ID, CustomerID: s.CustomerID, ItemID: item.ID,
		PriceID: in.priceID, Quantity: in.quantity, Proration: in.proration,
	}
	if u.PriceID == item.PriceID {
		u.PriceID = "" // Stripe refuses an archived price even where it is the present one
	}
	if u.Quantity == 0 && !metered {
		u.Quantity = item.Quantity
	}
	return s, u, nil
}

// taken reports whether another item has the price that item is to get: Stripe takes each price of a subscription once.
func taken(s subscription.Subscription, item subscription.Item, priceID string) bool {
	return slices.ContainsFunc(s.Items, func(other subscription.Item) bool {
		return other.ID != item.ID && other.PriceID == priceID
	})
}

// checkPrice reports a new price that can't be subscribed to, and tells whether it is metered.
func (c Config) checkPrice(ctx context.Context, call customer.Buyer, in change) (metered bool, err error) {
	if in.priceID == "" {
		return false, nil
	}
	metered, err = c.Prices.CheckRecurring(ctx, call, "new_price_id", in.priceID)
	if err == nil && metered && in.quantity != 0 {
		err = meteredQuantity()
	}
	return metered, err
}

func meteredQuantity() error {
	return httperr.Invalid(httperr.BodyField("quantity", "A metered price takes no quantity", "metered_price"))
}

// refused returns the answer for a change, or its preview, that Stripe has refused. A card that was declined has its own
// sentence. A price that can't be used is a mistake in its field, and looked at anew.
func (c Config) refused(ctx context.Context, call customer.Buyer, in change, err error) error {
	if stripe.PaymentFailed(err) {
		failed := subscription.ErrStripe.Because("The payment failed. Your plan has not changed.")
		failed.Cause = err
		return failed
	}
	if in.priceID == "" || !aboutPrice(err) {
		return err
	}
	c.Prices.ForgetPrice(call.Owner.Scope, in.priceID)
	if _, err := c.Prices.CheckRecurring(ctx, call, "new_price_id", in.priceID); err != nil {
		return err
	}
	return httperr.Invalid(httperr.BodyField("new_price_id", "The price does not fit the subscription", "price_not_allowed"))
}

// aboutPrice reports whether Stripe refused an item's price: because it is archived, or is charged in another currency or at
// other intervals than the rest of the subscription.
func aboutPrice(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) && stripe.Is(err, stripe.Refused, stripe.Missing) &&
		(strings.HasSuffix(e.Param, "[price]") || strings.HasSuffix(strings.TrimSuffix(e.Param, "]"), "items") ||
			e.Code == stripe.CodeOtherCurrency)
}
