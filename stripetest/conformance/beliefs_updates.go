package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	prorationPage = "https://docs.stripe.com/billing/subscriptions/prorations"
	pendingPage   = "https://docs.stripe.com/billing/subscriptions/pending-updates-reference"
	updateSays    = "If you pass create_prorations, the prorations are created but not automatically invoiced."
	restartSays   = "In these cases, we apply a credit for the unused time on the previous price, immediately charge the customer using the new price, and reset the billing date."
)

// item are the parameters of a change of a subscription's first item.
func item(sub answer, pairs ...string) []string {
	out := []string{"items[0][id]", sub.text("items.data.0.id")}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, "items[0]["+pairs[i]+"]", pairs[i+1])
	}
	return out
}

// updateBeliefs are about the items of https://docs.stripe.com/api/subscriptions/update.
func updateBeliefs() []Belief {
	return []Belief{
		{
			ID: "updates/price-resets-quantity", Rank: Money,
			Statement: "A new price without a quantity sets the quantity to 1; with one it is that.",
			Breaks:    "Changing the plan would lose the seats, or keep seats that were not asked for.",
			Sources:   openAPI("When changing a subscription item's price, `quantity` is set to 1 unless a `quantity` parameter is provided."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "items[0][quantity]", "3")
				path := "/v1/subscriptions/" + sub.id()
				p.want(p.make(path, item(sub, "price", p.price(pro()), "quantity", "3")...), "items.data.0.quantity", 3)
				a := p.make(path, item(sub, "price", p.price(basic()))...)
				p.want(a, "items.data.0.price.id", p.price(basic()))
				p.want(a, "items.data.0.quantity", 1)
			},
		},
		{
			ID: "updates/quantity-keeps-price", Rank: Money,
			Statement: "A new quantity keeps the price, and the item its id.",
			Breaks:    "Adding a seat would change the plan.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.make("/v1/subscriptions/"+sub.id(), item(sub, "quantity", "4")...)
				p.want(a, "items.data.0.id", sub.text("items.data.0.id"))
				p.want(a, "items.data.0.price.id", p.price(basic()))
				p.want(a, "items.data.0.quantity", 4)
			},
		},
		{
			ID: "updates/no-id-adds", Rank: Money,
			Statement: "An item without an id is added to those that are there.",
			Breaks:    "A change of plan would leave the old one beside the new one, and charge both; or replace an add-on.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.make("/v1/subscriptions/"+sub.id(), "items[0][price]", p.price(pro()))
				p.expect(len(a.list("items.data")) == 2, "two items", a.text("items.data"))
			},
		},
		{
			ID: "updates/unnamed-stay", Rank: Money,
			Statement: "Items that an update does not name stay as they are; deleted removes one.",
			Breaks:    "A change of the plan would remove the add-ons.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "items[1][price]", p.price(pro()))
				if p.over() {
					return
				}
				path, first := "/v1/subscriptions/"+sub.id(), sub.list("items.data")[0]
				a := p.make(path, "items[0][id]", first.id(), "items[0][quantity]", "2")
				p.expect(len(a.list("items.data")) == 2, "two items", a.text("items.data"))
				a = p.make(path, "items[0][id]", first.id(), "items[0][deleted]", "true")
				p.expect(len(a.list("items.data")) == 1, "one item", a.text("items.data"))
			},
		},
		{
			ID: "updates/last-item", Rank: Access,
			Statement: "The last item cannot be removed: 400.",
			Breaks:    "A subscription to nothing could exist.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.refused(p.post("/v1/subscriptions/"+sub.id(), item(sub, "deleted", "true")...), http.StatusBadRequest)
			},
		},
		{
			ID: "updates/unknown-item", Rank: Access,
			Statement: "An item that the subscription does not have is refused with 400 or 404 and resource_missing.",
			Breaks:    "A change that came too late would be reported as an outage.",
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.post("/v1/subscriptions/"+sub.id(), "items[0][id]", "si_none", "items[0][quantity]", "2")
				p.expect(a.status == 400 || a.status == 404, a.call+" is refused with 400 or 404", a.failure())
				p.expect(a.text("error.code") == "resource_missing", "code resource_missing", a.failure())
			},
		},
		{
			ID: "updates/currency", Rank: Access,
			Statement: "A price of another currency is refused with 400.",
			Breaks:    "A subscription could change its currency.",
			Sources:   from(currencyPage, "The currency cannot be updated on an ongoing subscription."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.refused(p.post("/v1/subscriptions/"+sub.id(), item(sub, "price", p.price(foreign()))...), http.StatusBadRequest)
			},
		},
		{
			ID: "updates/metered-quantity", Rank: Access,
			Statement: "A quantity for a metered item is refused with 400.",
			Breaks:    "A change of seats would silently do nothing.",
			Sources:   from("https://github.com/pay-rails/pay/issues/193", "You cannot set the quantity for metered plans."),
			check: func(p *probe) {
				_, sub := p.subscribed(metered())
				p.refused(p.post("/v1/subscriptions/"+sub.id(), item(sub, "quantity", "2")...), http.StatusBadRequest)
			},
		},
		{
			ID: "updates/canceled", Rank: Access,
			Statement: "The items of a canceled subscription cannot be changed.",
			Breaks:    "A change would be promised to somebody whose subscription is over.",
			Sources: from("https://github.com/fjordllc/bootcamp/pull/8271",
				"of a subscription that is canceled only the cancellation details can be changed (in Japanese)"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				a := p.post("/v1/subscriptions/"+sub.id(), item(sub, "quantity", "2")...)
				p.expect(a.status == 400 || a.status == 404, a.call+" is refused with 400 or 404", a.failure())
			},
		},
		{
			ID: "updates/canceled-details", Rank: Cosmetic,
			Statement: "The cancellation details of a canceled subscription can be changed.",
			Breaks:    "A reason that is given later would be lost.",
			Sources: from("https://github.com/fjordllc/bootcamp/pull/8271",
				"of a subscription that is canceled only the cancellation details can be changed (in Japanese)"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				a := p.post("/v1/subscriptions/"+sub.id(), "cancellation_details[feedback]", "unused")
				p.want(a, "cancellation_details.feedback", "unused")
			},
		},
		{
			ID: "updates/pause-keeps-status", Rank: Access,
			Statement: "A subscription whose collection is paused stays active, and goes on when the pause is taken back.",
			Breaks:    "A pause would close the gate, or a paused one be sold again.",
			Sources:   openAPI("If specified, payment collection for this subscription will be paused."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				path := "/v1/subscriptions/" + sub.id()
				a := p.make(path, "pause_collection[behavior]", "void")
				p.want(a, "status", "active")
				p.want(a, "pause_collection.behavior", "void")
				p.want(p.make(path, "pause_collection", ""), "pause_collection", nil)
			},
		},
	}
}

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

