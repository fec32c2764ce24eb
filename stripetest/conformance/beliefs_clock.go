package conformance

import (
	"fmt"
	"strings"
)

const clockSays = "Advancement is done when status changes to Ready."

// clockBeliefs need time to pass.
func clockBeliefs() []Belief {
	// later lets a subscription's period end, and an hour and more pass in which its invoice is a draft.
	later := func(p *probe, sub answer) (after, invoice answer) {
		p.travel(sub.num("current_period_end") + 2*hour)
		after = p.read("/v1/subscriptions/" + sub.id())
		return after, p.read("/v1/invoices/" + after.ref("latest_invoice"))
	}
	behind := func(p *probe) (sub, after, invoice answer) {
		customer := p.traveller(goodCard)
		sub = p.subscribe(customer, basic())
		p.giveCard(customer, failingCard)
		after, invoice = later(p, sub)
		return sub, after, invoice
	}
	return []Belief{
		{
			ID: "clock/renewal", Rank: Money,
			Statement: "At the period's end the next period begins, with an invoice for the reason subscription_cycle that is paid by the card.",
			Breaks:    "Who goes on paying would be kept out.",
			Sources:   openAPI("At the end of this period, a new invoice will be created."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				after, invoice := later(p, sub)
				p.want(after, "status", "active")
				p.want(after, "current_period_start", sub.num("current_period_end"))
				p.want(invoice, "billing_reason", "subscription_cycle")
				p.want(invoice, "status", "paid")
				p.want(invoice, "amount_paid", 1000)
			},
		},
		{
			ID: "clock/renewal-takes-pending", Rank: Money,
			Statement: "The invoice of a renewal takes up the prorations that wait.",
			Breaks:    "A change would never be charged.",
			Sources:   openAPI("then on June 1 they’ll be billed 250 (200 for a renewal of her subscription, plus a 50 prorating adjustment for half of the previous month’s 100 difference)."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				date := (sub.num("current_period_start") + sub.num("current_period_end")) / 2
				p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())), "proration_date", at(date))...)
				_, invoice := later(p, sub)
				p.want(invoice, "total", 3000+1000)
			},
		},
		{
			ID: "clock/renewal-metadata", Rank: Money,
			Statement: "The invoice of a renewal shows the subscription's metadata as they are then.",
			Breaks:    "Whose renewal it is would be unknown.",
			Sources:   openAPI("Becomes an immutable snapshot of the subscription metadata at the time of invoice finalization."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic(), "metadata[user_id]", "1")
				p.make("/v1/subscriptions/"+sub.id(), "metadata[user_id]", "2")
				_, invoice := later(p, sub)
				p.want(invoice, "subscription_details.metadata.user_id", "2")
			},
		},
		{
			ID: "clock/declined", Rank: Money,
			Statement: "A renewal that is declined leaves the subscription past_due in its new period, with an open invoice that is tried again.",
			Breaks:    "Who does not pay would be let in for ever, or be kept out at once.",
			Sources:   openAPI("it becomes `past_due` when payment is required but cannot be paid (due to failed payment or awaiting additional user actions)."),
			check: func(p *probe) {
				sub, after, invoice := behind(p)
				p.want(after, "status", "past_due")
				p.want(after, "current_period_start", sub.num("current_period_end"))
				p.want(invoice, "status", "open")
				p.want(invoice, "attempted", true)
				p.wantSome(invoice, "next_payment_attempt")
			},
		},
		{
			ID: "clock/declined-then-paid", Rank: Access,
			Statement: "A past_due subscription is active again when its open invoice is paid.",
			Breaks:    "Who has paid would be kept out.",
			Sources:   openAPI("it becomes `past_due` when payment is required but cannot be paid"),
			check: func(p *probe) {
				sub, _, invoice := behind(p)
				p.giveCard(sub.ref("customer"), goodCard)
				p.make("/v1/invoices/" + invoice.id() + "/pay")
				p.want(p.read("/v1/subscriptions/"+sub.id()), "status", "active")
			},
		},
		{
			ID: "clock/trial-ends", Rank: Money,
			Statement: "At the end of a trial the subscription is active, and its first period is charged.",
			Breaks:    "A trial would go on for ever, or end a paying customer.",
			Sources:   openAPI("A subscription that is currently in a trial period is `trialing` and moves to `active` when the trial period is over."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic(), "trial_period_days", "7")
				after, invoice := later(p, sub)
				p.want(after, "status", "active")
				p.want(invoice, "amount_paid", 1000)
				p.want(invoice, "billing_reason", "subscription_cycle")
			},
		},
		{
			ID: "clock/trial-declined", Rank: Money,
			Statement: "A trial whose first payment is declined becomes past_due.",
			Breaks:    "Who has never paid would be let in.",
			Sources:   openAPI("it becomes `past_due` when payment is required but cannot be paid"),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(failingCard), basic(), "trial_period_days", "7")
				after, _ := later(p, sub)
				p.want(after, "status", "past_due")
			},
		},
		{
			ID: "clock/trial-notice", Rank: Cosmetic,
			Statement: "customer.subscription.trial_will_end comes before the end of a trial of a week.",
			Breaks:    "Nobody would be told that a trial ends.",
			Sources:   from("stripe-go event.go", `"customer.subscription.trial_will_end"`),
			check: func(p *probe) {
				customer := p.traveller(goodCard)
				sub := p.subscribe(customer, basic(), "trial_period_days", "7")
				p.travel(sub.num("trial_end") - 2*day)
				p.want(eventOf(p.events(customer, "customer.subscription.trial_will_end"), "customer.subscription.trial_will_end"),
					"data.object.status", "trialing")
			},
		},
		{
			ID: "clock/ends-at-period-end", Rank: Money,
			Statement: "A subscription that was cancelled for the period's end is canceled then, without another invoice.",
			Breaks:    "Who has cancelled would be charged again.",
			Sources:   openAPI(canceledAtSays),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				p.make("/v1/subscriptions/"+sub.id(), "cancel_at_period_end", "true")
				after, _ := later(p, sub)
				p.want(after, "status", "canceled")
				p.want(after, "ended_at", sub.num("current_period_end"))
				p.want(after, "latest_invoice", sub.ref("latest_invoice"))
			},
		},
		{
			ID: "clock/end-is-told", Rank: Access,
			Statement: "The end of a subscription by the clock is told by customer.subscription.deleted, without a request.",
			Breaks:    "The end would not be noticed.",
			Sources:   openAPI("If null, the event was automatic (e.g., Stripe's automatic subscription handling)."),
			check: func(p *probe) {
				customer := p.traveller(goodCard)
				sub := p.subscribe(customer, basic())
				p.make("/v1/subscriptions/"+sub.id(), "cancel_at_period_end", "true")
				p.travel(sub.num("current_period_end") + 2*hour)
				event := eventOf(p.events(customer, "customer.subscription.deleted"), "customer.subscription.deleted")
				p.want(event, "data.object.status", "canceled")
				p.want(event, "request.id", nil)
			},
		},
		{
			ID: "clock/paused-draft", Rank: Money,
			Statement: "While collection is paused with keep_as_draft a renewal's invoice stays a draft, and the subscription active.",
			Breaks:    "A pause would end a subscription.",
			Sources:   openAPI("The payment collection behavior for this subscription while paused. One of `keep_as_draft`, `mark_uncollectible`, or `void`."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				p.make("/v1/subscriptions/"+sub.id(), "pause_collection[behavior]", "keep_as_draft")
				after, invoice := later(p, sub)
				p.want(after, "status", "active")
				p.want(invoice, "status", "draft")
			},
		},
		{
			ID: "clock/paused-void", Rank: Money,
			Statement: "While collection is paused with void a renewal's invoice is void, and nothing is charged.",
			Breaks:    "A pause would be charged.",
			Sources:   openAPI("The payment collection behavior for this subscription while paused. One of `keep_as_draft`, `mark_uncollectible`, or `void`."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				p.make("/v1/subscriptions/"+sub.id(), "pause_collection[behavior]", "void")
				_, invoice := later(p, sub)
				p.want(invoice, "status", "void")
				p.want(invoice, "charge", nil)
			},
		},
		{
			ID: "clock/pending-expires", Rank: Money,
			Statement: "A pending update that nobody pays is gone after a day, and its invoice void.",
			Breaks:    "A change that was given up could still be paid.",
			Sources:   from(pendingPage, "If you don’t take any action after an update fails, the invoice is voided and the pending update is discarded"),
			check: func(p *probe) {
				customer := p.traveller(goodCard)
				sub := p.subscribe(customer, basic())
				p.giveCard(customer, failingCard)
				a := p.make("/v1/subscriptions/"+sub.id(), append(item(sub, "price", p.price(pro())),
					"payment_behavior", "pending_if_incomplete", "proration_behavior", "always_invoice")...)
				p.wantSome(a, "pending_update.expires_at")
				p.travel(a.num("pending_update.expires_at") + 2*hour)
				after := p.read("/v1/subscriptions/" + sub.id())
				p.want(after, "pending_update", nil)
				p.want(after, "items.data.0.price.id", p.price(basic()))
				p.want(p.read("/v1/invoices/"+a.ref("latest_invoice")), "status", "void")
			},
		},
		{
			ID: "clock/draft-for-an-hour", Rank: Access, Needs: []Need{NeedClock},
			Statement: "The invoice of a renewal is a draft at first, and is finalized and charged about an hour later.",
			Breaks:    "A grace that counts from the period's end would be an hour too short.",
			Sources:   openAPI("Invoices are finalized approximately an hour after successful webhook delivery or when payment collection is attempted for the invoice."),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				p.travel(sub.num("current_period_end") + hour/4)
				after := p.read("/v1/subscriptions/"+sub.id(), "expand[]", "latest_invoice")
				p.want(after, "status", "active")
				p.want(after, "latest_invoice.status", "draft")
			},
		},
		{
			ID: "clock/not-listed", Rank: Cosmetic, Needs: []Need{NeedClock},
			Statement: "The list of customers leaves those of test clocks out unless the clock is named.",
			Breaks:    "Reconciling in test mode would see customers that it does not.",
			Sources:   from("https://github.com/stripe/stripe-cli/issues/1314", "lists omit the customers of test clocks"),
			check: func(p *probe) {
				email := p.run.newName() + "@example.com"
				p.traveller("", "email", email)
				p.want(p.read("/v1/customers", "email", email), "data", []any{})
				found := p.read("/v1/customers", "test_clock", p.clock).ids()
				p.expect(len(found) == 1, "one customer of the test clock", strings.Join(found, " "))
			},
		},
		{
			ID: "clock/advances", Rank: Cosmetic, Needs: []Need{NeedClock},
			Statement: "A test clock is ready again when everything up to its new time has happened.",
			Breaks:    "This suite would look too early.",
			Sources:   openAPI(clockSays),
			check: func(p *probe) {
				sub := p.subscribe(p.traveller(goodCard), basic())
				p.travel(sub.num("current_period_end") + day)
				a := p.read("/v1/test_helpers/test_clocks/" + p.clock)
				p.expect(a.num("frozen_time") == sub.num("current_period_end")+day, "the new time", fmt.Sprint(a.num("frozen_time")))
			},
		},
	}
}
