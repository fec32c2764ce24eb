package conformance

import (
	"fmt"
	"net/http"
)

const (
	eventTypes   = "stripe-go event.go"
	requestSays  = "ID of the API request that caused the event."
	previousSays = "Object containing the names of the updated attributes and their values prior to the event (only included in events of type `*.updated`)."
)

// told is a belief that a story is told by events of these types at least.
func told(id, statement, breaks string, story func(*probe) (customer string), types ...string) Belief {
	return Belief{
		ID: id, Rank: Access, Statement: statement, Breaks: breaks, Sources: from(eventTypes, `"`+types[0]+`"`),
		check: func(p *probe) { p.events(story(p), types...) },
	}
}

// eventBeliefs are about /v1/events, which has what webhooks are sent.
func eventBeliefs() []Belief {
	return []Belief{
		told("events/purchase", "A subscription that is paid at once is told by the events of the subscription, its invoice, its payment and its charge.",
			"A purchase would not be noticed by some of the events that are handled.",
			func(p *probe) string {
				customer, _ := p.subscribed(basic())
				return customer
			}, "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
			"payment_intent.succeeded", "charge.succeeded"),
		told("events/declined", "A first payment that is declined is told by charge.failed, payment_intent.payment_failed and invoice.payment_failed.",
			"A decline would not be noticed.",
			func(p *probe) string {
				customer := p.customer(failingCard)
				p.subscribe(customer, basic(), "payment_behavior", "allow_incomplete")
				return customer
			}, "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "customer.subscription.created"),
		told("events/challenged", "A first payment that wants to be authenticated is told by payment_intent.requires_action.",
			"A customer would not be led to authenticate.",
			func(p *probe) string {
				customer := p.customer(challengeCard)
				p.subscribe(customer, basic(), "payment_behavior", "allow_incomplete")
				return customer
			}, "payment_intent.requires_action"),
		told("events/void", "An invoice that is voided is told by invoice.voided, and its payment by payment_intent.canceled.",
			"A debt that was given up would be shown as pending.",
			func(p *probe) string {
				customer := p.customer(goodCard)
				sub := p.subscribe(customer, basic(), "payment_behavior", "default_incomplete")
				p.make("/v1/invoices/" + sub.ref("latest_invoice") + "/void")
				return customer
			}, "invoice.voided", "payment_intent.canceled"),
		told("events/refund", "A refund is told by charge.refunded, which shows the sum.",
			"A refund would not be noticed.",
			func(p *probe) string {
				customer, sub := p.subscribed(basic(), "expand[]", "latest_invoice")
				p.make("/v1/refunds", "charge", sub.ref("latest_invoice.charge"), "amount", "300")
				p.want(eventOf(p.events(customer, "charge.refunded"), "charge.refunded"), "data.object.amount_refunded", 300)
				return customer
			}, "charge.refunded"),
		told("events/renewal", "A renewal is told by customer.subscription.updated, invoice.created with its reason, and invoice.paid.",
			"A renewal would not be noticed.",
			func(p *probe) string {
				customer := p.traveller(goodCard)
				sub := p.subscribe(customer, basic())
				p.travel(sub.num("current_period_end") + 2*hour)
				events := p.events(customer, "customer.subscription.updated", "invoice.paid")
				p.want(eventOf(events, "invoice.paid"), "data.object.billing_reason", "subscription_cycle")
				return customer
			}, "invoice.created", "customer.subscription.updated", "invoice.paid"),
		told("events/dunning", "A renewal that is declined is told by invoice.payment_failed and customer.subscription.updated with status past_due.",
			"Who does not pay would be let in for ever.",
			func(p *probe) string {
				customer := p.traveller(goodCard)
				sub := p.subscribe(customer, basic())
				p.giveCard(customer, failingCard)
				p.travel(sub.num("current_period_end") + 2*hour)
				events := p.events(customer, "customer.subscription.updated", "invoice.payment_failed")
				p.want(eventOf(events, "customer.subscription.updated"), "data.object.status", "past_due")
				return customer
			}, "invoice.payment_failed"),
		told("events/pending-update", "A pending update that is paid is told by customer.subscription.pending_update_applied.",
			"A change that was paid later would not be noticed.",
			func(p *probe) string {
				customer, sub := p.subscribed(basic())
				p.giveCard(customer, failingCard)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())),
					"payment_behavior", "pending_if_incomplete", "proration_behavior", "always_invoice")...)
				p.giveCard(customer, goodCard)
				p.make("/v1/invoices/" + a.ref("latest_invoice") + "/pay")
				return customer
			}, "customer.subscription.pending_update_applied", "customer.subscription.updated"),
		told("events/card", "A card that is attached is told by payment_method.attached.",
			"A new card would not be noticed.",
			func(p *probe) string { return p.customer(goodCard) }, "payment_method.attached", "customer.created"),
		{
			ID: "events/canceled", Rank: Access,
			Statement: "A subscription that is cancelled now is told by customer.subscription.deleted, which shows it canceled.",
			Breaks:    "The end would not be noticed.",
			Sources:   from("https://github.com/dj-stripe/dj-stripe/issues/855", "Whenever I cancel a subscription, Stripe sends the customer.subscription.deleted event"),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				event := eventOf(p.events(customer, "customer.subscription.deleted"), "customer.subscription.deleted")
				p.want(event, "data.object.status", "canceled")
				p.want(event, "data.object.id", sub.id())
			},
		},
		{
			ID: "events/incomplete-expired", Rank: Access,
			Statement: "An incomplete subscription that is cancelled is told by customer.subscription.updated with status incomplete_expired.",
			Breaks:    "The end of an attempt would not be noticed.",
			Sources: append(from("https://github.com/pay-rails/pay/issues/91", "an update event whose subscription is incomplete_expired with canceled_at set"),
				from("https://github.com/dj-stripe/dj-stripe/issues/1168", "expires or is manually deleted: webhook sends subscription updated")...),
			check: func(p *probe) {
				customer := p.customer(goodCard)
				sub := p.subscribe(customer, basic(), "payment_behavior", "default_incomplete")
				p.need(p.remove("/v1/subscriptions/" + sub.id()))
				p.want(eventOf(p.events(customer, "customer.subscription.updated"), "customer.subscription.updated"),
					"data.object.status", "incomplete_expired")
			},
		},
		{
			ID: "events/customer-deleted", Rank: Access,
			Statement: "The deletion of a customer is told by customer.deleted and customer.subscription.deleted.",
			Breaks:    "Who was deleted would be let in.",
			Sources:   openAPI(deletionSays),
			check: func(p *probe) {
				customer, _ := p.subscribed(basic())
				p.need(p.remove("/v1/customers/" + customer))
				events := p.events(customer, "customer.deleted", "customer.subscription.deleted")
				p.want(eventOf(events, "customer.deleted"), "data.object.id", customer)
			},
		},
		{
			ID: "events/previous", Rank: Cosmetic,
			Statement: "An update's event shows what the changed attributes were before, and nothing else.",
			Breaks:    "The kind of a change could not be told.",
			Sources:   openAPI(previousSays),
			check: func(p *probe) {
				customer := p.customer("", "name", "Ann", "phone", "1")
				p.make("/v1/customers/"+customer, "name", "Bob")
				event := eventOf(p.events(customer, "customer.updated"), "customer.updated")
				p.want(event, "data.previous_attributes.name", "Ann")
				p.want(event, "data.previous_attributes.phone", nil)
				p.want(event, "data.object.name", "Bob")
			},
		},
		{
			ID: "events/request", Rank: Cosmetic,
			Statement: "An event names the request that caused it, and its idempotency key.",
			Breaks:    "A change could not be traced to its call.",
			Sources:   openAPI(requestSays),
			check: func(p *probe) {
				key := "event-" + p.run.newName()
				a := p.need(p.send(http.MethodPost, "/v1/customers", p.mark(), header("Idempotency-Key", key)))
				event := eventOf(p.events(a.id(), "customer.created"), "customer.created")
				p.want(event, "request.id", a.header.Get("Request-Id"))
				p.want(event, "request.idempotency_key", key)
			},
		},
		{
			ID: "events/no-change", Rank: Cosmetic,
			Statement: "A replayed call makes no second event.",
			Breaks:    "A retry would look like a second purchase.",
			Sources:   from(idempotencyPage, "Retries with the same key return the saved response, including 500 errors."),
			check: func(p *probe) {
				key := header("Idempotency-Key", "event-"+p.run.newName())
				a := p.need(p.send(http.MethodPost, "/v1/customers", p.mark(), key))
				p.need(p.send(http.MethodPost, "/v1/customers", p.mark(), key))
				n := 0
				for _, event := range p.events(a.id(), "customer.created") {
					if event.text("type") == "customer.created" {
						n++
					}
				}
				p.expect(n == 1, "one customer.created", fmt.Sprint(n))
			},
		},
		{
			ID: "events/session-expired", Rank: Access,
			Statement: "A session that is expired is told by checkout.session.expired.",
			Breaks:    "An attempt that was given up would stay open in the store.",
			Sources:   from(eventTypes, `"checkout.session.expired"`),
			check: func(p *probe) {
				customer := p.customer("")
				session := p.checkout("customer", customer)
				p.make("/v1/checkout/sessions/" + session.id() + "/expire")
				p.want(eventOf(p.events(customer, "checkout.session.expired"), "checkout.session.expired"), "data.object.status", "expired")
			},
		},
		{
			ID: "events/types", Rank: Access,
			Statement: "The list of events can be narrowed to types, and each event can be retrieved by its id.",
			Breaks:    "Reconciling by events would read all of them.",
			Sources:   openAPI("The list will be filtered to include only events with a matching event property."),
			check: func(p *probe) {
				event := eventOf(p.events(p.customer(""), "customer.created"), "customer.created")
				page := p.read("/v1/events", "types[]", "customer.created", "limit", "20")
				for _, row := range page.list("data") {
					p.want(row, "type", "customer.created")
				}
				p.want(p.read("/v1/events/"+event.id()), "data.object.id", event.ref("data.object.id"))
			},
		},
		{
			ID: "events/snapshot", Rank: Access,
			Statement: "An event keeps the object as it was when it happened.",
			Breaks:    "An event could be trusted for the present state, and late ones would be harmless.",
			Sources:   openAPI("Each event data is rendered according to Stripe API version at its creation time"),
			check: func(p *probe) {
				customer := p.customer("", "name", "Ann")
				p.make("/v1/customers/"+customer, "name", "Bob")
				p.want(eventOf(p.events(customer, "customer.created", "customer.updated"), "customer.created"), "data.object.name", "Ann")
			},
		},
	}
}
