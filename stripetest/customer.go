package stripetest

import (
	"fmt"
	"maps"
	"strings"
)

// Customer is https://docs.stripe.com/api/customers/object, as far as the fake keeps it.
type Customer struct {
	ID, Email, Name, Phone, Description string
	Currency                            string // of the first invoice
	DefaultPaymentMethod                string // pm_…
	Balance                             int64  // in the smallest unit; negative is a credit for the next invoices
	Deleted                             bool
	Metadata                            map[string]string
	Created                             int64 // seconds

	invoicePrefix string
	invoiceCount  int
}

func (c *Customer) ident() string    { return c.ID }
func (c *Customer) createdAt() int64 { return c.Created }

func (c *Customer) clone() Customer {
	out := *c
	out.Metadata = maps.Clone(c.Metadata)
	return out
}

func (c *Customer) render(a *Account, _ Version) doc {
	if c.Deleted {
		return doc{"id": c.ID, "object": "customer", "deleted": true}
	}
	return doc{
		"id": c.ID, "object": "customer", "address": nil, "balance": c.Balance, "created": c.Created,
		"currency": orNull(c.Currency), "default_source": nil, "delinquent": false, "description": orNull(c.Description),
		"discount": nil, "email": orNull(c.Email), "invoice_prefix": c.invoicePrefix,
		"invoice_settings": doc{
			"custom_fields": nil, "default_payment_method": orNull(c.DefaultPaymentMethod), "footer": nil,
			"rendering_options": nil,
		},
		"livemode": a.Livemode, "metadata": metadataDoc(c.Metadata), "name": orNull(c.Name),
		"next_invoice_sequence": c.invoiceCount + 1, "phone": orNull(c.Phone), "preferred_locales": []string{},
		"shipping": nil, "tax_exempt": "none", "test_clock": nil,
	}
}

func customerParams() fields {
	return fields{
		"email": text.orEmpty(), "name": text.orEmpty(), "phone": text.orEmpty(), "description": text.orEmpty(),
		"metadata": metadata, "address": address().orEmpty(), "shipping": shipping().orEmpty(), "preferred_locales": texts,
		"tax_exempt":     oneOf("exempt", "none", "reverse").orEmpty(),
		"invoice_prefix": text, "invoice_settings": customerInvoiceSettings(), "tax": customerTax(), "balance": integer,
		"coupon": unsupported, "promotion_code": unsupported, "source": unsupported, "cash_balance": unsupported,
		"next_invoice_sequence": unsupported,
	}
}

func customerOperations() []operation {
	return []operation{
		{"POST", "/v1/customers", customerParams().with(fields{
			"payment_method": unsupported, "tax_id_data": unsupported, "test_clock": unsupported,
		}), createCustomer},
		{"GET", "/v1/customers", listParams().with(fields{
			"created": timeRange, "email": text, "test_clock": unsupported,
		}), listCustomers},
		{"GET", "/v1/customers/{id}", fields{}, retrieve[*Customer]("customer", "id")},
		{"POST", "/v1/customers/{id}", customerParams().with(fields{"default_source": unsupported}), updateCustomer},
		{"DELETE", "/v1/customers/{id}", fields{}, func(a *Account, r *request) (any, error) {
			c, ok := a.customer(r.id())
			if !ok {
				return nil, missing("customer", r.id(), "id")
			}
			a.deleteCustomer(c)
			return c.render(a, apiVersion), nil
		}},
	}
}

// customer finds a customer that is not deleted.
func (a *Account) customer(id string) (*Customer, bool) {
	c, ok := find[*Customer](a, id)
	return c, ok && !c.Deleted
}

func createCustomer(a *Account, r *request) (any, error) {
	if err := a.checkDefaultMethod(&Customer{}, r.params); err != nil {
		return nil, err
	}
	c := a.newCustomer()
	r.params.fillCustomer(c)
	a.emit("customer.created", c)
	return c.render(a, apiVersion), nil
}

// newCustomer files a customer without telling anyone yet.
func (a *Account) newCustomer() *Customer {
	id := newID("cus_")
	return insert(a, &a.customers, &Customer{
		ID: id, Created: a.srv.now(), invoicePrefix: strings.ToUpper(id[len(id)-8:]),
	})
}

func (p *params) fillCustomer(c *Customer) {
	p.set("email", &c.Email)
	p.set("name", &c.Name)
	p.set("phone", &c.Phone)
	p.set("description", &c.Description)
	p.get("invoice_settings").set("default_payment_method", &c.DefaultPaymentMethod)
	if p.has("balance") {
		c.Balance = p.num("balance")
	}
	c.Metadata = p.mergeMetadata(c.Metadata, "metadata")
}

func listCustomers(a *Account, r *request) (any, error) {
	return listed(a, r, a.customers, func(c *Customer) bool { return !c.Deleted && r.params.wanted("email", c.Email) })
}

func updateCustomer(a *Account, r *request) (any, error) {
	c, ok := a.customer(r.id())
	if !ok {
		return nil, missing("customer", r.id(), "id")
	}
	if err := a.checkDefaultMethod(c, r.params); err != nil {
		return nil, err
	}
	a.change("customer.updated", c, func() { r.params.fillCustomer(c) })
	return c.render(a, apiVersion), nil
}

// deleteCustomer ends the customer's subscriptions at once, as Stripe does, and deletes the customer.
func (a *Account) deleteCustomer(c *Customer) {
	for _, s := range a.subscriptions {
		if s.Customer == c.ID && !s.ended() {
			a.endSubscription(s, a.srv.now())
		}
	}
	a.emit("customer.deleted", c) // shows the customer as it last was
	c.Deleted = true
}

// nextInvoiceNumber numbers the customer's invoices: PREFIX-0001, PREFIX-0002 and so on.
func (c *Customer) nextInvoiceNumber() string {
	c.invoiceCount++
	return fmt.Sprintf("%s-%04d", c.invoicePrefix, c.invoiceCount)
}

func (a *Account) customerSubscriptionsDoc(c *Customer) doc {
	var rows []doc
	for _, s := range a.subscriptions {
		if s.Customer == c.ID && !s.ended() {
			rows = append([]doc{s.render(a, apiVersion)}, rows...)
		}
	}
	return listDoc("/v1/customers/"+c.ID+"/subscriptions", rows, false)
}
