package conformance

import (
	"fmt"
	"net/http"
)

// paymentBeliefs are about payment_behavior: an update whose payment does not go through.
func paymentBeliefs() []Belief {
	// failing is a subscription whose card fails from now on, and a change that is to be paid at once.
	failing := func(p *probe, card string) (sub answer, change []string) {
		customer, sub := p.subscribed(basic(), "items[0][quantity]", "2")
		p.giveCard(customer, card)
		return sub, item(sub, "price", p.price(pro()), "quantity", "5")
	}
	unchanged := func(p *probe, sub answer) answer {
		a := p.read("/v1/subscriptions/"+sub.id(), "expand[]", "latest_invoice")
		p.want(a, "items.data.0.price.id", p.price(basic()))
		p.want(a, "items.data.0.quantity", 2)
		p.want(a, "status", "active")
		return a
	}
	pending := func(p *probe) (sub answer) {
		sub, change := failing(p, failingCard)
		return p.make("/v1/subscriptions/"+sub.id(), append(change,
			"payment_behavior", "pending_if_incomplete", "proration_behavior", "always_invoice")...)
	}
	const errorSays = "this parameter does not update the subscription and returns an error instead."
	return []Belief{
		{
			ID: "payments/error-declined", Rank: Money,
			Statement: "An update under error_if_incomplete whose payment is declined is 402 and leaves price, quantity and status.",
			Breaks:    "A payment that failed would give the new plan for free.",
			Sources:   openAPI(errorSays),
			check: func(p *probe) {
				sub, change := failing(p, failingCard)
				a := p.post("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "error_if_incomplete", "proration_behavior", "always_invoice")...)
				p.refused(a, http.StatusPaymentRequired, "type", "card_error", "code", "card_declined")
				unchanged(p, sub)
			},
		},
		{
			ID: "payments/error-challenged", Rank: Money,
			Statement: "An update under error_if_incomplete whose payment wants to be authenticated is 402 and leaves price, quantity and status.",
			Breaks:    "A payment that waits would give the new plan for free.",
			Sources:   openAPI(errorSays),
			check: func(p *probe) {
				sub, change := failing(p, challengeCard)
				a := p.post("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "error_if_incomplete", "proration_behavior", "always_invoice")...)
				p.refused(a, http.StatusPaymentRequired)
				unchanged(p, sub)
			},
		},
		{
			ID: "payments/error-leaves-nothing", Rank: Money,
			Statement: "An update that error_if_incomplete refuses leaves no pending proration and no open invoice.",
			Breaks:    "The next invoice would charge a change that never happened.",
			check: func(p *probe) {
				sub, change := failing(p, failingCard)
				a := p.post("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "error_if_incomplete", "proration_behavior", "always_invoice")...)
				p.refused(a, http.StatusPaymentRequired)
				p.want(p.read("/v1/invoiceitems", "customer", sub.ref("customer"), "pending", "true"), "data", []any{})
				p.want(p.read("/v1/invoices", "customer", sub.ref("customer"), "status", "open"), "data", []any{})
			},
		},
		{
			ID: "payments/error-without-payment", Rank: Money,
			Statement: "Under error_if_incomplete an update that is to be paid later succeeds, although the card fails.",
			Breaks:    "A change at the next invoice would be refused for a card that may work by then.",
			Sources:   openAPI(updateSays),
			check: func(p *probe) {
				sub, change := failing(p, failingCard)
				a := p.post("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "error_if_incomplete", "proration_behavior", "create_prorations")...)
				p.want(a, "items.data.0.price.id", p.price(pro()))
			},
		},
		{
			ID: "payments/allow-declined", Rank: Money,
			Statement: "An update under allow_incomplete whose payment is declined is carried out, and the subscription is past_due.",
			Breaks:    "The default behaviour would be safe, and the deliberate one without need.",
			Sources:   openAPI("Use `allow_incomplete` to transition the subscription to `status=past_due` if a payment is required but cannot be paid."),
			check: func(p *probe) {
				sub, change := failing(p, failingCard)
				a := p.post("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "allow_incomplete", "proration_behavior", "always_invoice", "expand[]", "latest_invoice")...)
				p.want(a, "status", "past_due")
				p.want(a, "items.data.0.price.id", p.price(pro()))
				p.want(a, "latest_invoice.status", "open")
			},
		},
		{
			ID: "payments/past-due-paid", Rank: Access,
			Statement: "A past_due subscription whose latest invoice is paid is active again.",
			Breaks:    "Who has paid would be kept out.",
			Sources:   openAPI("it becomes `past_due` when payment is required but cannot be paid (due to failed payment or awaiting additional user actions)."),
			check: func(p *probe) {
				sub, change := failing(p, failingCard)
				a := p.make("/v1/subscriptions/"+sub.id(), append(change,
					"payment_behavior", "allow_incomplete", "proration_behavior", "always_invoice")...)
				p.want(a, "status", "past_due")
				p.giveCard(sub.ref("customer"), goodCard)
				p.want(p.post("/v1/invoices/"+a.ref("latest_invoice")+"/pay"), "status", "paid")
				p.want(p.read("/v1/subscriptions/"+sub.id()), "status", "active")
			},
		},
		{
			ID: "payments/pending-declined", Rank: Money,
			Statement: "An update under pending_if_incomplete whose payment is declined waits in pending_update; price, quantity and status stay, and the latest invoice is open.",
			Breaks:    "A payment that failed would give the new plan for free.",
			Sources:   from(pendingPage, "If payment fails, the updated values are added to the pending_update hash on the Subscription object. The latest_invoice for the subscription refers to an unpaid invoice in an open status."),
			check: func(p *probe) {
				sub := pending(p)
				p.want(sub, "pending_update.subscription_items.0.price.id", p.price(pro()))
				p.want(unchanged(p, sub), "latest_invoice.status", "open")
			},
		},
		{
			ID: "payments/pending-applied", Rank: Money,
			Statement: "A pending update is applied when its invoice is paid, and is gone then.",
			Breaks:    "Who has paid for a change would not get it.",
			Sources:   from(pendingPage, "If the payment succeeds, the changes are applied and the pending_update hash is cleared."),
			check: func(p *probe) {
				sub := pending(p)
				p.giveCard(sub.ref("customer"), goodCard)
				p.make("/v1/invoices/" + sub.ref("latest_invoice") + "/pay")
				a := p.read("/v1/subscriptions/" + sub.id())
				p.want(a, "pending_update", nil)
				p.want(a, "items.data.0.price.id", p.price(pro()))
				p.want(a, "items.data.0.quantity", 5)
			},
		},
		{
			ID: "payments/pending-voided", Rank: Money,
			Statement: "When the invoice of a pending update is void, the update never happens.",
			Breaks:    "A change that was given up could still come.",
			Sources:   from(pendingPage, "If you cancel a pending update, the pending_update hash is cleared and the associated changes are discarded."),
			check: func(p *probe) {
				sub := pending(p)
				p.make("/v1/invoices/" + sub.ref("latest_invoice") + "/void")
				unchanged(p, sub)
			},
		},
		{
			ID: "payments/pending-life", Rank: Access,
			Statement: "A pending update expires after 23 hours at most.",
			Breaks:    "A change that was given up could come days later.",
			Sources:   from(pendingPage, "This time is set to either the trial end time or the current period end, whichever comes first. If these times are greater than 23 hours from the time the update is made, the expired_at time is calculated to 23 hours after the update call was made."),
			check: func(p *probe) {
				sub := pending(p)
				p.wantSome(sub, "pending_update.expires_at")
				invoice := p.read("/v1/invoices/" + sub.ref("latest_invoice"))
				life := sub.num("pending_update.expires_at") - invoice.num("created")
				p.expect(life > 0 && life <= 23*hour+60, "a life of 23 hours at most", fmt.Sprint(life))
			},
		},
		{
			ID: "payments/pending-parameters", Rank: Access,
			Statement: "pending_if_incomplete together with metadata or a cancellation is refused with 400.",
			Breaks:    "Metadata would be changed before the payment, or be lost.",
			Sources:   from(pendingPage, "Only certain attributes can be used to create a pending update."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				for _, name := range []string{"metadata[a]", "cancel_at_period_end"} {
					pairs := append(item(sub, "price", p.price(pro())), "payment_behavior", "pending_if_incomplete", name, "true")
					p.refused(p.post("/v1/subscriptions/"+sub.id(), pairs...), http.StatusBadRequest)
				}
			},
		},
		{
			ID: "payments/pending-paid", Rank: Access,
			Statement: "An update under pending_if_incomplete whose payment succeeds is carried out at once.",
			Breaks:    "Every change would wait.",
			Sources:   from(pendingPage, "If payment succeeds, the invoice is updated to paid and the changes are applied to the subscription immediately."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())),
					"payment_behavior", "pending_if_incomplete", "proration_behavior", "always_invoice")...)
				p.want(a, "pending_update", nil)
				p.want(a, "items.data.0.price.id", p.price(pro()))
			},
		},
	}
}
