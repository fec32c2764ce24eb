package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

// invoiceBeliefs are about https://docs.stripe.com/api/invoices.
func invoiceBeliefs() []Belief {
	// unpaid is an open invoice, the first of an incomplete subscription.
	unpaid := func(p *probe, card string) (sub answer, path string) {
		sub = p.subscribe(p.customer(card), basic(), "payment_behavior", "default_incomplete")
		return sub, "/v1/invoices/" + sub.ref("latest_invoice")
	}
	return []Belief{
		{
			ID: "invoices/void", Rank: Money,
			Statement: "An open invoice can be voided, and is void then; a paid one cannot: 400.",
			Breaks:    "An invoice that is given up could still be paid, or a payment vanish.",
			Sources:   openAPI("Mark a finalized invoice as void. This cannot be undone."),
			check: func(p *probe) {
				_, path := unpaid(p, goodCard)
				p.want(p.post(path+"/void"), "status", "void")
				_, sub := p.subscribed(basic())
				p.refused(p.post("/v1/invoices/"+sub.ref("latest_invoice")+"/void"), http.StatusBadRequest)
			},
		},
		{
			ID: "invoices/void-keeps-status", Rank: Money,
			Statement: "Voiding the invoice of an incomplete subscription does not bring it to life.",
			Breaks:    "Giving up a debt would give the plan for free.",
			Sources:   from("https://docs.stripe.com/billing/subscriptions/overview", "Voided invoices don't affect subscription status (as cited in stripetest void.go)"),
			check: func(p *probe) {
				sub, path := unpaid(p, goodCard)
				p.make(path + "/void")
				status := p.read("/v1/subscriptions/" + sub.id()).text("status")
				p.expect(status == "incomplete" || status == "incomplete_expired", "incomplete or incomplete_expired", status)
			},
		},
		{
			ID: "invoices/void-cannot-be-paid", Rank: Money,
			Statement: "A void invoice cannot be paid: 400.",
			Breaks:    "A subscription that was given up could come to life.",
			Sources:   openAPI("Note that voiding an invoice will cancel the PaymentIntent."),
			check: func(p *probe) {
				_, path := unpaid(p, goodCard)
				p.make(path + "/void")
				p.refused(p.post(path+"/pay"), http.StatusBadRequest)
			},
		},
		{
			ID: "invoices/paid-cannot-be-paid", Rank: Money,
			Statement: "A paid invoice cannot be paid again: 400.",
			Breaks:    "Paying twice would charge twice.",
			Sources:   from("https://github.com/twentyhq/twenty/pull/22705", "stripe.invoices.pay() is rejected with a 400 invalid_request_error: Invoice is already paid"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.refused(p.post("/v1/invoices/"+sub.ref("latest_invoice")+"/pay"), http.StatusBadRequest)
			},
		},
		{
			ID: "invoices/declined", Rank: Money,
			Statement: "Paying with a card that is declined is 402 and card_declined, and the invoice stays open.",
			Breaks:    "A payment that failed would be taken for one that was made.",
			Sources:   from(errorsPage, "402: The parameters were valid but the request failed."),
			check: func(p *probe) {
				_, path := unpaid(p, failingCard)
				p.refused(p.post(path+"/pay"), http.StatusPaymentRequired, "code", "card_declined")
				p.want(p.read(path), "status", "open")
			},
		},
		{
			ID: "invoices/finalized-cannot-be-finalized", Rank: Access,
			Statement: "An invoice that is finalized cannot be finalized again: 400.",
			Breaks:    "Two workers that finalize one invoice would not notice each other.",
			Sources:   from("stripe-go error.go", `"invoice_not_editable"`),
			check: func(p *probe) {
				_, path := unpaid(p, goodCard)
				p.refused(p.post(path+"/finalize"), http.StatusBadRequest)
			},
		},
		{
			ID: "invoices/nothing-pending", Rank: Money,
			Statement: "An invoice for a subscription with nothing pending is refused with 400 and invoice_no_subscription_line_items.",
			Breaks:    "An empty invoice would be made before each cancellation, or the refusal be taken for an outage.",
			Sources:   from("stripe-go error.go", `"invoice_no_subscription_line_items"`),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				a := p.post("/v1/invoices", "customer", customer, "subscription", sub.id(), "pending_invoice_items_behavior", "include")
				p.refused(a, http.StatusBadRequest, "code", "invoice_no_subscription_line_items")
			},
		},
		{
			ID: "invoices/of-pending", Rank: Money,
			Statement: "An invoice for a subscription takes up its pending prorations and is a draft; finalized it is open, numbered and has a page.",
			Breaks:    "What is owed could not be charged before a cancellation.",
			Sources:   openAPI("If set, the created invoice will only include pending invoice items for that subscription."),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				date := (sub.num("current_period_start") + sub.num("current_period_end")) / 2
				p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
				draft := p.make("/v1/invoices", "customer", customer, "subscription", sub.id(), "pending_invoice_items_behavior", "include")
				p.want(draft, "status", "draft")
				p.want(draft, "total", 1000)
				p.want(draft, "hosted_invoice_url", nil)
				p.want(draft, "ending_balance", nil)
				open := p.make("/v1/invoices/"+draft.id()+"/finalize", "auto_advance", "false")
				p.want(open, "status", "open")
				p.wantSome(open, "number")
				p.wantSome(open, "hosted_invoice_url")
			},
		},
		{
			ID: "invoices/draft-cannot-be-voided", Rank: Access,
			Statement: "A draft cannot be voided: 400.",
			Breaks:    "Drafts would be looked for among the void ones.",
			Sources:   openAPI("it only applies to finalized invoices"),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				date := (sub.num("current_period_start") + sub.num("current_period_end")) / 2
				p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
				draft := p.make("/v1/invoices", "customer", customer, "subscription", sub.id(), "pending_invoice_items_behavior", "include")
				p.refused(p.post("/v1/invoices/"+draft.id()+"/void"), http.StatusBadRequest)
			},
		},
		{
			ID: "invoices/links", Rank: Money,
			Statement: "A paid invoice names its subscription, payment intent and charge, and is paid.",
			Breaks:    "A payment would not be found, and be counted as another one.",
			Sources:   openAPI("The PaymentIntent is generated when the invoice is finalized, and can then be used to pay the invoice."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.read("/v1/invoices/"+sub.ref("latest_invoice"), "expand[]", "payment_intent")
				p.want(a, "subscription", sub.id())
				p.want(a, "paid", true)
				p.want(a, "payment_intent.status", "succeeded")
				p.want(a, "payment_intent.latest_charge", a.ref("charge"))
				p.want(a, "payment_intent.amount_received", 1000)
			},
		},
		{
			ID: "invoices/lines-by-page", Rank: Money,
			Statement: "An invoice of more than ten lines shows ten, says has_more, and lists all at a path of its own.",
			Breaks:    "A preview of many items would add up to less than it costs.",
			Sources:   openAPI("There is also a URL where you can retrieve the full (paginated) list of line items."),
			check: func(p *probe) {
				pairs := p.subscription(p.customer(goodCard), basic())
				for n := 1; n < 12; n++ {
					pairs = append(pairs, fmt.Sprintf("items[%d][price]", n),
						p.price(priceSpec{amount: 100, currency: "usd", interval: "month", number: n}))
				}
				invoice := p.read("/v1/invoices/" + p.make("/v1/subscriptions", pairs...).ref("latest_invoice"))
				p.want(invoice, "lines.has_more", true)
				p.expect(len(invoice.list("lines.data")) == 10, "10 lines", fmt.Sprint(len(invoice.list("lines.data"))))
				all := p.read("/v1/invoices/"+invoice.id()+"/lines", "limit", "100")
				p.expect(len(all.ids()) == 12, "12 lines", fmt.Sprint(len(all.ids())))
			},
		},
		{
			ID: "invoices/list", Rank: Access,
			Statement: "The list of a subscription's invoices has its invoices alone, newest first, and can be narrowed to a status.",
			Breaks:    "The payments of another subscription would be shown.",
			Sources:   openAPI("The invoices are returned sorted by creation date, with the most recently created invoices appearing first."),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				other := p.subscribe(customer, pro())
				a := p.read("/v1/invoices", "subscription", sub.id())
				p.expect(strings.Join(a.ids(), " ") == sub.ref("latest_invoice"), sub.ref("latest_invoice"), strings.Join(a.ids(), " "))
				p.want(p.read("/v1/invoices", "customer", customer, "status", "open"), "data", []any{})
				p.want(p.read("/v1/invoices", "subscription", other.id(), "status", "paid"), "data.0.id", other.ref("latest_invoice"))
			},
		},
	}
}

