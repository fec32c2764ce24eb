package stripe

import (
	"maps"
	"time"

	"github.com/paymount/paymount/subscription"
)

// PaymentIntent is one attempt to be paid.
type PaymentIntent struct {
	// ID is pi_…, or cs_… for a session that cost nothing.
	ID     string
	Status subscription.PaymentStatus
	// Amount and AmountRefunded are in the currency's smallest unit.
	Amount, AmountRefunded int64
	Currency               string
	Description            string
	CustomerID             string
	// InvoiceID is set when the money is for an invoice: then the invoice is the payment, not this.
	InvoiceID string
	Disputed  bool
	Metadata  map[string]string
	CreatedAt time.Time
}

// Invoice is a bill, for a subscription or for something that was sold by hand.
type Invoice struct {
	// ID is in_….
	ID string
	// Draft says that it has not been sent yet: it is not a payment so far.
	Draft  bool
	Status subscription.PaymentStatus
	// Amount and AmountRefunded are in the currency's smallest unit.
	Amount, AmountRefunded int64
	Currency               string
	Description            string
	CustomerID             string
	SubscriptionID         string
	// PaymentIntentID is the one that was paid, or is to be: one of them where there are several.
	PaymentIntentID string
	// Disputed says that one of its payments is or was.
	Disputed bool
	// HostedURL is of the page on which people see and pay it, PDF of the document; both are empty where there is none.
	HostedURL, PDF string
	// Metadata is the subscription's, as it was when the invoice was made.
	Metadata  map[string]string
	CreatedAt time.Time
}

// Listed is an object as one of Stripe's lists shows it: a subscription without its Owner, an invoice or a one-time payment.
// One of them is set. Customer is the object's, where the list has shown more of it than its id.
type Listed struct {
	Subscription  *subscription.Subscription
	Invoice       *Invoice
	PaymentIntent *PaymentIntent
	Customer      *Customer
}

// ID is the object's: sub_…, in_…, pi_… or cs_….
func (l Listed) ID() string {
	switch {
	case l.Subscription != nil:
		return l.Subscription.ID
	case l.Invoice != nil:
		return l.Invoice.ID
	case l.PaymentIntent != nil:
		return l.PaymentIntent.ID
	}
	return ""
}

// FirstPayment is how the first payment of a subscription stands at Stripe. It decides whether an incomplete one may be
// cancelled: neither one that has been paid, nor one whose payment is on its way.
type FirstPayment struct {
	// InvoiceID is the subscription's latest invoice (in_…); empty when there is none.
	InvoiceID string
	// Paid says that the invoice has been paid.
	Paid bool
	// InProgress says that money is on its way or has come in, and the invoice is not paid yet: a payment is being processed, as
	// a bank debit is for days, waits for the check of micro-deposits, has this moment succeeded, or has paid a part
	// (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses: an incomplete one can have a pending payment).
	InProgress bool
}

// Customer is a Stripe customer.
type Customer struct {
	// ID is cus_….
	ID string
	// Email, Name and Metadata are what Stripe has; all empty for a customer that has been deleted.
	Email, Name string
	Metadata    map[string]string
	Deleted     bool
}

// OwnedBy returns metadata with the keys that say whose an object is, and who made it. They win over what metadata has there.
// actor is empty where the owner has acted, or the app itself.
func OwnedBy(owner subscription.Owner, actor string, metadata map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, metadata)
	out[subscription.MetadataOwner], out[subscription.MetadataProject] = owner.ID, owner.ProjectID
	delete(out, subscription.MetadataActor)
	if actor != "" {
		out[subscription.MetadataActor] = actor
	}
	return out
}
