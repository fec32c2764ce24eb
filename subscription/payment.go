package subscription

import (
	"maps"
	"strings"
	"time"
)

// PaymentStatus is a payment's state as clients see it.
type PaymentStatus string

// The payment statuses of the wire contract.
const (
	PaymentSucceeded         PaymentStatus = "succeeded"
	PaymentPending           PaymentStatus = "pending"
	PaymentFailed            PaymentStatus = "failed"
	PaymentRefunded          PaymentStatus = "refunded"
	PaymentPartiallyRefunded PaymentStatus = "partially_refunded"
	PaymentCanceled          PaymentStatus = "canceled"
)

// Paid reports whether the money has come in, whatever was given back since.
func (s PaymentStatus) Paid() bool {
	return s == PaymentSucceeded || s == PaymentRefunded || s == PaymentPartiallyRefunded
}

// Payment is one payment of one owner: an invoice of a subscription, or a one-time payment. Amounts are in the
// currency's smallest unit as Stripe counts it: cents for usd, whole yen for jpy
// (https://docs.stripe.com/currencies#zero-decimal). The JSON form is for stores.
type Payment struct {
	// ID is the object that stands for the payment at Stripe: in_… for an invoice, pi_… for a one-time payment, cs_… for
	// a one-time checkout that cost nothing.
	ID string `json:"id"`
	// Owner is who paid.
	Owner Owner `json:"owner"`
	// CustomerID is Stripe's customer (cus_…).
	CustomerID string `json:"customer_id,omitempty"`
	// SubscriptionID (sub_…) is set for an invoice of a subscription.
	SubscriptionID string `json:"subscription_id,omitempty"`
	// PaymentIntentID (pi_…) is empty where nothing had to be paid.
	// An invoice that was paid in several payments has one of them here.
	PaymentIntentID string        `json:"payment_intent_id,omitempty"`
	Status          PaymentStatus `json:"status"`
	Amount          int64         `json:"amount"`
	AmountRefunded  int64         `json:"amount_refunded,omitempty"`
	// Currency is the three-letter ISO code in lower case.
	Currency    string `json:"currency"`
	Description string `json:"description,omitempty"`
	// Disputed says that the buyer's bank wants the money back, or did: it stays true when the dispute is won.
	Disputed bool `json:"disputed,omitempty"`
	// HostedInvoiceURL is Stripe's page of an invoice, InvoicePDF its document. Both are empty for a one-time payment.
	// The links end some time after the payment (https://docs.stripe.com/invoicing/hosted-invoice-page).
	HostedInvoiceURL string            `json:"hosted_invoice_url,omitempty"`
	InvoicePDF       string            `json:"invoice_pdf,omitempty"`
	Metadata         map[string]string `json:"metadata,omitempty"`
	CreatedAt        time.Time         `json:"created_at"`
}

// OneTime reports whether the payment was made by a checkout in payment mode, not by an invoice.
func (p Payment) OneTime() bool { return !strings.HasPrefix(p.ID, "in_") }

// Mark returns the payment's place among those of its owner.
func (p Payment) Mark() Mark { return Mark{p.CreatedAt, p.ID} }

// Clone returns a copy that shares nothing with p.
func (p Payment) Clone() Payment {
	p.Metadata = maps.Clone(p.Metadata)
	return p
}
