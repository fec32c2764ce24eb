package manage

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

// change is the body of POST /update-subscription and of its preview.
type change struct {
	priceID   string
	proration Proration
	// quantity is 0 where it is to stay as it is.
	quantity int64
	quote    string
}

func (c Config) parseChange(f *endpoint.Form) change {
	in := change{
		priceID:   f.RequiredString("new_price_id"),
		proration: Proration(f.Choice("proration_behavior", c.behaviours()...)),
		quote:     f.String("quote"),
	}
	if f.Has("quantity") {
		in.quantity = f.Int("quantity", 1, 1, c.MaxQuantity)
	}
	return in
}

// behaviours lists the allowed values of proration_behavior, the default one first: create_prorations where it is allowed.
func (c Config) behaviours() []string {
	var out []string
	for _, p := range c.Prorations {
		if p == CreateProrations {
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
	Message        string              `json:"message"`
}

// Update returns the handler of POST /update-subscription: another price or quantity. A payment that is due at once and
// fails leaves the old plan.
func (c Config) Update() http.Handler {
	return endpoint.Handler(c.Endpoint, endpoint.Endpoint[change, updateResponse]{
		Method: http.MethodPost, Name: "update-subscription", Timeout: timeout,
		Parse: c.parseChange, Serve: c.update,
	})
}

func (c Config) update(ctx context.Context, call endpoint.Call, in change) (updateResponse, error) {
	s, u, err := c.plan(ctx, call, in)
	if err != nil {
		return updateResponse{}, err
	}
	if in.quote != "" {
		if u, err = c.honour(ctx, call, in.quote, u); err != nil {
			return updateResponse{}, err
		}
	}
	if plan := s.Plan(); plan.PriceID == u.PriceID && plan.Quantity == u.Quantity {
		return updateAnswer(s, "The subscription is on this plan already."), nil
	}
	if err := c.Stripe.UpdateItem(ctx, call.Credentials, u); err != nil {
		return updateResponse{}, paymentFailed(err)
	}
	if s, err = c.after(ctx, call, s.ID); err != nil {
		return updateResponse{}, err
	}
	return updateAnswer(s, "The subscription has been changed."), nil
}

func updateAnswer(s subscription.Subscription, message string) updateResponse {
	return updateResponse{SubscriptionID: s.ID, Status: s.Status, PriceID: s.Plan().PriceID, Message: message}
}

// plan finds the one item that in is about, and what is to become of it.
func (c Config) plan(ctx context.Context, call endpoint.Call, in change) (subscription.Subscription, ItemUpdate, error) {
	var u ItemUpdate
	if _, err := c.Prices.CheckRecurring(ctx, call, "new_price_id", in.priceID); err != nil {
		return subscription.Subscription{}, u, err
	}
	s, err := c.fresh(ctx, call)
	if err != nil {
		return s, u, err
	}
	if err := changeable(s); err != nil {
		return s, u, err
	}
	if s.Status == subscription.StatusIncomplete {
		// Its checkout may still be open. Were another invoice to make it active, paying there would sell a second one.
		return s, u, conflict("The first payment of the subscription is still to come: it can't be changed yet.")
	}
	if len(s.Items) != 1 {
		return s, u, conflict("The subscription has several items: which one to change is not clear.")
	}
	u = ItemUpdate{
		SubscriptionID: s.ID, CustomerID: s.CustomerID, ItemID: s.Items[0].ID,
		PriceID: in.priceID, Quantity: s.Items[0].Quantity, Proration: in.proration,
	}
	if in.quantity > 0 {
		u.Quantity = in.quantity
	}
	return s, u, nil
}

// paymentFailed gives a card that was declined its own sentence.
func paymentFailed(err error) error {
	answer := stripeerr.HTTP(err)
	if stripeerr.PaymentFailed(err) {
		answer.Detail = "The payment failed. Your plan has not changed."
	}
	return answer
}

type previewResponse struct {
	AmountDue     int64         `json:"amount_due_cents"`
	Currency      string        `json:"currency"`
	ProrationDate time.Time     `json:"proration_date"`
	Lines         []PreviewLine `json:"lines"`
	Quote         string        `json:"quote"`
}

// Preview returns the handler of POST /update-subscription/preview: what the same update would lead to, with a quote that
// holds for a while.
func (c Config) Preview() http.Handler {
	return endpoint.Handler(c.Endpoint, endpoint.Endpoint[change, previewResponse]{
		Method: http.MethodPost, Name: "update-subscription/preview", Timeout: timeout,
		Parse: c.parseChange, Serve: c.preview,
	})
}

func (c Config) preview(ctx context.Context, call endpoint.Call, in change) (previewResponse, error) {
	_, u, err := c.plan(ctx, call, in)
	if err != nil {
		return previewResponse{}, err
	}
	u.ProrationDate = c.Now().UTC().Truncate(time.Second)
	p, err := c.Stripe.PreviewItem(ctx, call.Credentials, u)
	if err != nil {
		return previewResponse{}, err
	}
	return previewResponse{
		AmountDue: p.AmountDue, Currency: p.Currency, ProrationDate: u.ProrationDate,
		Lines: append([]PreviewLine{}, p.Lines...), Quote: c.sign(call, u, p),
	}, nil
}

// honour returns the update that a quote was given for, if it still costs what was shown.
func (c Config) honour(ctx context.Context, call endpoint.Call, token string, u ItemUpdate) (ItemUpdate, error) {
	quoted, ok := c.read(call, token)
	if !ok || !quoted.fits(call.Owner, u) || !c.Now().Before(quoted.ExpiresAt) {
		return u, conflict("The quote does not hold for this change any more. Ask for a new one.")
	}
	u.ProrationDate = quoted.ProrationDate
	p, err := c.Stripe.PreviewItem(ctx, call.Credentials, u)
	if stripeerr.Is(err, stripeerr.Refused) || err == nil && (p.AmountDue != quoted.AmountDue || p.Currency != quoted.Currency) {
		return u, httperr.New(http.StatusConflict, httperr.CodeConflict, "The amount has changed. Ask for a new quote.")
	}
	return u, err
}
