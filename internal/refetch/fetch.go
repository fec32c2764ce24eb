package refetch

import (
	"context"
	"fmt"
	"strings"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// fetch asks Stripe for the object and finds out whose it is.
func (r *Refetcher) fetch(ctx context.Context, t Target, events []string) (s seen, err error) {
	switch {
	case strings.HasPrefix(t.Object, "sub_"):
		s.subscription, err = r.subscription(ctx, t)
	case strings.HasPrefix(t.Object, "in_"):
		s.payment, err = r.invoice(ctx, t)
	case strings.HasPrefix(t.Object, "pi_"):
		s.payment, err = r.payment(ctx, t, r.config.Stripe.PaymentIntent, events)
	case strings.HasPrefix(t.Object, "cs_"):
		s.payment, err = r.payment(ctx, t, r.config.Stripe.OneTimeSession, events)
	default:
		return s, fmt.Errorf("refetch: %q is not an object that is tracked", t.Object)
	}
	switch {
	case !stripe.Is(err, stripe.Missing):
		return s, err
	case t.Scope.Mode == project.ModeLive:
		return s, fmt.Errorf("%w %w", subscription.ErrMissingInLive, err)
	}
	return seen{gone: true}, nil // test data can be deleted: https://docs.stripe.com/test-mode
}

func (r *Refetcher) subscription(ctx context.Context, t Target) (*subscription.Subscription, error) {
	s, err := r.config.Stripe.Subscription(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	return r.ownSubscription(ctx, t, s, naming{})
}

// ownSubscription completes what Stripe says of a subscription by its owner. This and the others return a state without one
// where nobody is named.
func (r *Refetcher) ownSubscription(
	ctx context.Context, t Target, s subscription.Subscription, n naming,
) (_ *subscription.Subscription, err error) {
	n.customerID, n.metadata = s.CustomerID, s.Metadata
	s.Owner, err = r.owner(ctx, t, n)
	return &s, err
}

func (r *Refetcher) invoice(ctx context.Context, t Target) (*subscription.Payment, error) {
	i, err := r.config.Stripe.Invoice(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	return r.ownInvoice(ctx, t, i, naming{})
}

func (r *Refetcher) ownInvoice(ctx context.Context, t Target, i stripe.Invoice, n naming) (*subscription.Payment, error) {
	if i.Draft {
		return nil, nil //nolint:nilnil // it is no payment yet
	}
	n.customerID, n.metadata = i.CustomerID, i.Metadata
	owner, err := r.owner(ctx, t, n)
	if err != nil {
		return nil, err
	}
	return &subscription.Payment{
		ID: i.ID, Owner: owner, CustomerID: i.CustomerID, SubscriptionID: i.SubscriptionID,
		PaymentIntentID: i.PaymentIntentID, Status: i.Status, Amount: i.Amount, AmountRefunded: i.AmountRefunded,
		Currency: i.Currency, Description: i.Description, Disputed: i.Disputed, HostedInvoiceURL: i.HostedURL,
		InvoicePDF: i.PDF, CreatedAt: i.CreatedAt,
	}, nil
}

// payment returns a one-time payment. Where another object is the payment, that one is refetched instead, and nothing is
// returned: the invoice of a payment intent, and the intent of a session that has one. It goes first, since the events
// count as dealt with once they are recorded for this object. An intent that neither checkout nor an invoice has made is
// nobody's payment.
func (r *Refetcher) payment(
	ctx context.Context, t Target,
	get func(context.Context, project.Credentials, string) (stripe.PaymentIntent, error), events []string,
) (*subscription.Payment, error) {
	intent, err := get(ctx, t.Credentials, t.Object)
	if err != nil {
		return nil, err
	}
	object, err := r.paidFor(ctx, t, intent)
	if err != nil {
		return nil, err
	}
	if object == "" {
		return paymentOf(intent, subscription.Owner{Scope: t.Scope}), nil // followed if it is in the store all the same
	}
	if object != t.Object {
		t.Object = object
		_, err := r.Refetch(ctx, t, events...)
		return nil, err
	}
	return r.ownPayment(ctx, t, intent, naming{})
}

// paidFor returns the object that shows the payment: the invoice of an intent or, where checkout has made it, the intent
// itself. It is empty for an intent that the host or somebody else has made. Newer accounts do not name an intent's invoice,
// so that the store is asked for it, which costs no call, and then Stripe.
func (r *Refetcher) paidFor(ctx context.Context, t Target, intent stripe.PaymentIntent) (string, error) {
	if intent.InvoiceID != "" {
		return intent.InvoiceID, nil
	}
	if subscription.OwnerIn(intent.Metadata, t.Scope) != "" { // only checkout writes it on payments
		return intent.ID, nil
	}
	owner, err := r.owner(ctx, t, naming{customerID: intent.CustomerID, metadata: intent.Metadata})
	if err != nil {
		return "", err
	}
	if owner.ID != "" {
		payments, _, err := r.config.Store.Payments(ctx, owner, subscription.Page{Limit: invoicesLookedAt})
		for _, p := range payments {
			if p.PaymentIntentID == intent.ID {
				return p.ID, err
			}
		}
		if err != nil {
			return "", err
		}
	}
	return r.config.Stripe.InvoiceOf(ctx, t.Credentials, intent.ID)
}

// invoicesLookedAt is how many of a user's latest payments are looked through for an invoice.
const invoicesLookedAt = 100

func (r *Refetcher) ownPayment(
	ctx context.Context, t Target, intent stripe.PaymentIntent, n naming,
) (*subscription.Payment, error) {
	n.customerID, n.metadata = intent.CustomerID, intent.Metadata
	owner, err := r.owner(ctx, t, n)
	if err != nil {
		return nil, err
	}
	return paymentOf(intent, owner), nil
}

func paymentOf(intent stripe.PaymentIntent, owner subscription.Owner) *subscription.Payment {
	p := &subscription.Payment{
		ID: intent.ID, Owner: owner, CustomerID: intent.CustomerID, Status: intent.Status, Amount: intent.Amount,
		AmountRefunded: intent.AmountRefunded, Currency: intent.Currency, Description: intent.Description,
		Disputed: intent.Disputed, Metadata: intent.Metadata, CreatedAt: intent.CreatedAt,
	}
	if strings.HasPrefix(intent.ID, "pi_") {
		p.PaymentIntentID = intent.ID
	}
	return p
}
