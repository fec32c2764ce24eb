package stripegw

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripejson"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/refetch"
)

type invoiceObject struct {
	stripe.APIResource
	ID            string                             `json:"id"`
	Status        string                             `json:"status"`
	AmountDue     int64                              `json:"amount_due"`
	AmountPaid    int64                              `json:"amount_paid"`
	Currency      string                             `json:"currency"`
	Description   string                             `json:"description"`
	Attempted     bool                               `json:"attempted"`
	AttemptCount  int64                              `json:"attempt_count"`
	Customer      stripejson.Ref[customerObject]     `json:"customer"`
	Subscription  stripejson.Ref[stripejson.Unknown] `json:"subscription"`
	PaymentIntent stripejson.Ref[intentObject]       `json:"payment_intent"`
	Payments      invoicePayments                    `json:"payments"`
	Details       *subscriptionDetails               `json:"subscription_details"`
	Parent        *struct {
		Details *subscriptionDetails `json:"subscription_details"`
	} `json:"parent"`
	Created seconds `json:"created"`
	Lines   struct {
		Data []lineObject `json:"data"`
	} `json:"lines"`
}

// invoicePayments is a list of what an invoice was paid with, or is to be, in place of its payment intent since
// 2025-03-31.basil (https://docs.stripe.com/api/invoice-payment).
type invoicePayments struct {
	Data []struct {
		Payment struct {
			PaymentIntent stripejson.Ref[intentObject] `json:"payment_intent"`
		} `json:"payment"`
	} `json:"data"`
}

// intent returns the payment intent of the first payment that has one.
func (p invoicePayments) intent() (ref stripejson.Ref[intentObject]) {
	for _, payment := range p.Data {
		if ref = payment.Payment.PaymentIntent; ref.ID != "" {
			break
		}
	}
	return ref
}

// subscriptionDetails stands below "parent" since 2025-03-31.basil, with the subscription's id.
type subscriptionDetails struct {
	Metadata     map[string]string                  `json:"metadata"`
	Subscription stripejson.Ref[stripejson.Unknown] `json:"subscription"`
}

type lineObject struct {
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Proration   bool   `json:"proration"`
	Period      struct {
		Start seconds `json:"start"`
		End   seconds `json:"end"`
	} `json:"period"`
	Price *struct {
		Nickname string                        `json:"nickname"`
		Product  stripejson.Ref[productObject] `json:"product"`
	} `json:"price"`
}

// Invoice returns an invoice.
func (g *Gateway) Invoice(ctx context.Context, c auth.Credentials, id string) (refetch.Invoice, error) {
	path, err := path("/v1/invoices/%s", "in_", id)
	if err != nil {
		return refetch.Invoice{}, err
	}
	params := &stripe.InvoiceParams{}
	params.AddExpand("payment_intent.latest_charge")
	params.AddExpand("lines.data.price.product")
	var out invoiceObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return refetch.Invoice{}, err
	}
	intent, err := g.paidBy(ctx, c, &out)
	if err != nil {
		return refetch.Invoice{}, err
	}
	return out.invoice(intent), nil
}

// paidBy returns the payment intent of an invoice, nil when there is none.
func (g *Gateway) paidBy(ctx context.Context, c auth.Credentials, o *invoiceObject) (*intentObject, error) {
	ref := o.PaymentIntent
	if ref.ID == "" {
		ref = o.Payments.intent()
	}
	if ref.ID == "" && o.AmountPaid > 0 {
		var err error
		if ref, err = g.invoicePayment(ctx, c, o.ID); err != nil {
			return nil, err
		}
	}
	switch {
	case ref.Object != nil:
		return ref.Object, g.addCharge(ctx, c, ref.Object)
	case ref.ID == "":
		return nil, nil //nolint:nilnil // none is an answer
	}
	intent, err := g.intent(ctx, c, ref.ID)
	return intent, unlessNotFound(err)
}

// invoicePaymentsVersion is the first API version that has invoice payments, in place of an invoice's one payment intent.
const invoicePaymentsVersion = "2025-03-31.basil"

