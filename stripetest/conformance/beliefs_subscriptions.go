package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	metadataPage = "https://support.stripe.com/questions/how-metadata-works-with-related-objects"
	inheritSays  = "Metadata of one object are in general not inherited by or copied to related objects (read in its German translation)."
	copySays     = "When a PaymentIntent is confirmed, its metadata are copied to the charge (read in its German translation)."
	statusSays   = "For `collection_method=charge_automatically` a subscription moves into `incomplete` if the initial payment attempt fails. A subscription in this state can only have metadata and default_source updated."
)

// creationBeliefs are about https://docs.stripe.com/api/subscriptions/create.
func creationBeliefs() []Belief {
	create := func(p *probe, pairs []string) answer { return p.post("/v1/subscriptions", pairs...) }
	return []Belief{
		{
			ID: "creation/active", Rank: Money,
			Statement: "A subscription with a good card is active at once, for one interval, and its first invoice is paid.",
			Breaks:    "Who has paid would be kept out.",
			Sources:   openAPI("the first invoice is finalized as part of the request."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "expand[]", "latest_invoice")
				p.want(sub, "status", "active")
				p.want(sub, "latest_invoice.status", "paid")
				p.want(sub, "latest_invoice.billing_reason", "subscription_create")
				p.want(sub, "latest_invoice.amount_paid", 1000)
				period := sub.num("current_period_end") - sub.num("current_period_start")
				p.expect(period >= 28*day && period <= month, "a period of a month", fmt.Sprint(period))
			},
		},
		{
			ID: "creation/no-method", Rank: Money,
			Statement: "A subscription for a customer without any payment method is refused with 400.",
			Breaks:    "A subscription that nobody pays could begin.",
			Sources: from("https://github.com/joshnuss/svelte-stripe/issues/30",
				"This customer has no attached payment source or default payment method. Please consider adding a default payment method."),
			check: func(p *probe) {
				p.refused(create(p, p.subscription(p.customer(""), basic())), http.StatusBadRequest, "type", "invalid_request_error")
			},
		},
		{
			ID: "creation/declined-allow", Rank: Money,
			Statement: "With allow_incomplete a decline leaves an incomplete subscription with an open invoice, and the answer is 200.",
			Breaks:    "A subscription that was not paid would be taken for one that was.",
			Sources:   openAPI("Use `allow_incomplete` to create Subscriptions with `status=incomplete` if the first invoice can't be paid."),
			check: func(p *probe) {
				a := create(p, p.subscription(p.customer(failingCard), basic(), "payment_behavior", "allow_incomplete",
					"expand[]", "latest_invoice.payment_intent"))
				p.want(a, "status", "incomplete")
				p.want(a, "latest_invoice.status", "open")
				p.want(a, "latest_invoice.payment_intent.status", "requires_payment_method")
				p.want(a, "latest_invoice.payment_intent.last_payment_error.code", "card_declined")
			},
		},
		{
			ID: "creation/declined-error", Rank: Money,
			Statement: "With error_if_incomplete a decline is 402 and card_declined, and no subscription is left.",
			Breaks:    "Each decline would leave a subscription behind.",
			Sources:   openAPI("Use `error_if_incomplete` if you want Stripe to return an HTTP 402 status code if a subscription's first invoice can't be paid."),
			check: func(p *probe) {
				customer := p.customer(failingCard)
				a := create(p, p.subscription(customer, basic(), "payment_behavior", "error_if_incomplete"))
				p.refused(a, http.StatusPaymentRequired, "type", "card_error", "code", "card_declined")
				p.want(p.read("/v1/subscriptions", "customer", customer, "status", "all"), "data", []any{})
			},
		},
		{
			ID: "creation/challenged-error", Rank: Money,
			Statement: "With error_if_incomplete a card that wants to be authenticated is 402 and subscription_payment_intent_requires_action.",
			Breaks:    "A customer would be told that the card was declined.",
			Sources:   openAPI("For example, if a payment method requires 3DS authentication due to SCA regulation and further customer action is needed, this parameter doesn't create a Subscription and returns an error instead."),
			check: func(p *probe) {
				a := create(p, p.subscription(p.customer(challengeCard), basic(), "payment_behavior", "error_if_incomplete"))
				p.refused(a, http.StatusPaymentRequired, "code", "subscription_payment_intent_requires_action")
			},
		},
		{
			ID: "creation/challenged-allow", Rank: Access,
			Statement: "With allow_incomplete a card that wants to be authenticated leaves an incomplete subscription whose payment intent requires_action.",
			Breaks:    "A customer would not be led to authenticate.",
			Sources:   openAPI("For example, SCA regulation may require 3DS authentication to complete payment."),
			check: func(p *probe) {
				a := create(p, p.subscription(p.customer(challengeCard), basic(), "payment_behavior", "allow_incomplete",
					"expand[]", "latest_invoice.payment_intent"))
				p.want(a, "status", "incomplete")
				p.want(a, "latest_invoice.payment_intent.status", "requires_action")
			},
		},
		{
			ID: "creation/same-price-twice", Rank: Money,
			Statement: "The same price twice in one subscription is refused with 400.",
			Breaks:    "Somebody could pay twice for one plan.",
			Sources: from("https://github.com/stripe-archive/submigrate/issues/1",
				"status 400, invalid_request_error: Cannot add multiple subscription items with the same plan"),
			check: func(p *probe) {
				pairs := p.subscription(p.customer(goodCard), basic(), "items[1][price]", p.price(basic()))
				p.refused(create(p, pairs), http.StatusBadRequest)
			},
		},
		{
			ID: "creation/intervals", Rank: Access,
			Statement: "Prices of two intervals in one subscription are refused with 400.",
			Breaks:    "A subscription would have several periods, and current_period_end be one of them.",
			check: func(p *probe) {
				pairs := p.subscription(p.customer(goodCard), basic(), "items[1][price]", p.price(yearly()))
				p.refused(create(p, pairs), http.StatusBadRequest)
			},
		},
		{
			ID: "creation/one-time-price", Rank: Access,
			Statement: "A one-time price among the items is refused with 400, naming the item's price.",
			Breaks:    "The refusal would be reported to the wrong field.",
			Sources:   openAPI("A list of up to 20 subscription items, each with an attached price."),
			check: func(p *probe) {
				p.refused(create(p, p.subscription(p.customer(goodCard), once())), http.StatusBadRequest, "param", "items[0][price]")
			},
		},
		{
			ID: "creation/metered-quantity", Rank: Access,
			Statement: "A quantity for a metered price is refused with 400; without one the item has no quantity.",
			Breaks:    "A metered plan could not be sold, or be shown with a quantity that it does not have.",
			Sources:   from("https://github.com/pay-rails/pay/issues/193", "You cannot set the quantity for metered plans."),
			check: func(p *probe) {
				customer := p.customer(goodCard)
				p.refused(create(p, p.subscription(customer, metered(), "items[0][quantity]", "2")), http.StatusBadRequest)
				p.want(create(p, p.subscription(customer, metered())), "items.data.0.quantity", nil)
			},
		},
		{
			ID: "creation/trial", Rank: Money,
			Statement: "A trial is trialing until its end, its first invoice is one of 0 that is paid, and there is no payment intent.",
			Breaks:    "A trial would be a payment in the list, or not open the gate.",
			Sources:   openAPI("A subscription that is currently in a trial period is `trialing` and moves to `active` when the trial period is over."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "trial_period_days", "7", "expand[]", "latest_invoice")
				p.want(sub, "status", "trialing")
				p.want(sub, "current_period_end", sub.num("trial_end"))
				p.want(sub, "latest_invoice.status", "paid")
				p.want(sub, "latest_invoice.amount_due", 0)
				p.want(sub, "latest_invoice.payment_intent", nil)
			},
		},
		{
			ID: "creation/metadata-of-invoice", Rank: Money,
			Statement: "The invoices of a subscription show its metadata in subscription_details and on its lines, and have none of their own.",
			Breaks:    "Whose invoice it is would be unknown.",
			Sources:   openAPI("defined as subscription metadata when an invoice is created. Becomes an immutable snapshot of the subscription metadata at the time of invoice finalization."),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "metadata[user_id]", "user-7", "expand[]", "latest_invoice")
				p.want(sub, "latest_invoice.subscription_details.metadata.user_id", "user-7")
				p.want(sub, "latest_invoice.lines.data.0.metadata.user_id", "user-7")
				p.want(sub, "latest_invoice.metadata", map[string]any{})
			},
		},
		{
			ID: "creation/metadata-of-payment", Rank: Money,
			Statement: "The payment intent and the charge of a subscription's invoice have none of its metadata, and name the invoice.",
			Breaks:    "A payment of a subscription would be taken for a one-time purchase, and counted twice.",
			Sources:   from(metadataPage, inheritSays),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "metadata[user_id]", "user-7", "expand[]", "latest_invoice.payment_intent.latest_charge")
				intent := "latest_invoice.payment_intent."
				p.want(sub, intent+"metadata.user_id", nil)
				p.want(sub, intent+"latest_charge.metadata.user_id", nil)
				p.want(sub, intent+"invoice", sub.ref("latest_invoice"))
				p.want(sub, intent+"latest_charge.invoice", sub.ref("latest_invoice"))
			},
		},
		{
			ID: "creation/items-by-page", Rank: Money,
			Statement: "A subscription of more than ten items shows ten, says has_more, and subscription_items lists all.",
			Breaks:    "An update that names the items it knows would leave the others, or remove them.",
			Sources:   openAPI("A list of up to 20 subscription items, each with an attached price."),
			check: func(p *probe) {
				pairs := p.subscription(p.customer(goodCard), basic())
				for n := 1; n < 12; n++ {
					price := p.price(priceSpec{amount: 100, currency: "usd", interval: "month", number: n})
					pairs = append(pairs, fmt.Sprintf("items[%d][price]", n), price)
				}
				sub := p.make("/v1/subscriptions", pairs...)
				p.want(sub, "items.has_more", true)
				p.expect(len(sub.list("items.data")) == 10, "10 items", fmt.Sprint(len(sub.list("items.data"))))
				all := p.read("/v1/subscription_items", "subscription", sub.id(), "limit", "100")
				p.expect(len(all.ids()) == 12, "12 items", fmt.Sprint(len(all.ids())))
			},
		},
		{
			ID: "creation/lists", Rank: Money,
			Statement: "The list of a customer's subscriptions leaves the canceled ones out; status=all has them, status=canceled them alone.",
			Breaks:    "A live subscription would be overlooked, or one that is over count.",
			Sources:   openAPI("By default, returns a list of subscriptions that have not been canceled. In order to list canceled subscriptions, specify status=canceled."),
			check: func(p *probe) {
				customer, over := p.subscribed(basic())
				p.need(p.remove("/v1/subscriptions/" + over.id()))
				live := p.subscribe(customer, pro())
				for filter, want := range map[string][]string{"": {live.id()}, "all": {live.id(), over.id()}, "canceled": {over.id()}} {
					pairs := []string{"customer", customer}
					if filter != "" {
						pairs = append(pairs, "status", filter)
					}
					got := p.read("/v1/subscriptions", pairs...).ids()
					slices.Sort(got)
					slices.Sort(want)
					p.expect(slices.Equal(got, want), "status "+filter+": "+strings.Join(want, " "), strings.Join(got, " "))
				}
			},
		},
	}
}

