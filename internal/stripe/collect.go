package stripe

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// bill is an invoice with what says how it is collected.
type bill struct {
	sdk.APIResource
	ID            string            `json:"id"`
	Status        string            `json:"status"`
	BillingReason string            `json:"billing_reason"`
	AutoAdvance   bool              `json:"auto_advance"`
	Attempted     bool              `json:"attempted"`
	Subscription  Ref[Unknown]      `json:"subscription"`
	Metadata      map[string]string `json:"metadata"`
	Lines         struct {
		Data []lineObject `json:"data"`
	} `json:"lines"`
}

// InvoicePending invoices what waits for the next invoice of a subscription, and tries to collect it at once. What an earlier
// call, which was interrupted, has left unfinished is finished.
func (g *Gateway) InvoicePending(ctx context.Context, c project.Credentials, customerID, subscriptionID string) error {
	pending, err := g.hasPending(ctx, c, customerID, subscriptionID)
	if err != nil {
		return err
	}
	if pending {
		params := &sdk.InvoiceParams{
			Customer: sdk.String(customerID), Subscription: sdk.String(subscriptionID),
			PendingInvoiceItemsBehavior: sdk.String("include"), AutoAdvance: sdk.Bool(true),
		}
		var out bill
		err := g.call(ctx, c, http.MethodPost, invoicesPath, params, "", &out)
		if err != nil && !HasCode(err, string(sdk.ErrorCodeInvoiceNoSubscriptionLineItems)) {
			return err
		}
	}
	return g.eachBill(ctx, c, &listParams{Subscription: sdk.String(subscriptionID)}, func(b bill) error {
		return g.collect(ctx, c, b)
	})
}

// hasPending reports whether anything waits for the next invoice of a subscription.
func (g *Gateway) hasPending(ctx context.Context, c project.Credentials, customerID, subscriptionID string) (bool, error) {
	type row struct {
		ID           string       `json:"id"`
		Subscription Ref[Unknown] `json:"subscription"`
	}
	params := &listParams{Customer: sdk.String(customerID), Pending: sdk.Bool(true)}
	items, err := listAll(ctx, g, c, "/v1/invoiceitems", params, func(r *row) string { return r.ID })
	return slices.ContainsFunc(items, func(r row) bool { return r.Subscription.ID == subscriptionID }), err
}

// collect finalizes and charges an invoice that would be collected by itself later, and not at all once the subscription has
// ended. The draft of a period that has just begun is left alone, unless it has taken up prorations. A payment that fails
// leaves the invoice open.
func (g *Gateway) collect(ctx context.Context, c project.Credentials, b bill) error {
	status := sdk.InvoiceStatus(b.Status)
	if !b.AutoAdvance || status != sdk.InvoiceStatusDraft && (status != sdk.InvoiceStatusOpen || b.Attempted) {
		return nil
	}
	if status == sdk.InvoiceStatusDraft {
		if b.BillingReason == string(sdk.InvoiceBillingReasonSubscriptionCycle) && !b.prorates() {
			return nil
		}
		if err := g.onBill(ctx, c, b.ID, "/finalize", &sdk.InvoiceFinalizeInvoiceParams{}, &b); err != nil {
			return err
		}
		if b.Status != string(sdk.InvoiceStatusOpen) {
			return nil // a credit, or nothing, is paid at once
		}
	}
	err := g.onBill(ctx, c, b.ID, "/pay", &sdk.InvoicePayParams{}, &b)
	if Is(err, Refused, Missing) {
		return nil
	}
	return err
}

func (b bill) prorates() bool {
	return slices.ContainsFunc(b.Lines.Data, func(l lineObject) bool { return l.Proration })
}

// keepCollecting marks an invoice whose collection is to go on after the end of another subscription of the customer's, whose id
// is the mark. The mark survives this process.
const keepCollecting = "paymount_keep_collecting"

// anyEnding was the mark of earlier versions.
const anyEnding = "true"

// markCollected marks the customer's invoices that are being collected and are not those of a subscription that is about to
// end. Its cancellation stops the collection of all: "upon subscription cancellation, Stripe stops automatic collection of all
// finalized invoices for the customer" (https://docs.stripe.com/api/subscriptions/cancel). It takes over what another cancellation
// has marked: that one may be over already, or have broken off.
func (g *Gateway) markCollected(ctx context.Context, c project.Credentials, customerID, subscriptionID string) error {
	return g.openBills(ctx, c, customerID, func(b bill) error {
		mark := b.Metadata[keepCollecting]
		if b.Subscription.ID == subscriptionID || mark == subscriptionID || !b.AutoAdvance && mark == "" {
			return nil
		}
		return g.onBill(ctx, c, b.ID, "", &sdk.InvoiceParams{Metadata: map[string]string{keepCollecting: subscriptionID}}, &b)
	})
}

// ResumeCollection resumes the collection of the customer's invoices that EndSubscription has marked, after it has ended a
// subscription. It can be repeated.
func (g *Gateway) ResumeCollection(ctx context.Context, c project.Credentials, customerID, subscriptionID string) error {
	return g.openBills(ctx, c, customerID, func(b bill) error {
		if mark := b.Metadata[keepCollecting]; mark != subscriptionID && mark != anyEnding {
			return nil
		}
		params := &sdk.InvoiceParams{AutoAdvance: sdk.Bool(true), Metadata: map[string]string{keepCollecting: ""}}
		return g.onBill(ctx, c, b.ID, "", params, &b)
	})
}

func (g *Gateway) openBills(ctx context.Context, c project.Credentials, customerID string, do func(bill) error) error {
	params := &listParams{Customer: sdk.String(customerID), Status: sdk.String(string(sdk.InvoiceStatusOpen))}
	err := g.eachBill(ctx, c, params, do)
	if Is(err, Missing) {
		return nil // a customer who is gone has no invoices to collect
	}
	return err
}

// eachBill calls do with every invoice of a list.
func (g *Gateway) eachBill(ctx context.Context, c project.Credentials, params *listParams, do func(bill) error) error {
	bills, err := listAll(ctx, g, c, invoicesPath, params, func(b *bill) string { return b.ID })
	if err != nil {
		return err
	}
	for _, b := range bills {
		if err := do(b); err != nil {
			return err
		}
	}
	return nil
}

// onBill posts to an invoice, or to one of its actions.
func (g *Gateway) onBill(
	ctx context.Context, c project.Credentials, id, action string, params sdk.ParamsContainer, out *bill,
) error {
	path, err := path(invoicePath, "in_", id)
	if err != nil {
		return err
	}
	return g.call(ctx, c, http.MethodPost, path+action, params, "", out)
}
