package stripetest

import (
	"maps"
	"strconv"
)

// InvoiceItem is https://docs.stripe.com/api/invoiceitems/object: a proration that the next invoice of its subscription
// takes up. Amounts are in the currency's smallest unit, times in seconds.
type InvoiceItem struct {
	ID, Customer, Subscription, SubscriptionItem string
	Price, Currency, Description                 string
	Quantity, Amount                             int64
	PeriodStart, PeriodEnd                       int64
	Invoice                                      string // empty while it is pending
	Metadata                                     map[string]string
	Created                                      int64
}

func (i *InvoiceItem) ident() string    { return i.ID }
func (i *InvoiceItem) createdAt() int64 { return i.Created }

func (i *InvoiceItem) clone() InvoiceItem {
	out := *i
	out.Metadata = maps.Clone(i.Metadata)
	return out
}

func (i *InvoiceItem) render(a *Account, v Version) doc {
	out := doc{
		"id": i.ID, "object": "invoiceitem", "amount": i.Amount, "currency": i.Currency, "customer": i.Customer,
		"date": i.Created, "description": i.Description, "discountable": false, "discounts": []doc{},
		"invoice": orNull(i.Invoice), "livemode": a.Livemode, "metadata": metadataDoc(i.Metadata),
		"period": doc{"start": i.PeriodStart, "end": i.PeriodEnd}, "proration": true, "quantity": i.Quantity,
		"tax_rates": []doc{}, "test_clock": nil,
	}
	price, _ := find[*Price](a, i.Price)
	if v.since(VersionBasil) {
		out["parent"] = doc{"type": "subscription_details", "subscription_details": doc{
			"subscription": i.Subscription, "subscription_item": i.SubscriptionItem,
		}}
		out["pricing"] = doc{
			"type": "price_details", "price_details": doc{"price": price.ID, "product": price.Product},
			"unit_amount_decimal": strconv.FormatInt(i.unitAmount(), 10),
		}
	} else {
		maps.Copy(out, doc{
			"price": price.render(a, v), "subscription": i.Subscription, "subscription_item": i.SubscriptionItem,
			"unit_amount": i.unitAmount(), "unit_amount_decimal": strconv.FormatInt(i.unitAmount(), 10),
		})
	}
	if v.since(VersionDahlia) {
		out["quantity_decimal"] = strconv.FormatInt(i.Quantity, 10)
	}
	return out
}

func (i *InvoiceItem) unitAmount() int64 { return i.Amount / max(1, i.Quantity) }

// line is how an invoice shows the item.
func (i *InvoiceItem) line() InvoiceLine {
	return InvoiceLine{
		ID: newID("il_"), InvoiceItem: i.ID, Price: i.Price, SubscriptionItem: i.SubscriptionItem, Quantity: i.Quantity,
		Amount: i.Amount, Description: i.Description, PeriodStart: i.PeriodStart, PeriodEnd: i.PeriodEnd, Proration: true,
		Metadata: metadataDoc(i.Metadata),
	}
}

func invoiceItemOperations() []operation {
	return []operation{
		{
			"GET", "/v1/invoiceitems", listParams().with(fields{
				"created": timeRange, "customer": text, "invoice": text, "pending": boolean,
			}), func(a *Account, r *request) (any, error) {
				p := r.params
				return listed(a, r, a.invoiceItems, func(i *InvoiceItem) bool {
					return p.wanted("customer", i.Customer) && p.wanted("invoice", i.Invoice) &&
						(!p.has("pending") || p.truth("pending") == (i.Invoice == ""))
				})
			},
		},
		{"GET", "/v1/invoiceitems/{id}", fields{}, retrieve[*InvoiceItem]("invoiceitem", "id")},
	}
}

// pendingItems are what the next invoice of a subscription takes up.
func (a *Account) pendingItems(s *Subscription) []*InvoiceItem {
	var out []*InvoiceItem
	for _, item := range a.invoiceItems {
		if item.Subscription == s.ID && item.Invoice == "" {
			out = append(out, item)
		}
	}
	return out
}
