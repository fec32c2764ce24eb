package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	expirePage   = "https://docs.stripe.com/api/checkout/sessions/expire"
	expiresSays  = "It can be anywhere from 30 minutes to 24 hours after Checkout Session creation. By default, this value is 24 hours from creation."
	deferredPage = "https://docs.stripe.com/changelog/2022-08-01/deferred-paymentintent-checkout-session"
)

// sessionBeliefs are about https://docs.stripe.com/api/checkout/sessions, as far as nobody has to pay.
func sessionBeliefs() []Belief {
	create := func(p *probe, pairs []string) answer { return p.post("/v1/checkout/sessions", pairs...) }
	return []Belief{
		{
			ID: "sessions/open-can-expire", Rank: Money,
			Statement: "An open session can be expired; it is expired then and has no url.",
			Breaks:    "The session of another tab would stay open, and two could be paid.",
			Sources:   openAPI("A Session can be expired when it is in one of these statuses: open"),
			check: func(p *probe) {
				session := p.checkout()
				p.want(session, "status", "open")
				p.wantSome(session, "url")
				a := p.post("/v1/checkout/sessions/" + session.id() + "/expire")
				p.want(a, "status", "expired")
				p.want(a, "url", nil)
				p.want(p.read("/v1/checkout/sessions/"+session.id()), "status", "expired")
			},
		},
		{
			ID: "sessions/expired-cannot-expire", Rank: Money,
			Statement: "An expired session cannot be expired again: 400.",
			Breaks:    "That a session is over would be taken for an outage.",
			Sources:   from(expirePage, "Returns an error if the Checkout Session has already expired or isn’t in an expireable state."),
			check: func(p *probe) {
				path := "/v1/checkout/sessions/" + p.checkout().id() + "/expire"
				p.make(path)
				p.refused(p.post(path), http.StatusBadRequest, "type", "invalid_request_error")
			},
		},
		{
			ID: "sessions/life", Rank: Access,
			Statement: "A session lives for 24 hours unless expires_at says otherwise, which must be between 30 minutes and 24 hours ahead; else 400, naming it.",
			Breaks:    "A session that is over would be handed out again.",
			Sources:   openAPI(expiresSays),
			check: func(p *probe) {
				session := p.checkout()
				life := session.num("expires_at") - session.num("created")
				p.expect(life == day, fmt.Sprintf("a life of %d seconds", day), fmt.Sprint(life))
				now := session.num("created")
				p.accepted(create(p, p.session("subscription", basic(), "expires_at", at(now+hour))))
				for _, bad := range []int64{now + 20*60, now + 25*hour} {
					p.refused(create(p, p.session("subscription", basic(), "expires_at", at(bad))), http.StatusBadRequest, "param", "expires_at")
				}
			},
		},
		{
			ID: "sessions/url-unchanged", Rank: Access,
			Statement: "success_url is kept byte for byte, with {CHECKOUT_SESSION_ID} wherever it stands.",
			Breaks:    "The success page would not know its session.",
			Sources: from("https://stripe.com/docs/payments/checkout/custom-success-page",
				"Note that this is a literal string and must be added exactly as you see it here."),
			check: func(p *probe) {
				for _, url := range []string{
					"https://example.com/thanks?session={CHECKOUT_SESSION_ID}&a=%20b+c", "https://example.com/{CHECKOUT_SESSION_ID}/thanks#top",
				} {
					p.want(create(p, p.session("subscription", basic(), "success_url", url)), "success_url", url)
				}
			},
		},
		{
			ID: "sessions/url-needed", Rank: Cosmetic,
			Statement: "A hosted session without success_url, or with one that is no absolute URL, is refused with 400, naming it.",
			Breaks:    "A session could be made from which nobody returns.",
			check: func(p *probe) {
				pairs := without(p.session("subscription", basic()), "success_url")
				p.refused(create(p, pairs), http.StatusBadRequest, "param", "success_url")
				p.refused(create(p, append(pairs, "success_url", "/thanks")), http.StatusBadRequest, "param", "success_url")
			},
		},
		{
			ID: "sessions/mode-payment", Rank: Access,
			Statement: "A recurring price in payment mode is refused with 400, naming the price or the line items.",
			Breaks:    "Somebody who wants to pay once would be charged again each month.",
			Sources:   openAPI("Pass `subscription` if the Checkout Session includes at least one recurring item."),
			check: func(p *probe) {
				a := create(p, p.session("payment", basic()))
				p.refused(a, http.StatusBadRequest, "type", "invalid_request_error")
				p.expect(strings.HasPrefix(a.text("error.param"), "line_items"), "param names line_items", a.failure())
			},
		},
		{
			ID: "sessions/mode-subscription", Rank: Access,
			Statement: "A session in subscription mode without a recurring price is refused with 400, naming the line items.",
			Breaks:    "A purchase would end without a subscription.",
			Sources:   openAPI("Pass `subscription` if the Checkout Session includes at least one recurring item."),
			check: func(p *probe) {
				p.refused(create(p, p.session("subscription", once())), http.StatusBadRequest, "param", "line_items")
			},
		},
		{
			ID: "sessions/foreign-data", Rank: Cosmetic,
			Statement: "subscription_data in payment mode and payment_intent_data in subscription mode are refused with 400, naming them.",
			Breaks:    "The metadata of a purchase would be lost.",
			Sources:   openAPI("A subset of parameters to be passed to PaymentIntent creation for Checkout Sessions in `payment` mode."),
			check: func(p *probe) {
				a := create(p, p.session("payment", once(), "subscription_data[metadata][a]", "1"))
				p.refused(a, http.StatusBadRequest, "param", "subscription_data")
				a = create(p, p.session("subscription", basic(), "payment_intent_data[metadata][a]", "1"))
				p.refused(a, http.StatusBadRequest, "param", "payment_intent_data")
			},
		},
		{
			ID: "sessions/customer-or-email", Rank: Cosmetic,
			Statement: "customer and customer_email together are refused with 400.",
			Breaks:    "A session could name two people.",
			check: func(p *probe) {
				a := create(p, p.session("subscription", basic(), "customer", p.customer(""), "customer_email", "ann@example.com"))
				p.refused(a, http.StatusBadRequest, "type", "invalid_request_error")
			},
		},
		{
			ID: "sessions/metered-quantity", Rank: Access,
			Statement: "A quantity with a metered price is refused with 400, naming the line's quantity; without one the session is made.",
			Breaks:    "The refusal would be reported to the wrong field, or metered plans could not be sold.",
			Sources: from("https://github.com/better-auth/better-auth/issues/8920",
				"Quantity should not be specified where usage_type is `metered`. Remove `quantity` from `line_items[0]`"),
			check: func(p *probe) {
				pairs := p.session("subscription", metered())
				p.refused(create(p, pairs), http.StatusBadRequest, "param", "line_items[0][quantity]")
				p.accepted(create(p, without(pairs, "line_items[0][quantity]")))
			},
		},
		{
			ID: "sessions/licensed-quantity", Rank: Access,
			Statement: "A licensed price without a quantity is refused with 400, naming the line.",
			Breaks:    "A purchase without a quantity would be one of none.",
			Sources: from("https://github.com/stripe/stripe-java/issues/1584",
				"Quantity is required. Add `quantity` to `line_items[0]`"),
			check: func(p *probe) {
				a := create(p, without(p.session("subscription", basic()), "line_items[0][quantity]"))
				p.refused(a, http.StatusBadRequest)
				p.expect(strings.HasPrefix(a.text("error.param"), "line_items"), "param names line_items", a.failure())
			},
		},
		{
			ID: "sessions/open-list", Rank: Money,
			Statement: "The list of a customer's sessions with status open has the open ones alone.",
			Breaks:    "An open session of another attempt would be overlooked, and two could be paid.",
			Sources:   openAPI("Only return the Checkout Sessions matching the given status."),
			check: func(p *probe) {
				customer := p.customer("")
				closed, open := p.checkout("customer", customer), p.checkout("customer", customer)
				p.make("/v1/checkout/sessions/" + closed.id() + "/expire")
				a := p.read("/v1/checkout/sessions", "customer", customer, "status", "open")
				p.expect(slices.Equal(a.ids(), []string{open.id()}), "the list has "+open.id()+" alone", strings.Join(a.ids(), " "))
			},
		},
		{
			ID: "sessions/nothing-before", Rank: Money,
			Statement: "An open session on which nobody tried to pay has no subscription and no payment intent, and its customer no invoice.",
			Breaks:    "Every session that is given up would leave a subscription behind.",
			Sources:   from(deferredPage, "A PaymentIntent is no longer created during Checkout Session creation in payment mode."),
			check: func(p *probe) {
				customer := p.customer("")
				session := p.checkout("customer", customer)
				p.want(session, "subscription", nil)
				p.want(p.make("/v1/checkout/sessions", p.session("payment", once(), "customer", customer)...), "payment_intent", nil)
				p.want(p.read("/v1/subscriptions", "customer", customer, "status", "all"), "data", []any{})
				p.want(p.read("/v1/invoices", "customer", customer), "data", []any{})
			},
		},
		{
			ID: "sessions/line-items", Rank: Access,
			Statement: "A session shows its line items on expansion alone, and lists them at a path of their own.",
			Breaks:    "What was bought could not be read.",
			Sources:   openAPI("When retrieving a Checkout Session, there is an includable line_items property containing the first handful of those items."),
			check: func(p *probe) {
				session := p.checkout("line_items[0][quantity]", "3")
				path := "/v1/checkout/sessions/" + session.id()
				p.want(p.read(path), "line_items", nil)
				p.want(p.read(path, "expand[]", "line_items"), "line_items.data.0.quantity", 3)
				p.want(p.read(path+"/line_items"), "data.0.price.id", p.price(basic()))
			},
		},
		{
			ID: "sessions/reference", Rank: Access,
			Statement: "client_reference_id and metadata are shown as they were sent.",
			Breaks:    "Whose session it is would be unknown.",
			Sources:   openAPI("can be used to reconcile the Session with your internal systems."),
			check: func(p *probe) {
				session := p.checkout("client_reference_id", "user-7", "metadata[user_id]", "user-7")
				p.want(session, "client_reference_id", "user-7")
				p.want(session, "metadata.user_id", "user-7")
			},
		},
		{
			ID: "sessions/trial", Rank: Money,
			Statement: "With a trial nothing is due now: amount_total is 0. A trial of no days is refused with 400.",
			Breaks:    "A trial would be charged, or shown as a purchase.",
			Sources:   openAPI("Total of all items after discounts and taxes are applied."),
			check: func(p *probe) {
				p.want(p.checkout("subscription_data[trial_period_days]", "7"), "amount_total", 0)
				p.refused(create(p, p.session("subscription", basic(), "subscription_data[trial_period_days]", "0")), http.StatusBadRequest,
					"param", "subscription_data[trial_period_days]")
			},
		},
		{
			ID: "sessions/embedded", Rank: Access,
			Statement: "An embedded session has a client_secret and no url, wants a return_url and takes no success_url.",
			Breaks:    "An embedded checkout could not be shown.",
			Sources:   openAPI("This parameter is not allowed if ui_mode is `embedded`."),
			check: func(p *probe) {
				pairs := append(without(p.session("subscription", basic()), "success_url"), "ui_mode", "embedded")
				p.refused(create(p, append(pairs, "success_url", "https://example.com/")), http.StatusBadRequest, "param", "success_url")
				session := create(p, append(pairs, "return_url", "https://example.com/return?session={CHECKOUT_SESSION_ID}"))
				p.want(session, "url", nil)
				p.wantSome(session, "client_secret")
			},
		},
		{
			ID: "sessions/intervals", Rank: Access,
			Statement: "Two recurring prices of other intervals in one session are refused with 400.",
			Breaks:    "Mixed plans would fail on the page instead of at the request.",
			check: func(p *probe) {
				pairs := p.session("subscription", basic(), "line_items[1][price]", p.price(yearly()), "line_items[1][quantity]", "1")
				p.refused(create(p, pairs), http.StatusBadRequest)
			},
		},
		{
			ID: "sessions/currencies", Rank: Access,
			Statement: "Prices of two currencies in one session are refused with 400.",
			Breaks:    "The amount that is due would have no currency.",
			check: func(p *probe) {
				pairs := p.session("subscription", basic(), "line_items[1][price]", p.price(foreign()), "line_items[1][quantity]", "1")
				p.refused(create(p, pairs), http.StatusBadRequest)
			},
		},
		{
			ID: "sessions/one-time-beside", Rank: Money,
			Statement: "A session in subscription mode takes one-time prices beside the recurring one, and amount_total has both.",
			Breaks:    "A set-up fee could not be sold with a plan.",
			Sources:   openAPI("Line items with one-time Prices will be on the initial invoice only."),
			check: func(p *probe) {
				p.want(p.checkout("line_items[1][price]", p.price(once()), "line_items[1][quantity]", "2"), "amount_total", 2000)
			},
		},
	}
}

