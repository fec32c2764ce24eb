package browser_test

import (
	"context"
	"errors"
)

// skip moves the demo's clock, and waits for what comes of it.
func (p *tab) skip(step string) {
	p.t.Helper()
	before := p.text("#today")
	p.click("button", "Skip a "+step)
	p.eventually(func(ctx context.Context) error {
		today, err := visibleText(ctx, "#today")
		if err == nil && (today == "" || today == before) {
			return errors.New("the day is " + today + ", as before")
		}
		return err
	})
}

func renew(p *tab) {
	p.signIn("renew@example.com")
	p.subscribe("Pro", "29.00 USD")
	p.learns("#payments tbody", "$29.00", "Paid")
	plan := p.text("#plan") // with the date of the renewal

	p.skip("day")
	p.sees("#plan", plan)
	p.wantPayments(1)
	p.skip("month")
	p.sees(latestPayment, "$29.00", "Paid")
	p.wantPayments(2)
	p.sees("#plan", "Pro", "Active", "renews on ")
	if p.text("#plan") == plan {
		p.t.Errorf("the next renewal is the one that has been: %s", plan)
	}
	p.pro("200 Open")
	p.state("renewed")
}

func failToRenew(p *tab) {
	const cardFails = "My card fails from now on"
	p.signIn("broke@example.com")
	p.subscribe("Starter", "9.00 USD")
	p.tabTo("switch", cardFails)
	p.press(" ")

	p.skip("month")
	p.sees("#plan", "Starter", "Payment failed", "Your card was declined.")
	p.sees(latestPayment, "$9.00", "Failed")
	p.pro("200 Open")
	p.state("past-due")

	p.skip("week")
	p.sees("#plan", "Payment failed")
	p.refused(proRefused)
	p.pro("402 A plan is needed")

	p.click("switch", cardFails)
	p.skip("day") // on which Stripe tries again
	p.sees("#plan", "Starter", "Active")
	p.sees(latestPayment, "$9.00", "Paid")
	p.wantPayments(2)
	p.pro("200 Open")
}
