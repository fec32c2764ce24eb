package stripetest

import (
	"maps"
	"strconv"
)

// linesDoc is the list of lines within an invoice.
func (i *Invoice) linesDoc(a *Account, v Version) doc {
	var rows []doc
	for _, row := range i.lineRows()[:min(len(i.Lines), shownRows)] {
		rows = append(rows, row.render(a, v))
	}
	return listDoc("/v1/invoices/"+i.ID+"/lines", rows, len(i.Lines) > shownRows)
}

// listLines answers with a page of an invoice's lines, in their order on the invoice.
func (i *Invoice) listLines(a *Account, r *request) (any, error) {
	limit, err := r.params.limit()
	if err != nil {
		return nil, err
	}
	page, more, err := cut(i.lineRows(), r.params, limit)
	if err != nil {
		return nil, err
	}
	var rows []doc
	for _, row := range page {
		rows = append(rows, row.render(a, r.version))
	}
	return listDoc(r.http.URL.Path, rows, more), nil
}

func (i *Invoice) lineRows() []lineRow {
	rows := make([]lineRow, len(i.Lines))
	for n := range i.Lines {
		rows[n] = lineRow{&i.Lines[n], i}
	}
	return rows
}

// lineRow is a line as a row of a list.
type lineRow struct {
	*InvoiceLine

	invoice *Invoice
}

func (l lineRow) ident() string    { return l.ID }
func (l lineRow) createdAt() int64 { return l.invoice.Created }

func (l lineRow) render(a *Account, v Version) doc {
	i := l.invoice
	row := doc{
		"id": l.ID, "object": "line_item", "amount": l.Amount, "currency": i.Currency,
		"description": orNull(l.Description), "discount_amounts": []doc{}, "discountable": true,
		"discounts": []string{}, "invoice": i.ID, "livemode": a.Livemode, "metadata": metadataDoc(l.Metadata),
		"period": doc{"start": l.PeriodStart, "end": l.PeriodEnd}, "quantity": l.Quantity,
		"subscription": orNull(i.Subscription),
	}
	if price, ok := find[*Price](a, l.Price); ok {
		l.drift(row, price, i.Subscription, a, v)
	}
	return row
}

// drift adds where a line's price and origin stand in a version.
func (l *InvoiceLine) drift(row doc, price *Price, subscription string, a *Account, v Version) {
	if v.since(VersionBasil) {
		row["pricing"] = doc{
			"type": "price_details", "unit_amount_decimal": strconv.FormatInt(price.UnitAmount, 10),
			"price_details": doc{"price": price.ID, "product": price.Product},
		}
		row["parent"] = l.parent(subscription)
		row["pretax_credit_amounts"], row["taxes"] = []doc{}, []doc{}
		if v.since(VersionDahlia) {
			row["subtotal"] = l.Amount
		}
		return
	}
	maps.Copy(row, doc{
		"amount_excluding_tax": l.Amount, "price": price.render(a, v), "proration": l.Proration,
		"proration_details": doc{"credited_items": nil}, "tax_amounts": []doc{}, "tax_rates": []doc{},
		"type": "subscription", "unit_amount_excluding_tax": strconv.FormatInt(price.UnitAmount, 10),
	})
	if l.SubscriptionItem != "" {
		row["subscription_item"] = l.SubscriptionItem
	}
	if item := l.invoiceItem(); item != "" {
		row["type"], row["invoice_item"] = "invoiceitem", item
	}
}

// parent says since basil where a line comes from.
func (l *InvoiceLine) parent(subscription string) doc {
	details := doc{
		"proration": l.Proration, "proration_details": doc{"credited_items": nil}, "subscription": subscription,
	}
	if l.SubscriptionItem == "" {
		details["invoice_item"] = l.invoiceItem()
		return doc{"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": nil}
	}
	details["invoice_item"], details["subscription_item"] = orNull(l.InvoiceItem), l.SubscriptionItem
	return doc{"type": "subscription_item_details", "invoice_item_details": nil, "subscription_item_details": details}
}

// invoiceItem is the id of the invoice item behind a one-off line or a proration; empty for a period of a subscription.
func (l *InvoiceLine) invoiceItem() string {
	if l.InvoiceItem == "" && l.SubscriptionItem == "" {
		return "ii_" + l.ID[len("il_"):]
	}
	return l.InvoiceItem
}
