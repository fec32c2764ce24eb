package conformance

import (
	"net/http"
	"slices"
	"strings"
)

const (
	deletionPage = "https://docs.stripe.com/api/customers/delete"
	historySays  = "Unlike other objects, deleted customers can still be retrieved through the API in order to be able to track their history."
	noMoreSays   = "Deleting customers removes all credit card details and prevents any further operations to be performed (such as adding a new subscription)."
	deletionSays = "Permanently deletes a customer. It cannot be undone. Also immediately cancels any active subscriptions on the customer."
	currencyPage = "https://support.stripe.com/questions/set-or-change-currency-for-an-invoice-or-customer-in-stripe-billing"
)

// customerBeliefs are about https://docs.stripe.com/api/customers.
func customerBeliefs() []Belief {
	deleted := func(p *probe) string {
		id := p.customer("")
		p.need(p.remove("/v1/customers/" + id))
		return id
	}
	return []Belief{
		{
			ID: "customers/deleted-is-marked", Rank: Access,
			Statement: "A deleted customer can be retrieved: it has its id, deleted is true, and there is nothing else of it.",
			Breaks:    "A customer who was deleted would look alive, or would be an error, and its owner could not buy again.",
			Sources:   append(openAPI("Always true for a deleted object"), from(deletionPage, historySays)...),
			check: func(p *probe) {
				id := deleted(p)
				a := p.get("/v1/customers/" + id)
				p.want(a, "id", id)
				p.want(a, "deleted", true)
				p.want(a, "email", nil)
			},
		},
		{
			ID: "customers/deleted-cannot-change", Rank: Access,
			Statement: "A deleted customer can be neither changed nor deleted again: 404 and resource_missing.",
			Breaks:    "Two ways to find that a customer is gone would become three.",
			Sources:   from(deletionPage, noMoreSays),
			check: func(p *probe) {
				path := "/v1/customers/" + deleted(p)
				p.refused(p.post(path, "name", "Ann"), http.StatusNotFound, "code", "resource_missing")
				p.refused(p.remove(path), http.StatusNotFound, "code", "resource_missing")
			},
		},
		{
			ID: "customers/deleted-cannot-buy", Rank: Access,
			Statement: "A subscription or a session for a deleted customer is refused with 400 and resource_missing.",
			Breaks:    "The stored customer would not be replaced by a new one, and its owner could not buy again.",
			Sources:   from(deletionPage, noMoreSays),
			check: func(p *probe) {
				id := deleted(p)
				a := p.post("/v1/subscriptions", p.subscription(id, basic())...)
				p.refused(a, http.StatusBadRequest, "code", "resource_missing", "param", "customer")
				a = p.post("/v1/checkout/sessions", p.session("subscription", basic(), "customer", id)...)
				p.refused(a, http.StatusBadRequest, "code", "resource_missing", "param", "customer")
			},
		},
		{
			ID: "customers/deletion-cancels", Rank: Money,
			Statement: "Deleting a customer cancels its subscriptions at once.",
			Breaks:    "A subscription that nobody can pay would be shown as active.",
			Sources:   openAPI(deletionSays),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				p.need(p.remove("/v1/customers/" + customer))
				p.want(p.get("/v1/subscriptions/"+sub.id()), "status", "canceled")
			},
		},
		{
			ID: "customers/deletion-keeps-history", Rank: Access,
			Statement: "The subscriptions, invoices and charges of a deleted customer can still be retrieved, and name the customer.",
			Breaks:    "Events about them would be answered by 404, and their payments would vanish from the list.",
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				invoice := p.read("/v1/invoices/" + sub.ref("latest_invoice"))
				p.need(p.remove("/v1/customers/" + customer))
				for _, path := range []string{
					"/v1/subscriptions/" + sub.id(), "/v1/invoices/" + invoice.id(), "/v1/charges/" + invoice.ref("charge"),
				} {
					p.want(p.get(path), "customer", customer)
				}
			},
		},
		{
			ID: "customers/deleted-is-not-listed", Rank: Access,
			Statement: "The list of customers leaves deleted ones out.",
			Breaks:    "Adopting a customer by its address would find one that is gone.",
			check: func(p *probe) {
				email := p.run.newName() + "@example.com"
				id := p.customer("", "email", email)
				a := p.read("/v1/customers", "email", email)
				p.expect(slices.Contains(a.ids(), id), "the list has "+id, a.text("data"))
				p.need(p.remove("/v1/customers/" + id))
				p.want(p.read("/v1/customers", "email", email), "data", []any{})
			},
		},
		{
			ID: "customers/email-filter", Rank: Access,
			Statement: "The list of customers by email compares with case.",
			Breaks:    "A search for the customer of an address would find another one.",
			Sources:   openAPI("A case-sensitive filter on the list based on the customer's `email` field. The value must be a string."),
			check: func(p *probe) {
				email := p.run.newName() + "@example.com"
				p.customer("", "email", email)
				p.want(p.read("/v1/customers", "email", strings.ToUpper(email)), "data", []any{})
			},
		},
		{
			ID: "customers/currency", Rank: Access,
			Statement: "A customer has no currency until its first subscription, and then that of the subscription.",
			Breaks:    "The check of a purchase's currency would look at the wrong place.",
			Sources:   openAPI("the customer can be charged in for recurring billing purposes."),
			check: func(p *probe) {
				customer := p.customer(goodCard)
				p.want(p.read("/v1/customers/"+customer), "currency", nil)
				p.subscribe(customer, foreign())
				p.want(p.read("/v1/customers/"+customer), "currency", "eur")
			},
		},
		{
			ID: "customers/second-currency", Rank: Access,
			Statement: "A subscription in another currency than that of a customer's live subscription is refused with 400 and a message about currencies; no parameter is named.",
			Breaks:    "The refusal would be reported as an outage instead of as a wrong price.",
			Sources: from("https://github.com/Automattic/woocommerce-payments/issues/7732",
				"You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency eur. (invalid_request_error)"),
			check: func(p *probe) {
				customer, _ := p.subscribed(basic())
				for _, a := range []answer{
					p.post("/v1/subscriptions", p.subscription(customer, foreign())...),
					p.post("/v1/checkout/sessions", p.session("subscription", foreign(), "customer", customer)...),
				} {
					p.refused(a, http.StatusBadRequest, "type", "invalid_request_error", "param", "null")
					p.expect(strings.Contains(a.text("error.message"), "currenc"), "a message about currencies", a.failure())
				}
			},
		},
		{
			ID: "customers/second-currency-once", Rank: Access,
			Statement: "A one-time purchase may be in another currency than a customer's subscription.",
			Breaks:    "One-time purchases would be refused without need.",
			Sources:   from(currencyPage, "You can create one-off invoices in a currency that's different than the customer's default currency."),
			check: func(p *probe) {
				customer, _ := p.subscribed(basic())
				p.accepted(p.post("/v1/checkout/sessions", p.session("payment", abroad(), "customer", customer)...))
			},
		},
		{
			ID: "customers/default-method", Rank: Access,
			Statement: "The default payment method of a customer's invoices must be the customer's: else 400 and resource_missing.",
			Breaks:    "A card of somebody else could be charged.",
			Sources:   openAPI("ID of a payment method that's attached to the customer, to be used as the customer's default payment method for subscriptions and invoices."),
			check: func(p *probe) {
				other := p.make("/v1/payment_methods/"+goodCard+"/attach", "customer", p.customer("")).id()
				a := p.post("/v1/customers/"+p.customer(""), "invoice_settings[default_payment_method]", other)
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "customers/credit", Rank: Money,
			Statement: "A negative balance pays for the next invoice: amount_due and the charge are what remains, and the balance is used up.",
			Breaks:    "The amount of a payment would be shown wrong.",
			Sources:   openAPI("If negative, the customer has credit to apply to their next invoice."),
			check: func(p *probe) {
				customer := p.customer(goodCard, "balance", "-300")
				sub := p.subscribe(customer, basic(), "expand[]", "latest_invoice.charge")
				p.want(sub, "latest_invoice.total", 1000)
				p.want(sub, "latest_invoice.amount_due", 700)
				p.want(sub, "latest_invoice.charge.amount", 700)
				p.want(sub, "latest_invoice.starting_balance", -300)
				p.want(sub, "latest_invoice.ending_balance", 0)
				p.want(p.read("/v1/customers/"+customer), "balance", 0)
			},
		},
		{
			ID: "customers/credit-pays-all", Rank: Money,
			Statement: "An invoice that the credit covers is paid without a payment intent, and what is left of the credit stays.",
			Breaks:    "A payment of nothing would appear in the list.",
			Sources:   openAPI("An invoice can be paid (most commonly) with a charge or with credit from the customer's account balance."),
			check: func(p *probe) {
				customer := p.customer("", "balance", "-1500")
				sub := p.subscribe(customer, basic(), "expand[]", "latest_invoice")
				p.want(sub, "status", "active")
				p.want(sub, "latest_invoice.status", "paid")
				p.want(sub, "latest_invoice.payment_intent", nil)
				p.want(p.read("/v1/customers/"+customer), "balance", -500)
			},
		},
		{
			ID: "customers/detached-card", Rank: Access,
			Statement: "A payment method that was detached cannot be attached again.",
			Breaks:    "A card that was removed could be used again.",
			Sources:   openAPI("After a PaymentMethod is detached, it can no longer be used for a payment or re-attached to a Customer."),
			check: func(p *probe) {
				customer := p.customer("")
				path := "/v1/payment_methods/" + p.make("/v1/payment_methods/"+goodCard+"/attach", "customer", customer).id()
				p.want(p.make(path+"/detach"), "customer", nil)
				p.refused(p.post(path+"/attach", "customer", customer), http.StatusBadRequest)
			},
		},
	}
}