// prorationBeliefs are about https://docs.stripe.com/billing/subscriptions/prorations.
func prorationBeliefs() []Belief {
	// middle is a subscription, and a time in the midst of its period.
	middle := func(p *probe) (customer string, sub answer, date int64) {
		customer, sub = p.subscribed(basic())
		start, end := sub.num("current_period_start"), sub.num("current_period_end")
		return customer, sub, start + (end-start)/2
	}
	return []Belief{
		{
			ID: "prorations/preview-equals-invoice", Rank: Money,
			Statement: "A proration that was previewed for a time equals the invoice that is made for that time.",
			Breaks:    "A customer would pay another amount than was shown.",
			Sources:   openAPI("To ensure that the actual proration is calculated exactly the same as the previewed proration, you should pass a proration_date parameter when doing the actual subscription update."),
			check: func(p *probe) {
				_, sub, date := middle(p)
				id := sub.text("items.data.0.id")
				preview := p.read("/v1/invoices/upcoming", "subscription", sub.id(), "subscription_items[0][id]", id,
					"subscription_items[0][price]", p.price(pro()), "subscription_proration_date", at(date),
					"subscription_proration_behavior", "always_invoice")
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date),
					"proration_behavior", "always_invoice", "expand[]", "latest_invoice")...)
				p.want(a, "latest_invoice.total", preview.num("total"))
				p.want(a, "latest_invoice.amount_due", preview.num("amount_due"))
				p.expect(preview.num("total") > 0, "a preview of more than 0", preview.text("total"))
			},
		},
		{
			ID: "prorations/amounts", Rank: Money,
			Statement: "A change in the middle of a period credits half of the old price and charges half of the new one.",
			Breaks:    "A customer would be charged too much, or the preview be wrong.",
			Sources: append(from(prorationPage, "If a customer upgrades from a 10 USD monthly plan to a 20 USD option halfway through the billing period, the customer is billed an additional 5 USD"),
				from("https://docs.stripe.com/billing/scripts/prorations", "Stripe calculates proration down to the second based on the starting timestamp of the billing period")...),
			check: func(p *probe) {
				customer, sub, date := middle(p)
				p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
				items := p.read("/v1/invoiceitems", "customer", customer, "pending", "true")
				var amounts []int64
				for _, row := range items.list("data") {
					amounts = append(amounts, row.num("amount"))
					p.want(row, "proration", true)
				}
				slices.Sort(amounts)
				p.expect(slices.Equal(amounts, []int64{-500, 1500}), "amounts -500 and 1500", fmt.Sprint(amounts))
			},
		},
		{
			ID: "prorations/create-waits", Rank: Money,
			Statement: "With create_prorations no invoice is made, and what is owed waits for the next one.",
			Breaks:    "A change would be charged at another time than was said.",
			Sources:   openAPI(updateSays),
			check: func(p *probe) {
				_, sub, date := middle(p)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
				p.want(a, "latest_invoice", sub.ref("latest_invoice"))
				next := p.read("/v1/invoices/upcoming", "subscription", sub.id())
				p.want(next, "total", 3000+1000)
			},
		},
		{
			ID: "prorations/always-invoices", Rank: Money,
			Statement: "With always_invoice an invoice is made and paid at once, for the reason subscription_update.",
			Breaks:    "A change would not be paid when it happens.",
			Sources:   openAPI("pass proration_behavior as always_invoice to create prorations, automatically invoice the customer for those proration adjustments, and attempt to collect payment."),
			check: func(p *probe) {
				_, sub, date := middle(p)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date),
					"proration_behavior", "always_invoice", "expand[]", "latest_invoice")...)
				p.want(a, "latest_invoice.billing_reason", "subscription_update")
				p.want(a, "latest_invoice.status", "paid")
				p.want(a, "latest_invoice.amount_paid", 1000)
			},
		},
		{
			ID: "prorations/none", Rank: Money,
			Statement: "With none nothing is credited or charged, and the next invoice has the new price alone.",
			Breaks:    "A change would be charged although nothing was said of it.",
			Sources:   openAPI("With this option, the customer is billed 100 on May 1 and 200 on June 1."),
			check: func(p *probe) {
				customer, sub, _ := middle(p)
				p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_behavior", "none")...)
				p.want(p.read("/v1/invoiceitems", "customer", customer, "pending", "true"), "data", []any{})
				p.want(p.read("/v1/invoices/upcoming", "subscription", sub.id()), "total", 3000)
			},
		},
		{
			ID: "prorations/date-in-period", Rank: Access,
			Statement: "A proration date outside of the current period is refused with 400.",
			Breaks:    "A quote from before the renewal would be charged for the wrong period.",
			Sources:   openAPI("The time given must be within the current subscription period"),
			check: func(p *probe) {
				_, sub, _ := middle(p)
				early := at(sub.num("current_period_start") - day)
				change := append(item(sub, "price", p.price(pro())), "proration_date", early)
				p.refused(p.post("/v1/subscriptions/"+sub.id(), change...), http.StatusBadRequest)
				p.refused(p.get("/v1/invoices/upcoming", "subscription", sub.id(), "subscription_items[0][id]", sub.text("items.data.0.id"),
					"subscription_items[0][price]", p.price(pro()), "subscription_proration_date", early), http.StatusBadRequest)
			},
		},
		{
			ID: "prorations/downgrade-credits", Rank: Money,
			Statement: "A downgrade under always_invoice leads to an invoice of less than 0 that is paid, and the credit goes to the customer's balance.",
			Breaks:    "A credit would be lost, or shown as a payment.",
			Sources:   from(prorationPage, "Negative prorations aren’t automatically refunded and positive prorations aren’t immediately billed"),
			check: func(p *probe) {
				customer, sub := p.subscribed(pro())
				date := (sub.num("current_period_start") + sub.num("current_period_end")) / 2
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(basic())), "proration_date", at(date),
					"proration_behavior", "always_invoice", "expand[]", "latest_invoice")...)
				p.want(a, "latest_invoice.total", -1000)
				p.want(a, "latest_invoice.amount_due", 0)
				p.want(a, "latest_invoice.status", "paid")
				p.want(p.read("/v1/customers/"+customer), "balance", -1000)
			},
		},
		{
			ID: "prorations/interval-restarts", Rank: Money,
			Statement: "Another interval begins a new period at once and charges it, less what is left of the old one.",
			Breaks:    "The time of the next payment would be shown wrong.",
			Sources:   openAPI(restartSays),
			check: func(p *probe) {
				_, sub, _ := middle(p)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(yearly())), "expand[]", "latest_invoice")...)
				period := a.num("current_period_end") - a.num("current_period_start")
				p.expect(period >= 365*day && period <= 366*day, "a period of a year", fmt.Sprint(period))
				p.want(a, "latest_invoice.billing_reason", "subscription_update")
				paid := a.num("latest_invoice.amount_paid")
				p.expect(paid >= 8000 && paid <= 8001, "9000 less 1000 are paid", fmt.Sprint(paid))
			},
		},
		{
			ID: "prorations/free-to-paid", Rank: Money,
			Statement: "A change from a free price to one that costs something begins a new period and charges it at once.",
			Breaks:    "Leaving the free plan would give a period for nothing.",
			Sources:   openAPI("The subscription moves from free to paid, or paid to free."),
			check: func(p *probe) {
				_, sub := p.subscribed(free())
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(basic())), "expand[]", "latest_invoice")...)
				p.want(a, "latest_invoice.amount_paid", 1000)
			},
		},
		{
			ID: "prorations/upcoming-has-no-id", Rank: Cosmetic,
			Statement: "An upcoming invoice has no id, and its billing reason is upcoming or subscription_update.",
			Breaks:    "A preview would be taken for an invoice.",
			Sources:   openAPI("This property is always present unless the invoice is an upcoming invoice."),
			check: func(p *probe) {
				_, sub, _ := middle(p)
				a := p.read("/v1/invoices/upcoming", "subscription", sub.id())
				p.want(a, "id", nil)
				p.want(a, "total", 1000)
				reasons := []string{"upcoming", "subscription_update", "subscription_cycle"}
				p.expect(slices.Contains(reasons, a.text("billing_reason")), "one of "+strings.Join(reasons, ", "), a.text("billing_reason"))
			},
		},
		{
			ID: "prorations/upcoming-of-canceled", Rank: Access,
			Statement: "There is no upcoming invoice of a canceled subscription: 404 and invoice_upcoming_none.",
			Breaks:    "The preview of a change would be reported as an outage.",
			Sources:   from("stripe-go error.go", `"invoice_upcoming_none"`),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				a := p.get("/v1/invoices/upcoming", "subscription", sub.id())
				p.refused(a, http.StatusNotFound, "code", "invoice_upcoming_none")
			},
		},
		{
			ID: "prorations/preview-changes-nothing", Rank: Money,
			Statement: "A preview changes neither the subscription nor what is pending.",
			Breaks:    "Looking at a change would cost money.",
			Sources:   openAPI("you are simply viewing a preview – the invoice has not yet been created."),
			check: func(p *probe) {
				customer, sub, _ := middle(p)
				p.read("/v1/invoices/upcoming", "subscription", sub.id(), "subscription_items[0][id]", sub.text("items.data.0.id"),
					"subscription_items[0][price]", p.price(pro()))
				p.want(p.read("/v1/subscriptions/"+sub.id()), "items.data.0.price.id", p.price(basic()))
				p.want(p.read("/v1/invoiceitems", "customer", customer, "pending", "true"), "data", []any{})
			},
		},
	}
}