// pageBeliefs need somebody who pays on the page.
func pageBeliefs() []Belief {
	needs := []Need{NeedPage}
	reload := func(p *probe, session answer, pairs ...string) answer {
		return p.read("/v1/checkout/sessions/"+session.id(), pairs...)
	}
	return []Belief{
		{
			ID: "page/complete", Rank: Money, Needs: needs,
			Statement: "A session that was paid is complete and paid, has no url, and names its active subscription and the paid invoice.",
			Breaks:    "The success page would not find what was bought.",
			Sources:   openAPI("You can use this value to decide when to fulfill your customer's order."),
			check: func(p *probe) {
				session := p.checkout("customer", p.customer(""))
				p.pay(session, goodNumber)
				a := reload(p, session, "expand[]", "subscription", "expand[]", "invoice")
				p.want(a, "status", "complete")
				p.want(a, "payment_status", "paid")
				p.want(a, "url", nil)
				p.want(a, "subscription.status", "active")
				p.want(a, "invoice.status", "paid")
			},
		},
		{
			ID: "page/complete-cannot-expire", Rank: Money, Needs: needs,
			Statement: "A complete session cannot be expired: 400.",
			Breaks:    "A purchase could be taken back by another tab, or its refusal be taken for an outage.",
			Sources:   from(expirePage, "Returns an error if the Checkout Session has already expired or isn’t in an expireable state."),
			check: func(p *probe) {
				session := p.checkout("customer", p.customer(""))
				p.pay(session, goodNumber)
				p.refused(p.post("/v1/checkout/sessions/"+session.id()+"/expire"), http.StatusBadRequest, "type", "invalid_request_error")
				p.want(reload(p, session), "status", "complete")
			},
		},
		{
			ID: "page/incomplete-can-expire", Rank: Money, Needs: needs,
			Statement: "After a decline the session is open, an incomplete subscription exists, and the session can still be expired.",
			Breaks:    "Who was declined once could never buy anything else.",
			Sources: from("https://docs.stripe.com/changelog/basil/2025-03-31/checkout-legacy-subscription-upgrade",
				"since basil: Failed payment attempts no longer result in an incomplete subscription with a finalized invoice."),
			check: func(p *probe) {
				customer := p.customer("")
				session := p.checkout("customer", customer)
				p.pay(session, declinedNumber)
				p.want(reload(p, session), "status", "open")
				p.want(p.read("/v1/subscriptions", "customer", customer, "status", "incomplete"), "data.0.status", "incomplete")
				p.want(p.post("/v1/checkout/sessions/"+session.id()+"/expire"), "status", "expired")
			},
		},
		{
			ID: "page/retry-is-one-subscription", Rank: Money, Needs: needs,
			Statement: "A session that was declined and then paid leads to one subscription.",
			Breaks:    "Each decline would leave a subscription that can still be paid.",
			check: func(p *probe) {
				customer := p.customer("")
				session := p.checkout("customer", customer)
				p.pay(session, declinedNumber)
				p.pay(session, goodNumber)
				a := p.read("/v1/subscriptions", "customer", customer, "status", "all")
				p.expect(len(a.ids()) == 1, "one subscription", strings.Join(a.ids(), " "))
				p.want(a, "data.0.status", "active")
			},
		},
		{
			ID: "page/metadata", Rank: Money, Needs: needs,
			Statement: "subscription_data.metadata become those of the subscription; those of the session do not.",
			Breaks:    "Whose subscription it is would be unknown, or be what a client said.",
			Sources:   from(metadataPage, inheritSays),
			check: func(p *probe) {
				session := p.checkout("customer", p.customer(""), "metadata[a]", "session", "subscription_data[metadata][b]", "subscription")
				p.pay(session, goodNumber)
				a := reload(p, session, "expand[]", "subscription")
				p.want(a, "subscription.metadata.b", "subscription")
				p.want(a, "subscription.metadata.a", nil)
			},
		},
		{
			ID: "page/payment-metadata", Rank: Money, Needs: needs,
			Statement: "payment_intent_data.metadata become those of the payment intent of a one-time purchase, and of its charge.",
			Breaks:    "Whose payment it is would be unknown.",
			Sources:   from(metadataPage, copySays),
			check: func(p *probe) {
				session := p.make("/v1/checkout/sessions", p.session("payment", once(), "customer", p.customer(""),
					"payment_intent_data[metadata][b]", "payment")...)
				p.pay(session, goodNumber)
				a := reload(p, session, "expand[]", "payment_intent.latest_charge")
				p.want(a, "payment_intent.metadata.b", "payment")
				p.want(a, "payment_intent.latest_charge.metadata.b", "payment")
			},
		},
		{
			ID: "page/trial", Rank: Money, Needs: needs,
			Statement: "A session with a trial ends as no_payment_required with a trialing subscription.",
			Breaks:    "A trial would wait for a payment that never comes.",
			check: func(p *probe) {
				session := p.checkout("customer", p.customer(""), "subscription_data[trial_period_days]", "7")
				p.pay(session, goodNumber)
				a := reload(p, session, "expand[]", "subscription")
				p.want(a, "payment_status", "no_payment_required")
				p.want(a, "subscription.status", "trialing")
			},
		},
		{
			ID: "page/event", Rank: Money, Needs: needs,
			Statement: "A purchase is told by checkout.session.completed, which shows the session complete and paid.",
			Breaks:    "A purchase would not be noticed by its event.",
			Sources:   from("stripe-go event.go", `"checkout.session.completed"`),
			check: func(p *probe) {
				customer := p.customer("")
				p.pay(p.checkout("customer", customer), goodNumber)
				event := eventOf(p.events(customer, "checkout.session.completed"), "checkout.session.completed")
				p.want(event, "data.object.status", "complete")
				p.want(event, "data.object.payment_status", "paid")
			},
		},
	}
}