// incompleteBeliefs are about a subscription whose first payment is missing.
func incompleteBeliefs() []Belief {
	incomplete := func(p *probe, customer string, more ...string) answer {
		return p.subscribe(customer, basic(), append([]string{
			"payment_behavior", "default_incomplete", "expand[]", "latest_invoice.payment_intent",
		}, more...)...)
	}
	return []Belief{
		{
			ID: "incomplete/begins", Rank: Money,
			Statement: "With default_incomplete a subscription is incomplete, its invoice open, and nothing was charged, although there is a good card.",
			Breaks:    "A customer would be charged before the confirmation.",
			Sources:   openAPI("Use `default_incomplete` to create Subscriptions with `status=incomplete` when the first invoice requires payment, otherwise start as active."),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				p.want(sub, "status", "incomplete")
				p.want(sub, "latest_invoice.status", "open")
				p.want(sub, "latest_invoice.amount_paid", 0)
				p.want(sub, "latest_invoice.payment_intent.latest_charge", nil)
				p.wantSome(sub, "latest_invoice.hosted_invoice_url")
			},
		},
		{
			ID: "incomplete/free-begins-active", Rank: Access,
			Statement: "With default_incomplete a subscription that costs nothing is active at once.",
			Breaks:    "A free plan would wait for a payment.",
			Sources:   openAPI("when the first invoice requires payment, otherwise start as active."),
			check: func(p *probe) {
				p.want(incomplete(p, p.customer(""), "items[0][price]", p.price(free())), "status", "active")
			},
		},
		{
			ID: "incomplete/paid-is-active", Rank: Money,
			Statement: "When the first invoice is paid, the subscription is active.",
			Breaks:    "Who has paid would be kept out.",
			Sources:   openAPI("Once the first invoice is paid, the subscription moves into an `active` state."),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				p.want(p.post("/v1/invoices/"+sub.ref("latest_invoice")+"/pay"), "status", "paid")
				p.want(p.read("/v1/subscriptions/"+sub.id()), "status", "active")
			},
		},
		{
			ID: "incomplete/items-cannot-change", Rank: Access,
			Statement: "The items of an incomplete subscription cannot be changed: 400. Its metadata can.",
			Breaks:    "A change would be promised that never happens.",
			Sources:   openAPI(statusSays),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				path := "/v1/subscriptions/" + sub.id()
				p.refused(p.post(path, "items[0][id]", sub.text("items.data.0.id"), "items[0][quantity]", "2"), http.StatusBadRequest)
				p.want(p.post(path, "metadata[a]", "1"), "metadata.a", "1")
				p.want(p.read(path), "items.data.0.quantity", 1)
			},
		},
		{
			ID: "incomplete/canceled-is-expired", Rank: Money,
			Statement: "An incomplete subscription that is cancelled becomes incomplete_expired, and its invoice is void.",
			Breaks:    "A subscription that was never paid would count as one that was, and use up the trial; or its invoice could still be paid.",
			Sources: append(from("https://github.com/pay-rails/pay/issues/91", "an update event whose subscription is incomplete_expired with canceled_at set"),
				from("https://github.com/dj-stripe/dj-stripe/issues/1168", "an incomplete subscription that is manually deleted: the webhook sends subscription updated")...),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				p.want(p.remove("/v1/subscriptions/"+sub.id()), "status", "incomplete_expired")
				p.want(p.read("/v1/invoices/"+sub.ref("latest_invoice")), "status", "void")
			},
		},
		{
			ID: "incomplete/payment-canceled", Rank: Money,
			Statement: "When the invoice of an incomplete subscription is void, its payment intent is canceled.",
			Breaks:    "A payment could arrive for a subscription that is over.",
			Sources:   openAPI("Note that voiding an invoice will cancel the PaymentIntent."),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				p.make("/v1/invoices/" + sub.ref("latest_invoice") + "/void")
				p.want(p.read("/v1/payment_intents/"+sub.ref("latest_invoice.payment_intent")), "status", "canceled")
			},
		},
		{
			ID: "incomplete/expires", Rank: Money,
			Statement: "After 23 hours without a payment a subscription is incomplete_expired, and its invoice is void.",
			Breaks:    "An old attempt could be paid days later.",
			Sources:   openAPI("If the first invoice is not paid within 23 hours, the subscription transitions to `incomplete_expired`. This is a terminal state, the open invoice will be voided and no further invoices will be generated."),
			check: func(p *probe) {
				sub := incomplete(p, p.traveller(goodCard))
				path := "/v1/subscriptions/" + sub.id()
				p.travel(sub.num("created") + 22*hour)
				p.want(p.read(path), "status", "incomplete")
				p.travel(sub.num("created") + 24*hour)
				p.want(p.read(path), "status", "incomplete_expired")
				p.want(p.read("/v1/invoices/"+sub.ref("latest_invoice")), "status", "void")
			},
		},
		{
			ID: "incomplete/expired-is-final", Rank: Money,
			Statement: "An incomplete_expired subscription can be neither cancelled nor have its items changed.",
			Breaks:    "An attempt that is over could come to life.",
			Sources:   openAPI("This is a terminal state"),
			check: func(p *probe) {
				sub := incomplete(p, p.customer(goodCard))
				path := "/v1/subscriptions/" + sub.id()
				p.need(p.remove(path))
				a := p.remove(path)
				p.expect(a.status >= 400 && a.status < 500, a.call+" is refused", a.failure())
				a = p.post(path, "items[0][id]", sub.text("items.data.0.id"), "items[0][quantity]", "2")
				p.expect(a.status >= 400 && a.status < 500, a.call+" is refused", a.failure())
			},
		},
	}
}
