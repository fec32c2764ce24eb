package stripe

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Lister is a Gateway for a walk through an account's lists. It must not be asked for two pages at the same time.
type Lister struct {
	*Gateway

	products productNames
}

// Lister returns a Lister. It calls before ahead of each try of each call, and does not make it when that fails.
func (g *Gateway) Lister(before func(context.Context) error) *Lister {
	paced := *g
	paced.before = before
	return &Lister{Gateway: &paced, products: productNames{}}
}

// customerOf returns an object's customer when it was asked for, else nil.
func customerOf(r Ref[customerObject]) *Customer {
	if r.Object == nil {
		return nil
	}
	return r.Object.customer()
}

// page returns the page without its rows.
func (l *listed[T]) page(id func(*T) string) Page {
	p := Page{More: l.More && len(l.Data) > 0}
	if len(l.Data) > 0 {
		p.Last = id(&l.Data[len(l.Data)-1])
	}
	return p
}

// pageParams are the parameters of a page of a whole list.
func pageParams(q Query) *listParams {
	params := &listParams{
		Created: &sdk.RangeQueryParams{LesserThanOrEqual: q.CreatedUntil.Unix()}, Limit: sdk.Int64(pageSize),
	}
	if q.After != "" {
		params.StartingAfter = sdk.String(q.After)
	}
	if q.Customers {
		params.expand("data.customer")
	}
	return params
}

// ListSubscriptions returns a page of all subscriptions, ended ones included.
func (l *Lister) ListSubscriptions(ctx context.Context, c project.Credentials, q Query) (Page, error) {
	params := pageParams(q)
	params.Status = sdk.String("all")
	var out listed[subscriptionObject]
	if err := l.call(ctx, c, http.MethodGet, "/v1/subscriptions", params, "", &out); err != nil {
		return Page{}, err
	}
	var products []*Ref[productObject]
	for i := range out.Data {
		if err := l.addItems(ctx, c, &out.Data[i]); err != nil {
			return Page{}, err
		}
		for j := range out.Data[i].Items.Data {
			products = append(products, &out.Data[i].Items.Data[j].Price.Product)
		}
	}
	if err := l.name(ctx, c, products); err != nil {
		return Page{}, err
	}
	page := out.page(func(o *subscriptionObject) string { return o.ID })
	for i := range out.Data {
		s := out.Data[i].subscription()
		if err := l.addFailure(ctx, c, &s); err != nil {
			return Page{}, err
		}
		page.Rows = append(page.Rows, Listed{Subscription: &s, Customer: customerOf(out.Data[i].Customer)})
	}
	return page, nil
}

// ListInvoices returns a page of all invoices but drafts.
func (l *Lister) ListInvoices(ctx context.Context, c project.Credentials, q Query) (Page, error) {
	params := pageParams(q)
	params.expand("data.payment_intent.latest_charge")
	var out listed[invoiceObject]
	if err := l.call(ctx, c, http.MethodGet, invoicesPath, params, "", &out); err != nil {
		return Page{}, err
	}
	var products []*Ref[productObject]
	for i := range out.Data {
		if err := l.addLines(ctx, c, &out.Data[i]); err != nil {
			return Page{}, err
		}
		for j := range out.Data[i].Lines.Data {
			if price := out.Data[i].Lines.Data[j].Price; price != nil {
				products = append(products, &price.Product)
			}
		}
	}
	if err := l.name(ctx, c, products); err != nil {
		return Page{}, err
	}
	page := out.page(func(o *invoiceObject) string { return o.ID })
	for i := range out.Data {
		o := &out.Data[i]
		intents, err := l.paidBy(ctx, c, o)
		if err != nil {
			return Page{}, err
		}
		invoice := o.invoice(intents)
		if !invoice.Draft {
			page.Rows = append(page.Rows, Listed{Invoice: &invoice, Customer: customerOf(o.Customer)})
		}
	}
	return page, nil
}

// ListPayments returns a page of the one-time payments of all checkout sessions that have been completed. Where an invoice
// was made for one, the invoice is the payment.
func (l *Lister) ListPayments(ctx context.Context, c project.Credentials, q Query) (Page, error) {
	q.Customers = false // only what checkout made is ours, and that has its metadata
	params := pageParams(q)
	params.Status = sdk.String(string(checkout.StatusComplete))
	params.expand("data.payment_intent.latest_charge")
	var out listed[sessionObject]
	if err := l.call(ctx, c, http.MethodGet, sessionsPath, params, "", &out); err != nil {
		return Page{}, err
	}
	page := out.page(func(o *sessionObject) string { return o.ID })
	for i := range out.Data {
		if out.Data[i].Mode != string(checkout.ModePayment) {
			continue
		}
		payment := out.Data[i].oneTime()
		if payment.InvoiceID == "" && payment.Metadata[subscription.MetadataOwner] != "" {
			page.Rows = append(page.Rows, Listed{PaymentIntent: &payment})
		}
	}
	return page, nil
}

// ListEvents returns a page of all events that were created at a time or later, newest first.
func (l *Lister) ListEvents(
	ctx context.Context, c project.Credentials, since time.Time, after string,
) (EventPage, error) {
	params := &listParams{
		Created: &sdk.RangeQueryParams{GreaterThanOrEqual: since.Unix()}, Limit: sdk.Int64(pageSize),
	}
	if after != "" {
		params.StartingAfter = sdk.String(after)
	}
	var out listed[json.RawMessage]
	if err := l.call(ctx, c, http.MethodGet, "/v1/events", params, "", &out); err != nil {
		return EventPage{}, err
	}
	page := out.page(func(event *json.RawMessage) string {
		var e struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(*event, &e) // without an id the list can't go on, as reconcile finds out
		return e.ID
	})
	return EventPage{Events: out.Data, Last: page.Last, More: page.More}, nil
}
