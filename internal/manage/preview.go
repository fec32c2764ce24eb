package manage

import (
	"context"
	"time"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Preview returns what the same update would cost, with a quote that holds for a while.
func (m *Manager) Preview(ctx context.Context, buyer customer.Buyer, in subscription.Update) (subscription.Preview, error) {
	c, err := m.change(ctx, buyer, in)
	if err != nil {
		return subscription.Preview{}, err
	}
	u := c.update
	u.ProrationDate = withinPeriod(c.subscription, m.Now().UTC().Truncate(time.Second))
	p, err := m.Stripe.PreviewItem(ctx, buyer.Credentials, u)
	if err != nil {
		return subscription.Preview{}, m.refused(ctx, buyer, c, err)
	}
	p.ProrationDate, p.Quote = u.ProrationDate, m.sign(buyer, u, p)
	return p, nil
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
func (m *Manager) honour(
	ctx context.Context, buyer customer.Buyer, token string, c change,
) (stripe.ItemUpdate, error) {
	u := c.update
	quoted, ok := m.read(buyer, token)
	if !ok || !quoted.fits(buyer.Owner, u) || !m.Now().Before(quoted.ExpiresAt) {
		return u, conflict("The quote does not hold for this change any more. Ask for a new one.")
	}
	u.ProrationDate = quoted.ProrationDate
	p, err := m.Stripe.PreviewItem(ctx, buyer.Credentials, u)
	if stripe.Is(err, stripe.Refused) || err == nil && (p.AmountDue != quoted.AmountDue || p.Currency != quoted.Currency) {
		return u, conflict("The amount has changed. Ask for a new quote.")
	}
	return u, m.ended(ctx, buyer, c.subscription, err)
}
