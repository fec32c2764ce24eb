package refetch

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

// fetch asks Stripe for the object and finds out whose it is.
func (r *Refetcher) fetch(ctx context.Context, t Target, events []string) (subscription.Snapshot, error) {
	var snapshot subscription.Snapshot
	var err error
	switch {
	case strings.HasPrefix(t.Object, "sub_"):
		snapshot.Subscription, err = r.subscription(ctx, t)
	case strings.HasPrefix(t.Object, "in_"):
		snapshot.Payment, err = r.invoice(ctx, t)
	case strings.HasPrefix(t.Object, "pi_"):
		snapshot.Payment, err = r.payment(ctx, t, r.config.Stripe.PaymentIntent, events)
	case strings.HasPrefix(t.Object, "cs_"):
		snapshot.Payment, err = r.payment(ctx, t, r.config.Stripe.OneTimeSession, events)
	default:
		return snapshot, fmt.Errorf("refetch: %q is not an object that is tracked", t.Object)
	}
	if stripeerr.Is(err, stripeerr.Missing) {
		return subscription.Snapshot{Gone: true}, nil
	}
	return snapshot, err
}

func (r *Refetcher) subscription(ctx context.Context, t Target) (*subscription.Subscription, error) {
	s, err := r.config.Stripe.Subscription(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	return r.ownSubscription(ctx, t.Scope, s)
}

// ownSubscription completes what Stripe says of a subscription. It returns nil for one that is not ours, and so do the
// others.
func (r *Refetcher) ownSubscription(
	ctx context.Context, scope subscription.Scope, s subscription.Subscription,
) (_ *subscription.Subscription, err error) {
	s.Owner, err = r.owner(ctx, scope, s.CustomerID, s.Metadata)
	if err != nil || s.Owner.UserID == "" {
		return nil, err
	}
	return &s, nil
}

func (r *Refetcher) invoice(ctx context.Context, t Target) (*subscription.Payment, error) {
	i, err := r.config.Stripe.Invoice(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	return r.ownInvoice(ctx, t.Scope, i)
}

func (r *Refetcher) ownInvoice(ctx context.Context, scope subscription.Scope, i Invoice) (*subscription.Payment, error) {
	if i.Draft {
		return nil, nil //nolint:nilnil // it is no payment yet
	}
	owner, err := r.owner(ctx, scope, i.CustomerID, i.Metadata)
	if err != nil || owner.UserID == "" {
		return nil, err
	}
	return &subscription.Payment{
		ID: i.ID, Owner: owner, CustomerID: i.CustomerID, SubscriptionID: i.SubscriptionID,
		PaymentIntentID: i.PaymentIntentID, Status: i.Status, Amount: i.Amount, AmountRefunded: i.AmountRefunded,
		Currency: i.Currency, Description: i.Description, Disputed: i.Disputed, CreatedAt: i.CreatedAt,
	}, nil
}

// payment returns a one-time payment. Where another object is the payment, that one is refetched instead, and nothing is
// returned: the invoice of a payment intent, and the intent of a session that has one. It goes first, since the events
// count as dealt with once the snapshot of this object has been applied.
func (r *Refetcher) payment(
	ctx context.Context, t Target, get func(context.Context, auth.Credentials, string) (PaymentIntent, error), events []string,
) (*subscription.Payment, error) {
	intent, err := get(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	object, err := r.paidFor(ctx, t.Scope, intent)
	if err != nil {
		return nil, err
	}
	if object != t.Object {
		t.Object = object
		return nil, r.Refetch(ctx, t, events...)
	}
	return r.ownPayment(ctx, t.Scope, intent)
}

// paidFor returns the object that shows the payment: the invoice of an intent, else the intent. Newer versions of the API do
// not name the invoice, but it is known by then: no intent of an invoice has the metadata of checkout.
func (r *Refetcher) paidFor(ctx context.Context, scope subscription.Scope, intent PaymentIntent) (string, error) {
	if intent.InvoiceID != "" || intent.Metadata[MetadataUser] != "" {
		return cmp.Or(intent.InvoiceID, intent.ID), nil
	}
	owner, err := r.owner(ctx, scope, intent.CustomerID, intent.Metadata)
	if err != nil || owner.UserID == "" {
		return intent.ID, err
	}
	payments, _, err := r.config.Store.Payments(ctx, owner, 0, invoicesLookedAt)
	for _, p := range payments {
		if p.PaymentIntentID == intent.ID {
			return p.ID, err
		}
	}
	return intent.ID, err
}

// invoicesLookedAt is how many of a user's latest payments are looked through for an invoice.
const invoicesLookedAt = 100

func (r *Refetcher) ownPayment(
	ctx context.Context, scope subscription.Scope, intent PaymentIntent,
) (*subscription.Payment, error) {
	owner, err := r.owner(ctx, scope, intent.CustomerID, intent.Metadata)
	if err != nil || owner.UserID == "" {
		return nil, err
	}
	p := &subscription.Payment{
		ID: intent.ID, Owner: owner, CustomerID: intent.CustomerID, Status: intent.Status, Amount: intent.Amount,
		AmountRefunded: intent.AmountRefunded, Currency: intent.Currency, Description: intent.Description,
		Disputed: intent.Disputed, Metadata: intent.Metadata, CreatedAt: intent.CreatedAt,
	}
	if strings.HasPrefix(intent.ID, "pi_") {
		p.PaymentIntentID = intent.ID
	}
	return p, nil
}
