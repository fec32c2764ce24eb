package subscription

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
