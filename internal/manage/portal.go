package manage

import (
	"context"
	"strings"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// CheckPortal returns the mistakes in a request for the portal that can be seen without a look at the subscriptions.
func (m *Manager) CheckPortal(in subscription.Portal) []subscription.FieldError {
	mistakes := m.Redirects.Check("return_url", in.ReturnURL)
	switch in.Purpose {
	case "", subscription.PortalPaymentMethod, subscription.PortalCancel, subscription.PortalUpdate:
	default:
		mistakes = append(mistakes, notOneOf("purpose", string(subscription.PortalPaymentMethod),
			string(subscription.PortalCancel), string(subscription.PortalUpdate)))
	}
	return mistakes
}

func notOneOf(field string, choices ...string) subscription.FieldError {
	message := "Input should be one of: " + strings.Join(choices, ", ")
	return subscription.FieldError{Field: field, Message: message, Kind: "string_pattern_mismatch"}
}

// Portal opens a session of Stripe's customer portal and returns its URL.
func (m *Manager) Portal(ctx context.Context, buyer customer.Buyer, in subscription.Portal) (string, error) {
	if err := invalid(m.CheckPortal(in)); err != nil {
		return "", err
	}
	p := stripe.Portal{ReturnURL: in.ReturnURL, Flow: string(in.Purpose)}
	var err error
	if in.Purpose == subscription.PortalCancel || in.Purpose == subscription.PortalUpdate {
		p.CustomerID, p.SubscriptionID, err = m.openSubscription(ctx, buyer, in.SubscriptionID)
	} else {
		p.CustomerID, err = m.customer(ctx, buyer)
	}
	if err != nil {
		return "", err
	}
	url, err := m.Stripe.CreatePortal(ctx, buyer.Credentials, p)
	if stripe.Is(err, stripe.Missing) {
		return "", noCustomer()
	}
	return url, err
}

// openSubscription returns the ids of one of the owner's subscriptions that has not ended, and of its customer.
func (m *Manager) openSubscription(
	ctx context.Context, buyer customer.Buyer, id string,
) (customerID, subscriptionID string, err error) {
	s, err := m.find(ctx, buyer, id)
	if err == nil && s.Status.Ended() {
		err = hasEnded()
	}
	return s.CustomerID, s.ID, err
}

// customer returns the owner's Stripe customer: the one that checkout has made, or that of the current subscription.
func (m *Manager) customer(ctx context.Context, buyer customer.Buyer) (string, error) {
	intent, err := m.Store.Intent(ctx, buyer.Owner, subscription.IntentCustomer)
	if err != nil || intent.ObjectID != "" {
		return intent.ObjectID, err
	}
	subs, err := m.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return "", err
	}
	open := subscription.Ranked(subs)
	if len(open) == 0 {
		return "", noCustomer()
	}
	return open[0].CustomerID, nil
}

func noCustomer() error { return subscription.ErrNone.Because("You have not bought anything yet.") }