// priceBeliefs are about https://docs.stripe.com/api/prices and products.
func priceBeliefs() []Belief {
	archived := func(p *probe) string {
		id := p.newPrice(basic()).id()
		p.make("/v1/prices/"+id, "active", "false")
		return id
	}
	return []Belief{
		{
			ID: "prices/amount-is-fixed", Rank: Money,
			Statement: "The amount of a price cannot be changed: 400, naming unit_amount.",
			Breaks:    "A price that was kept in memory could be wrong.",
			Sources:   openAPI("Updates the specified price by setting the values of the parameters passed. Any parameters not provided are left unchanged."),
			check: func(p *probe) {
				a := p.post("/v1/prices/"+p.newPrice(basic()).id(), "unit_amount", "1")
				p.refused(a, http.StatusBadRequest, "param", "unit_amount")
			},
		},
		{
			ID: "prices/archived-is-not-sold", Rank: Money,
			Statement: "An archived price is refused for a new subscription and for a session with 400, naming the price.",
			Breaks:    "A price that is no longer for sale would still be sold.",
			Sources:   openAPI("Whether the price can be used for new purchases."),
			check: func(p *probe) {
				id, customer := archived(p), p.customer(goodCard)
				a := p.post("/v1/subscriptions", p.subscription(customer, basic(), "items[0][price]", id)...)
				p.refused(a, http.StatusBadRequest, "param", "items[0][price]")
				a = p.post("/v1/checkout/sessions", p.session("subscription", basic(), "line_items[0][price]", id)...)
				p.refused(a, http.StatusBadRequest, "param", "line_items[0][price]")
			},
		},
		{
			ID: "prices/archived-goes-on", Rank: Money,
			Statement: "A subscription to a price that is archived stays, and its quantity can be changed.",
			Breaks:    "Seats could not be added to an old plan.",
			Sources: from("https://devdojo.com/question/expected-behavior-for-price-changes",
				"Your current customers will remain at that price but new subscriptions cannot be created with that price ID."),
			check: func(p *probe) {
				price := p.newPrice(basic()).id()
				_, sub := p.subscribed(basic(), "items[0][price]", price)
				p.make("/v1/prices/"+price, "active", "false")
				a := p.post("/v1/subscriptions/"+sub.id(), "items[0][id]", sub.text("items.data.0.id"), "items[0][quantity]", "3")
				p.want(a, "items.data.0.quantity", 3)
				p.want(a, "items.data.0.price.id", price)
			},
		},
		{
			ID: "prices/lookup-key-is-unique", Rank: Money,
			Statement: "A lookup key that another price has is refused with 400, and transfer_lookup_key moves it.",
			Breaks:    "A lookup key could mean two prices.",
			Sources:   openAPI("If set to true, will atomically remove the lookup key from the existing price, and assign it to this price."),
			check: func(p *probe) {
				key := "conformance_" + p.run.newName()
				first := p.newPrice(basic(), "lookup_key", key)
				pairs := append(p.mark(), "product", first.ref("product"), "currency", "usd", "unit_amount", "100", "lookup_key", key)
				p.refused(p.post("/v1/prices", pairs...), http.StatusBadRequest)
				second := p.make("/v1/prices", append(pairs, "transfer_lookup_key", "true")...)
				p.want(second, "lookup_key", key)
				p.want(p.read("/v1/prices/"+first.id()), "lookup_key", nil)
			},
		},
		{
			ID: "prices/by-lookup-key", Rank: Access,
			Statement: "A price is found by its lookup key in the list of prices.",
			Breaks:    "Prices could not be named by their lookup keys.",
			Sources:   openAPI("Only return the price with these lookup_keys, if any exist."),
			check: func(p *probe) {
				key := "conformance_" + p.run.newName()
				price := p.newPrice(basic(), "lookup_key", key)
				a := p.read("/v1/prices", "lookup_keys[]", key)
				p.expect(slices.Equal(a.ids(), []string{price.id()}), "the list has "+price.id()+" alone", strings.Join(a.ids(), " "))
			},
		},
		{
			ID: "prices/archived-list", Rank: Access,
			Statement: "The list of active prices leaves archived ones out, and that of inactive ones has them.",
			Breaks:    "A price that was archived would still be offered.",
			Sources:   openAPI("For the list of inactive prices, set active to false."),
			check: func(p *probe) {
				id := archived(p)
				product := p.run.shop.product
				active := p.read("/v1/prices", "product", product, "active", "true", "limit", "100")
				p.expect(!slices.Contains(active.ids(), id), "the list of active prices is without "+id, strings.Join(active.ids(), " "))
				inactive := p.read("/v1/prices", "product", product, "active", "false", "limit", "100")
				p.expect(slices.Contains(inactive.ids(), id), "the list of inactive prices has "+id, strings.Join(inactive.ids(), " "))
			},
		},
		{
			ID: "prices/archived-product", Rank: Money,
			Statement: "A session for an active price of an archived product is refused with 400.",
			Breaks:    "A plan whose product was archived would still be sold.",
			check: func(p *probe) {
				product := p.make("/v1/products", append(p.mark(), "name", "Conformance "+p.run.newName())...).id()
				price := p.newPrice(basic(), "product", product).id()
				p.make("/v1/products/"+product, "active", "false")
				a := p.post("/v1/checkout/sessions", p.session("subscription", basic(), "line_items[0][price]", price)...)
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "prices/metered", Rank: Access,
			Statement: "A metered price says so in recurring.usage_type, and any other is licensed.",
			Breaks:    "A quantity would be sent with a metered price, and the purchase be refused.",
			Sources:   openAPI("Configures how the quantity per period should be determined. Can be either `metered` or `licensed`."),
			check: func(p *probe) {
				p.want(p.read("/v1/prices/"+p.price(metered())), "recurring.usage_type", "metered")
				p.want(p.read("/v1/prices/"+p.price(basic())), "recurring.usage_type", "licensed")
			},
		},
	}
}