// refundBeliefs are about https://docs.stripe.com/api/refunds.
func refundBeliefs() []Belief {
	paid := func(p *probe) (sub answer, charge string) {
		_, sub = p.subscribed(basic(), "expand[]", "latest_invoice")
		return sub, sub.ref("latest_invoice.charge")
	}
	const refundSays = "This method will raise an error when called on an already-refunded charge, or when trying to refund more money than is left on a charge."
	return []Belief{
		{
			ID: "refunds/add-up", Rank: Money,
			Statement: "amount_refunded of a charge is the sum of its refunds; refunded is true when all is back.",
			Breaks:    "A second refund would be counted twice, or a partial one as all.",
			Sources:   openAPI("Whether the charge has been fully refunded. If the charge is only partially refunded, this attribute will still be false."),
			check: func(p *probe) {
				_, charge := paid(p)
				for _, step := range []struct{ amount, sum, refunded string }{{"300", "300", "false"}, {"200", "500", "false"}, {"500", "1000", "true"}} {
					p.make("/v1/refunds", "charge", charge, "amount", step.amount)
					a := p.read("/v1/charges/" + charge)
					p.expect(a.text("amount_refunded") == step.sum, "amount_refunded "+step.sum, a.text("amount_refunded"))
					p.expect(a.text("refunded") == step.refunded, "refunded "+step.refunded, a.text("refunded"))
				}
			},
		},
		{
			ID: "refunds/too-much", Rank: Money,
			Statement: "More than is left cannot be refunded: 400.",
			Breaks:    "A refund could cost more than was paid.",
			Sources:   openAPI(refundSays),
			check: func(p *probe) {
				_, charge := paid(p)
				p.refused(p.post("/v1/refunds", "charge", charge, "amount", "1001"), http.StatusBadRequest)
			},
		},
		{
			ID: "refunds/twice", Rank: Money,
			Statement: "What is refunded in full cannot be refunded again: 400 and charge_already_refunded.",
			Breaks:    "A refund could be made twice.",
			Sources:   append(openAPI(refundSays), from("stripe-go error.go", `"charge_already_refunded"`)...),
			check: func(p *probe) {
				_, charge := paid(p)
				p.make("/v1/refunds", "charge", charge)
				p.refused(p.post("/v1/refunds", "charge", charge), http.StatusBadRequest, "code", "charge_already_refunded")
			},
		},
		{
			ID: "refunds/subscription-goes-on", Rank: Access,
			Statement: "A refund leaves the subscription active and its invoice paid.",
			Breaks:    "Who got money back would be kept out, or not, against what the host wants.",
			check: func(p *probe) {
				sub, charge := paid(p)
				p.make("/v1/refunds", "charge", charge)
				a := p.read("/v1/subscriptions/"+sub.id(), "expand[]", "latest_invoice")
				p.want(a, "status", "active")
				p.want(a, "latest_invoice.status", "paid")
			},
		},
		{
			ID: "refunds/by-intent", Rank: Money,
			Statement: "A refund of a payment intent refunds its charge, and the payment intent stays succeeded.",
			Breaks:    "The status of a payment would have to be read elsewhere.",
			Sources:   openAPI("When you create a new refund, you must specify a Charge or a PaymentIntent object on which to create it."),
			check: func(p *probe) {
				sub, charge := paid(p)
				intent := sub.ref("latest_invoice.payment_intent")
				p.want(p.make("/v1/refunds", "payment_intent", intent), "charge", charge)
				p.want(p.read("/v1/payment_intents/"+intent), "status", "succeeded")
				p.want(p.read("/v1/charges/"+charge), "refunded", true)
			},
		},
	}
}
