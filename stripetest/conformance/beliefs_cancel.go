package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

const (
	cancelSays     = "By default, upon subscription cancellation, Stripe will stop automatic collection of all finalized invoices for the customer."
	pendingRemoved = "But if the subscription is set to cancel immediately, pending prorations will be removed."
	canceledAtSays = "If the subscription was canceled with `cancel_at_period_end`, `canceled_at` will reflect the time of the most recent update request, not the end of the subscription period when the subscription is automatically moved to a canceled state."
)

// cancelBeliefs are about the end of a subscription.
func cancelBeliefs() []Belief {
	// upgraded is a subscription with a proration of 1000 that waits for the next invoice.
	upgraded := func(p *probe) (customer string, sub answer) {
		customer, sub = p.subscribed(basic())
		date := (sub.num("current_period_start") + sub.num("current_period_end")) / 2
		return customer, p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
	}
	return []Belief{
		{
			ID: "cancel/now", Rank: Money,
			Statement: "A subscription that is cancelled is canceled at once, has ended, and says that it was requested.",
			Breaks:    "Who has cancelled would be charged again.",
			Sources:   openAPI("Cancels a customer’s subscription immediately. The customer will not be charged again for the subscription."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.remove("/v1/subscriptions/" + sub.id())
				p.want(a, "status", "canceled")
				p.wantSome(a, "ended_at")
				p.wantSome(a, "canceled_at")
				p.want(a, "cancellation_details.reason", "cancellation_requested")
			},
		},
		{
			ID: "cancel/can-be-retrieved", Rank: Access,
			Statement: "A canceled subscription can still be retrieved.",
			Breaks:    "An event about it would be answered by 404, and be taken for a key of another account.",
			Sources:   from("https://github.com/dj-stripe/dj-stripe/issues/855", "I can still retrieve the subscription using the stripe library: sub.status 'canceled'"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				p.want(p.get("/v1/subscriptions/"+sub.id()), "status", "canceled")
			},
		},
		{
			ID: "cancel/twice", Rank: Access,
			Statement: "A canceled subscription cannot be cancelled again: 404 and resource_missing.",
			Breaks:    "Asking twice would be reported as an outage.",
			Sources: from("https://github.com/stripe/stripe-go/issues/1887",
				"when you try to cancel it again it says the Subscription doesn't exist anymore. ... it's all expected behavior."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				p.refused(p.remove("/v1/subscriptions/"+sub.id()), http.StatusNotFound, "code", "resource_missing")
			},
		},
		{
			ID: "cancel/pending-removed", Rank: Money,
			Statement: "Cancelling removes pending prorations, and no invoice is made of them.",
			Breaks:    "Invoicing them before a cancellation would be without need, or charge twice.",
			Sources: append(openAPI(pendingRemoved), from("https://docs.stripe.com/api/subscriptions/cancel?api-version=2025-04-30.basil",
				"pending prorations are removed if invoice_now and prorate are both set to false (newer pages say: both set to true)")...),
			check: func(p *probe) {
				customer, sub := upgraded(p)
				before := len(p.read("/v1/invoices", "customer", customer).ids())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				p.want(p.read("/v1/invoiceitems", "customer", customer, "pending", "true"), "data", []any{})
				after := len(p.read("/v1/invoices", "customer", customer).ids())
				p.expect(before == after, fmt.Sprintf("%d invoices", before), fmt.Sprint(after))
			},
		},
		{
			ID: "cancel/invoice-now", Rank: Money,
			Statement: "Cancelling with invoice_now makes an invoice of the pending prorations.",
			Breaks:    "What is owed would be given away.",
			Sources:   openAPI("Will generate a final invoice that invoices for any un-invoiced metered usage and new/pending proration invoice items."),
			check: func(p *probe) {
				customer, sub := upgraded(p)
				p.need(p.remove("/v1/subscriptions/"+sub.id(), "invoice_now", "true"))
				invoices := p.read("/v1/invoices", "customer", customer)
				p.expect(len(invoices.ids()) == 2, "two invoices", strings.Join(invoices.ids(), " "))
				p.want(invoices, "data.0.total", 1000)
				p.want(p.read("/v1/invoiceitems", "customer", customer, "pending", "true"), "data", []any{})
			},
		},
		{
			ID: "cancel/prorate", Rank: Money,
			Statement: "Cancelling with prorate and invoice_now credits the time that was not used: the last invoice is negative.",
			Breaks:    "A host that gives credit for unused time would give none.",
			Sources:   openAPI("Will generate a proration invoice item that credits remaining unused time until the subscription period end."),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/"+sub.id(), "prorate", "true", "invoice_now", "true"))
				total := p.read("/v1/invoices", "customer", customer, "limit", "1").num("data.0.total")
				p.expect(total < -900 && total >= -1000, "a credit of nearly 1000", fmt.Sprint(total))
			},
		},
		{
			ID: "cancel/no-credit", Rank: Money,
			Statement: "Cancelling without prorate credits nothing.",
			Breaks:    "Who cancels would get money back although the host gives none.",
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				p.want(p.read("/v1/customers/"+customer), "balance", 0)
				p.want(p.read("/v1/invoiceitems", "customer", customer, "pending", "true"), "data", []any{})
			},
		},
		{
			ID: "cancel/open-invoices", Rank: Money,
			Statement: "After a cancellation the customer's open invoices stay open, and Stripe does not collect them any more.",
			Breaks:    "Somebody who has cancelled would be charged later, or a debt vanish.",
			Sources:   openAPI(cancelSays),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				p.giveCard(customer, failingCard)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "quantity", "5"), "proration_behavior", "always_invoice",
					"payment_behavior", "allow_incomplete", "expand[]", "latest_invoice")...)
				p.want(a, "latest_invoice.status", "open")
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				invoice := p.read("/v1/invoices/" + a.ref("latest_invoice"))
				p.want(invoice, "status", "open")
				p.want(invoice, "auto_advance", false)
			},
		},
		{
			ID: "cancel/collection-resumed", Rank: Access,
			Statement: "The collection of an open invoice can be resumed after the cancellation by auto_advance.",
			Breaks:    "What another subscription owes could not be collected any more.",
			Sources:   openAPI("However, you can resume automatic collection of the invoices manually after subscription cancellation to have us proceed."),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				other := p.subscribe(customer, pro(), "payment_behavior", "default_incomplete")
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				path := "/v1/invoices/" + other.ref("latest_invoice")
				a := p.make(path, "auto_advance", "true")
				p.want(a, "status", "open")
				p.want(a, "auto_advance", true)
			},
		},
		{
			ID: "cancel/feedback", Rank: Cosmetic,
			Statement: "A cancellation keeps Stripe's feedback and a comment, and other feedback is refused with 400.",
			Breaks:    "A reason would be lost, or a bad one be reported as an outage.",
			Sources:   openAPI("The customer submitted reason for why they canceled, if the subscription was canceled explicitly by the user."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				path := "/v1/subscriptions/" + sub.id()
				p.refused(p.remove(path, "cancellation_details[feedback]", "bored"), http.StatusBadRequest)
				a := p.remove(path, "cancellation_details[feedback]", "too_expensive", "cancellation_details[comment]", "sorry")
				p.want(a, "cancellation_details.feedback", "too_expensive")
				p.want(a, "cancellation_details.comment", "sorry")
			},
		},
		{
			ID: "cancel/at-period-end", Rank: Money,
			Statement: "cancel_at_period_end leaves the subscription active; cancel_at is the period's end, and canceled_at is now.",
			Breaks:    "Who has cancelled would be kept out at once, or be charged again.",
			Sources:   openAPI(canceledAtSays),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.make("/v1/subscriptions/"+sub.id(), "cancel_at_period_end", "true")
				p.want(a, "status", "active")
				p.want(a, "cancel_at_period_end", true)
				p.want(a, "cancel_at", sub.num("current_period_end"))
				p.wantSome(a, "canceled_at")
				p.want(a, "ended_at", nil)
			},
		},
		{
			ID: "cancel/taken-back", Rank: Money,
			Statement: "A scheduled cancellation can be taken back: flag, cancel_at and canceled_at are gone.",
			Breaks:    "Who wants to stay would be thrown out.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				path := "/v1/subscriptions/" + sub.id()
				p.make(path, "cancel_at_period_end", "true")
				a := p.make(path, "cancel_at_period_end", "false")
				p.want(a, "cancel_at_period_end", false)
				p.want(a, "cancel_at", nil)
				p.want(a, "canceled_at", nil)
			},
		},
		{
			ID: "cancel/at", Rank: Money,
			Statement: "cancel_at alone leaves the flag false, and an empty cancel_at takes it back.",
			Breaks:    "A cancellation for a day would be overlooked, or could not be taken back.",
			Sources:   openAPI("A date in the future at which the subscription will automatically get canceled"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				path, when := "/v1/subscriptions/"+sub.id(), sub.num("current_period_end")+10*day
				a := p.make(path, "cancel_at", at(when), "proration_behavior", "none")
				p.want(a, "cancel_at", when)
				p.want(a, "cancel_at_period_end", false)
				p.want(p.make(path, "cancel_at", "", "proration_behavior", "none"), "cancel_at", nil)
			},
		},
		{
			ID: "cancel/at-both", Rank: Cosmetic,
			Statement: "cancel_at together with cancel_at_period_end is refused with 400.",
			Breaks:    "Taking both back in one call would be possible.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.post("/v1/subscriptions/"+sub.id(), "cancel_at", at(sub.num("current_period_end")), "cancel_at_period_end", "true")
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "cancel/at-past", Rank: Access,
			Statement: "A cancel_at that is past is refused with 400.",
			Breaks:    "A cancellation could reach back and give credit.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.post("/v1/subscriptions/"+sub.id(), "cancel_at", at(sub.num("current_period_start")-day))
				p.refused(a, http.StatusBadRequest, "param", "cancel_at")
			},
		},
	}
}
