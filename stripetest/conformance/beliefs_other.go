package conformance

import (
	"net/http"
	"strconv"
	"time"
)

const newest = "2025-09-30.clover"

// otherBeliefs ask for parts of the API that a fake may lack.
func otherBeliefs() []Belief {
	scheduled := func(p *probe) (sub answer, schedule string) {
		_, sub = p.subscribed(basic())
		return sub, p.make("/v1/subscription_schedules", "from_subscription", sub.id()).id()
	}
	coupon := func(p *probe, pairs ...string) string {
		return p.make("/v1/coupons", append(append(p.mark(), "percent_off", "50", "duration", "once"), pairs...)...).id()
	}
	code := func(p *probe, pairs ...string) answer {
		return p.make("/v1/promotion_codes", append(append(p.mark(), "coupon", coupon(p)), pairs...)...)
	}
	flexible := func(p *probe) answer {
		pairs := p.subscription(p.customer(goodCard), basic(), "billing_mode[type]", "flexible")
		return p.need(p.send(http.MethodPost, "/v1/subscriptions", pairs, header("Stripe-Version", newest)))
	}
	schedules, discounts, versions := []Need{NeedSchedule}, []Need{NeedDiscount}, []Need{NeedVersions}
	return []Belief{
		{
			ID: "schedules/refuse-cancellation", Rank: Money, Needs: schedules,
			Statement: "A subscription that a schedule runs refuses cancel_at_period_end with 400.",
			Breaks:    "A cancellation would be promised that never comes.",
			Sources: from("https://github.com/laravel/cashier-stripe/issues/1748",
				"The subscription is managed by the subscription schedule `sub_sched_0123456789`, and updating any cancelation behavior directly is not allowed."),
			check: func(p *probe) {
				sub, _ := scheduled(p)
				p.refused(p.post("/v1/subscriptions/"+sub.id(), "cancel_at_period_end", "true"), http.StatusBadRequest)
			},
		},
		{
			ID: "schedules/refuse-cancel-at", Rank: Money, Needs: schedules,
			Statement: "A subscription that a schedule runs refuses cancel_at with 400.",
			Breaks:    "A cancellation would be promised that never comes.",
			Sources:   from("https://github.com/dust-tt/dust/pull/32051", "set cancel_at directly via stripe.subscriptions.update, which Stripe rejects for subscriptions driven by a subscription schedule"),
			check: func(p *probe) {
				sub, _ := scheduled(p)
				a := p.post("/v1/subscriptions/"+sub.id(), "cancel_at", at(sub.num("current_period_end")+day))
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "schedules/named", Rank: Access, Needs: schedules,
			Statement: "A subscription names the schedule that runs it, and no more once that is released.",
			Breaks:    "A refusal would come without a reason.",
			Sources:   openAPI("The schedule attached to the subscription"),
			check: func(p *probe) {
				sub, schedule := scheduled(p)
				p.want(p.read("/v1/subscriptions/"+sub.id()), "schedule", schedule)
				p.make("/v1/subscription_schedules/" + schedule + "/release")
				p.want(p.read("/v1/subscriptions/"+sub.id()), "schedule", nil)
			},
		},
		{
			ID: "schedules/cancel-now", Rank: Money, Needs: schedules,
			Statement: "A subscription that a schedule runs can be cancelled at once.",
			Breaks:    "Who has scheduled a change could not leave.",
			check: func(p *probe) {
				sub, _ := scheduled(p)
				p.want(p.remove("/v1/subscriptions/"+sub.id()), "status", "canceled")
			},
		},
		{
			ID: "promotions/session", Rank: Money, Needs: discounts,
			Statement: "A session with an active promotion code costs less.",
			Breaks:    "A code would be accepted and not count.",
			Sources:   openAPI("Total of all items after discounts and taxes are applied."),
			check: func(p *probe) {
				p.want(p.checkout("discounts[0][promotion_code]", code(p).id()), "amount_total", 500)
			},
		},
		{
			ID: "promotions/inactive", Rank: Money, Needs: discounts,
			Statement: "A promotion code that was deactivated is refused with 400.",
			Breaks:    "A code that is over would still count.",
			Sources:   openAPI("Whether the promotion code is currently active."),
			check: func(p *probe) {
				id := code(p).id()
				p.make("/v1/promotion_codes/"+id, "active", "false")
				a := p.post("/v1/checkout/sessions", p.session("subscription", basic(), "discounts[0][promotion_code]", id)...)
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "promotions/used-up", Rank: Money, Needs: discounts,
			Statement: "A promotion code is inactive after max_redemptions of it.",
			Breaks:    "A code for one would serve all.",
			Sources:   openAPI("Maximum number of times this promotion code can be redeemed."),
			check: func(p *probe) {
				id := code(p, "max_redemptions", "1").id()
				p.subscribed(basic(), "promotion_code", id)
				p.want(p.read("/v1/promotion_codes/"+id), "times_redeemed", 1)
				p.want(p.read("/v1/promotion_codes/"+id), "active", false)
			},
		},
		{
			ID: "promotions/expired", Rank: Money, Needs: discounts,
			Statement: "A promotion code cannot be made that is past.",
			Breaks:    "The end of a code would be without meaning.",
			Sources:   openAPI("Date at which the promotion code can no longer be redeemed."),
			check: func(p *probe) {
				past := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
				a := p.post("/v1/promotion_codes", append(p.mark(), "coupon", coupon(p), "expires_at", past)...)
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "promotions/by-code", Rank: Access, Needs: discounts,
			Statement: "A promotion code is found by the text that a customer types.",
			Breaks:    "A code could not be looked up.",
			Sources:   openAPI("Only return promotion codes that have this case-insensitive code."),
			check: func(p *probe) {
				text := "C" + p.run.newName()
				id := code(p, "code", text).id()
				p.want(p.read("/v1/promotion_codes", "code", text, "active", "true"), "data.0.id", id)
			},
		},
		{
			ID: "promotions/one-discount", Rank: Access, Needs: discounts,
			Statement: "A session takes either discounts or a box for codes: both are refused with 400.",
			Breaks:    "Two discounts would add up.",
			check: func(p *probe) {
				a := p.post("/v1/checkout/sessions", p.session("subscription", basic(), "discounts[0][promotion_code]", code(p).id(),
					"allow_promotion_codes", "true")...)
				p.refused(a, http.StatusBadRequest)
			},
		},
		{
			ID: "flexible/periods", Rank: Money, Needs: versions,
			Statement: "A flexible subscription that a newer version made shows its period in version 2023-10-16 too.",
			Breaks:    "The end of the period would be unknown.",
			check: func(p *probe) {
				sub := flexible(p)
				a := p.read("/v1/subscriptions/" + sub.id())
				p.wantSome(a, "current_period_end")
				p.wantSome(a, "items.data.0.price.id")
			},
		},
		{
			ID: "flexible/can-be-changed", Rank: Money, Needs: versions,
			Statement: "A flexible subscription can be changed by calls of version 2023-10-16.",
			Breaks:    "A subscription that the dashboard made could not be changed.",
			check: func(p *probe) {
				sub := flexible(p)
				a := p.post("/v1/subscriptions/"+sub.id(), item(sub, "price", p.price(pro()))...)
				p.want(a, "items.data.0.price.id", p.price(pro()))
			},
		},
		{
			ID: "flexible/cancellation", Rank: Money, Needs: versions,
			Statement: "A flexible subscription that is cancelled for the period's end has cancel_at or the flag.",
			Breaks:    "A cancellation would be overlooked.",
			Sources:   from("https://github.com/stripe/stripe-node/issues/2470", "the portal sets cancel_at and the boolean stays false"),
			check: func(p *probe) {
				sub := flexible(p)
				a := p.make("/v1/subscriptions/"+sub.id(), "cancel_at_period_end", "true")
				p.expect(a.at("cancel_at") != nil || a.text("cancel_at_period_end") == "true", "cancel_at or the flag", a.text("cancel_at"))
			},
		},
		{
			ID: "versions/basil-invoice", Rank: Money, Needs: versions,
			Statement: "In version 2025-03-31.basil an invoice has no payment_intent, charge or paid, and names its subscription below parent.",
			Breaks:    "The newer shape would be read at the wrong place.",
			Sources:   from("stripe-go v86 invoice.go", "parent.subscription_details.subscription"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.need(p.send(http.MethodGet, "/v1/invoices/"+sub.ref("latest_invoice"), nil, header("Stripe-Version", "2025-03-31.basil")))
				p.want(a, "payment_intent", nil)
				p.want(a, "parent.subscription_details.subscription", sub.id())
				p.want(a, "status", "paid")
			},
		},
		{
			ID: "versions/basil-period", Rank: Money, Needs: versions,
			Statement: "In version 2025-03-31.basil the period is on the items of a subscription.",
			Breaks:    "The newer shape would be read at the wrong place.",
			Sources:   from("stripe-go v86 subscriptionitem.go", "current_period_end"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic())
				a := p.need(p.send(http.MethodGet, "/v1/subscriptions/"+sub.id(), nil, header("Stripe-Version", "2025-03-31.basil")))
				p.want(a, "current_period_end", nil)
				p.want(a, "items.data.0.current_period_end", sub.num("current_period_end"))
			},
		},
		{
			ID: "versions/invoice-payments", Rank: Money,
			Statement: "In version 2025-03-31.basil the payments of an invoice are listed, with its payment intent.",
			Breaks:    "The payment of an invoice that names none could not be found.",
			Sources:   from("stripe-go v86 invoicepayment.go", "payment.payment_intent"),
			check: func(p *probe) {
				_, sub := p.subscribed(basic(), "expand[]", "latest_invoice")
				a := p.need(p.send(http.MethodGet, "/v1/invoice_payments", []string{"invoice", sub.ref("latest_invoice")},
					header("Stripe-Version", "2025-03-31.basil")))
				p.want(a, "data.0.status", "paid")
				p.want(a, "data.0.is_default", true)
				p.want(a, "data.0.payment.payment_intent", sub.ref("latest_invoice.payment_intent"))
			},
		},
	}
}
