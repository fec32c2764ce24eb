package stripe

import (
	"cmp"
	"context"
	"slices"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// addFailure finds out when the payment of a subscription that is past_due first failed. It makes two more calls for those,
// and none for others.
func (g *Gateway) addFailure(ctx context.Context, c project.Credentials, s *subscription.Subscription) (err error) {
	if s.Status == subscription.StatusPastDue {
		s.PastDueSince, err = g.failedSince(ctx, c, s.ID)
	}
	return err
}

// failedSince returns when the payment of the oldest unpaid invoice first failed: the first of its charges that did or,
// without one, when it was due: for an invoice that is charged automatically, when it was finalized. It is zero when all
// invoices are paid.
func (g *Gateway) failedSince(ctx context.Context, c project.Credentials, subscriptionID string) (time.Time, error) {
	unpaid, err := g.unpaidInvoices(ctx, c, subscriptionID)
	if err != nil || len(unpaid) == 0 {
		return time.Time{}, err
	}
	oldest := slices.MinFunc(unpaid, func(a, b invoiceObject) int { return cmp.Compare(a.Created, b.Created) })
	failed, err := g.failedCharge(ctx, c, &oldest)
	if err != nil {
		return time.Time{}, err
	}
	return cmp.Or(failed, oldest.DueDate, oldest.Transitions.FinalizedAt, oldest.Created).time(), nil
}

func (g *Gateway) unpaidInvoices(
	ctx context.Context, c project.Credentials, subscriptionID string,
) ([]invoiceObject, error) {
	params := &listParams{
		Subscription: sdk.String(subscriptionID), Status: sdk.String(string(sdk.InvoiceStatusOpen)),
	}
	return listAll(ctx, g, c, invoicesPath, params, func(o *invoiceObject) string { return o.ID })
}

// failedCharge returns when the first charge for an invoice failed, 0 when none has.
func (g *Gateway) failedCharge(ctx context.Context, c project.Credentials, o *invoiceObject) (first seconds, err error) {
	intents := []string{o.PaymentIntent.ID}
	if o.PaymentIntent.ID == "" {
		payments, err := g.invoicePayments(ctx, c, &listParams{Invoice: sdk.String(o.ID)})
		if err != nil {
			return 0, err
		}
		intents = nil
		for _, p := range payments {
			intents = append(intents, p.Payment.PaymentIntent.ID)
		}
	}
	for _, id := range intents {
		if id == "" {
			continue
		}
		params := &listParams{PaymentIntent: sdk.String(id)}
		charges, err := listAll(ctx, g, c, "/v1/charges", params, func(o *chargeObject) string { return o.ID })
		if err != nil {
			return 0, err
		}
		for _, charge := range charges {
			if charge.Status == string(sdk.ChargeStatusFailed) && (first == 0 || charge.Created < first) {
				first = charge.Created
			}
		}
	}
	return first, nil
}
