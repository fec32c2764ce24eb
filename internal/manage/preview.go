package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

type previewResponse struct {
	AmountDue     int64                `json:"amount_due_cents"`
	Currency      string               `json:"currency"`
	ProrationDate time.Time            `json:"proration_date"`
	Lines         []stripe.PreviewLine `json:"lines"`
	Quote         string               `json:"quote"`
}

// Preview returns the handler of POST /update-subscription/preview: what the same update would lead to, with a quote that
// holds for a while.
func (c Config) Preview() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[change, previewResponse]{
		Method: http.MethodPost, Name: "update-subscription/preview", Timeout: timeout,
		Parse: c.parseChange, Serve: c.preview,
	})
}

func (c Config) preview(ctx context.Context, call customer.Buyer, in change) (previewResponse, error) {
	s, u, err := c.plan(ctx, call, in)
	if err != nil {
		return previewResponse{}, err
	}
	u.ProrationDate = withinPeriod(s, c.Now().UTC().Truncate(time.Second))
	p, err := c.Stripe.PreviewItem(ctx, call.Credentials, u)
	if err != nil {
		return previewResponse{}, c.refused(ctx, call, in, err)
	}
	return previewResponse{
		AmountDue: p.AmountDue, Currency: p.Currency, ProrationDate: u.ProrationDate,
		Lines: append([]stripe.PreviewLine{}, p.Lines...), Quote: c.sign(call, u, p),
	}, nil
}

// withinPeriod returns the time within the subscription's period that is nearest to now. Stripe refuses a proration date
// outside, and its clock is not ours.
func withinPeriod(s subscription.Subscription, now time.Time) time.Time {
	if now.Before(s.CurrentPeriodStart) {
		return s.CurrentPeriodStart
	}
	if last := s.CurrentPeriodEnd.Add(-time.Second); now.After(last) && last.After(s.CurrentPeriodStart) {
		return last
	}
	return now
}

// honour returns the update that a quote was given for, if it still costs what was shown.
func (c Config) honour(ctx context.Context, call customer.Buyer, token string, u stripe.ItemUpdate) (stripe.ItemUpdate, error) {
	quoted, ok := c.read(call, token)
	if !ok || !quoted.fits(call.Owner, u) || !c.Now().Before(quoted.ExpiresAt) {
		return u, conflict("The quote does not hold for this change any more. Ask for a new one.")
	}
	u.ProrationDate = quoted.ProrationDate
	p, err := c.Stripe.PreviewItem(ctx, call.Credentials, u)
	if stripe.Is(err, stripe.Refused) || err == nil && (p.AmountDue != quoted.AmountDue || p.Currency != quoted.Currency) {
		return u, httperr.New(http.StatusConflict, httperr.CodeConflict, "The amount has changed. Ask for a new quote.")
	}
	return u, err
}
