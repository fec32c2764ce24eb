package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

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
