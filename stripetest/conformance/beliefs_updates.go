package conformance

import (
	"net/http"
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
