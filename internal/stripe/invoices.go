package stripe

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	invoicesPath = "/v1/invoices"
	invoicePath  = invoicesPath + "/%s"
)

type invoiceObject struct {
	sdk.APIResource
	ID            string                 `json:"id"`
	Status        string                 `json:"status"`
	AmountDue     int64                  `json:"amount_due"`
	AmountPaid    int64                  `json:"amount_paid"`
	Currency      string                 `json:"currency"`
	Description   string                 `json:"description"`
	Attempted     bool                   `json:"attempted"`
	AttemptCount  int64                  `json:"attempt_count"`
	Customer      Ref[customerObject]    `json:"customer"`
	Subscription  Ref[Unknown]           `json:"subscription"`
	PaymentIntent Ref[intentObject]      `json:"payment_intent"`
	Payments      listed[invoicePayment] `json:"payments"`
	Details       *subscriptionDetails   `json:"subscription_details"`
	Parent        *struct {
		Details *subscriptionDetails `json:"subscription_details"`
	} `json:"parent"`
	HostedURL   string  `json:"hosted_invoice_url"`
	PDF         string  `json:"invoice_pdf"`
	Created     seconds `json:"created"`
	DueDate     seconds `json:"due_date"`
	Transitions struct {
		FinalizedAt seconds `json:"finalized_at"`
	} `json:"status_transitions"`
	Lines listed[lineObject] `json:"lines"`
}

// subscriptionDetails stands below "parent" since 2025-03-31.basil, with the subscription's id.
type subscriptionDetails struct {
	Metadata     map[string]string `json:"metadata"`
	Subscription Ref[Unknown]      `json:"subscription"`
}

type lineObject struct {
	ID          string `json:"id"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Proration   bool   `json:"proration"`
	Period      struct {
		Start seconds `json:"start"`
		End   seconds `json:"end"`
	} `json:"period"`
	Price *struct {
		Nickname string             `json:"nickname"`
		Product  Ref[productObject] `json:"product"`
	} `json:"price"`
}

// Invoice returns an invoice.
func (g *Gateway) Invoice(ctx context.Context, c project.Credentials, id string) (Invoice, error) {
	path, err := path(invoicePath, "in_", id)
	if err != nil {
		return Invoice{}, err
	}
	params := &sdk.InvoiceParams{}
	params.AddExpand("payment_intent.latest_charge")
	params.AddExpand("lines.data.price.product")
	var out invoiceObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return Invoice{}, err
	}
	if err := g.addLines(ctx, c, &out); err != nil {
		return Invoice{}, err
	}
	intents, err := g.paidBy(ctx, c, &out)
	if err != nil {
		return Invoice{}, err
	}
	return out.invoice(intents), nil
}

func (o *invoiceObject) invoice(intents []*intentObject) Invoice {
	out := Invoice{
		ID: o.ID, Draft: o.Status == string(sdk.InvoiceStatusDraft), Amount: cmp.Or(o.AmountDue, o.AmountPaid),
		Currency: o.Currency, PaymentIntentID: o.PaymentIntent.ID, HostedURL: storable(o.HostedURL), PDF: storable(o.PDF),
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
	paid := false
	for n, intent := range intents {
		payment := intent.paymentIntent()
		out.AmountRefunded += payment.AmountRefunded
		out.Disputed = out.Disputed || payment.Disputed
		if succeeded := intent.is(sdk.PaymentIntentStatusSucceeded); n == 0 || succeeded && !paid {
			out.PaymentIntentID, paid = payment.ID, succeeded
		}
	}
	out.Status = o.status(intents, out.AmountRefunded)
	return out
}

// status maps the invoice's status (https://docs.stripe.com/invoicing/overview#invoice-statuses).
func (o *invoiceObject) status(intents []*intentObject, refunded int64) subscription.PaymentStatus {
	switch sdk.InvoiceStatus(o.Status) {
	case sdk.InvoiceStatusPaid:
		switch {
		case refunded >= o.AmountPaid && refunded > 0:
			return subscription.PaymentRefunded
		case refunded > 0:
			return subscription.PaymentPartiallyRefunded
		}
		return subscription.PaymentSucceeded
	case sdk.InvoiceStatusVoid:
		return subscription.PaymentCanceled
	case sdk.InvoiceStatusUncollectible:
		return subscription.PaymentFailed
	case sdk.InvoiceStatusOpen:
		failed := func(i *intentObject) bool { return i.status(0) == subscription.PaymentFailed }
		switch {
		case o.AmountPaid > 0 || slices.ContainsFunc(intents, (*intentObject).underWay):
			return subscription.PaymentPending
		case o.attempted() || slices.ContainsFunc(intents, failed):
			return subscription.PaymentFailed
		}
	case sdk.InvoiceStatusDraft:
	}
	return subscription.PaymentPending
}

func (o *invoiceObject) attempted() bool { return o.Attempted || o.AttemptCount > 0 }

// addLines fetches all lines of an invoice that has more than Stripe shows in it, if the one that describes it is not among
// those.
func (g *Gateway) addLines(ctx context.Context, c project.Credentials, o *invoiceObject) error {
	if !o.Lines.More || o.planLine() != nil {
		return nil
	}
	path, err := path(invoicePath+"/lines", "in_", o.ID)
	if err != nil {
		return err
	}
	params := &listParams{}
	params.expand("data.price.product")
	all, err := listAll(ctx, g, c, path, params, func(l *lineObject) string { return l.ID })
	if err == nil {
		o.Lines.Data = all
	}
	return err
}

// planLine returns the first line that is for a period of a price, nil where there is none.
func (o *invoiceObject) planLine() *lineObject {
	i := slices.IndexFunc(o.Lines.Data, func(l lineObject) bool { return !l.Proration && l.Price != nil && l.Amount >= 0 })
	if i < 0 {
		return nil
	}
	return &o.Lines.Data[i]
}

// describe returns what a person understands: the product's name and the period that was paid for.
func (o *invoiceObject) describe() string {
	if line := o.planLine(); line != nil {
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