// invoicePayment returns the payment intent of an invoice's payment, the way that newer versions of the API offer; a zero one
// when there is none, as for an invoice that was paid by hand.
func (g *Gateway) invoicePayment(
	ctx context.Context, c auth.Credentials, invoiceID string,
) (ref stripejson.Ref[intentObject], err error) {
	params := &listParams{Invoice: stripe.String(invoiceID), Status: stripe.String("paid")}
	params.Headers = http.Header{"Stripe-Version": {invoicePaymentsVersion}}
	params.expand("data.payment.payment_intent.latest_charge")
	var out struct {
		stripe.APIResource
		invoicePayments
	}
	err = g.call(ctx, c, http.MethodGet, "/v1/invoice_payments", params, "", &out)
	return out.intent(), unlessNotFound(err)
}

func (o *invoiceObject) invoice(intent *intentObject) refetch.Invoice {
	out := refetch.Invoice{
		ID: o.ID, Draft: o.Status == string(stripe.InvoiceStatusDraft), Amount: cmp.Or(o.AmountDue, o.AmountPaid),
		Currency: o.Currency, PaymentIntentID: cmp.Or(o.PaymentIntent.ID, o.Payments.intent().ID),
		Description: storable(o.describe()), CustomerID: o.Customer.ID, SubscriptionID: o.Subscription.ID, CreatedAt: o.Created.time(),
	}
	details := o.Details
	if o.Parent != nil && o.Parent.Details != nil {
		details = o.Parent.Details
	}
	if details != nil {
		out.Metadata = storableMetadata(details.Metadata)
		out.SubscriptionID = cmp.Or(out.SubscriptionID, details.Subscription.ID)
	}
	if intent != nil {
		payment := intent.paymentIntent()
		out.PaymentIntentID, out.AmountRefunded, out.Disputed = payment.ID, payment.AmountRefunded, payment.Disputed
	}
	out.Status = o.status(intent, out.AmountRefunded)
	return out
}

// status maps the invoice's status (https://docs.stripe.com/invoicing/overview#invoice-statuses).
func (o *invoiceObject) status(intent *intentObject, refunded int64) subscription.PaymentStatus {
	switch stripe.InvoiceStatus(o.Status) {
	case stripe.InvoiceStatusPaid:
		switch {
		case refunded >= o.AmountPaid && refunded > 0:
			return subscription.PaymentRefunded
		case refunded > 0:
			return subscription.PaymentPartiallyRefunded
		}
		return subscription.PaymentSucceeded
	case stripe.InvoiceStatusVoid:
		return subscription.PaymentCanceled
	case stripe.InvoiceStatusUncollectible:
		return subscription.PaymentFailed
	case stripe.InvoiceStatusOpen:
		attempted := o.Attempted || o.AttemptCount > 0
		if attempted && (intent == nil || intent.Status == string(stripe.PaymentIntentStatusRequiresPaymentMethod)) {
			return subscription.PaymentFailed
		}
		if intent != nil {
			return intent.status(0)
		}
	case stripe.InvoiceStatusDraft:
	}
	return subscription.PaymentPending
}

// describe returns what a person understands: the product's name and the period that was paid for.
func (o *invoiceObject) describe() string {
	for _, line := range o.Lines.Data {
		if line.Proration || line.Price == nil || line.Amount < 0 {
			continue
		}
		name := line.Price.Nickname
		if product := line.Price.Product.Object; product != nil {
			name = cmp.Or(product.Name, name)
		}
		if name == "" {
			return line.Description
		}
		return name + period(line.Period.Start.time(), line.Period.End.time())
	}
	for _, line := range o.Lines.Data {
		if line.Amount > 0 { // not the credit for what it replaces
			return line.Description
		}
	}
	return o.Description
}

func period(start, end time.Time) string {
	if start.IsZero() || !end.After(start) {
		return ""
	}
	const day = "2 Jan 2006"
	return " (" + start.Format(day) + " – " + end.Format(day) + ")"
}
