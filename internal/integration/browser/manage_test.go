package browser_test

// latestPayment is the first row of the list.
const latestPayment = "#payments tbody tr:first-child"

func changePlan(p *tab) {
	p.signIn("change@example.com")
	p.subscribe("Starter", "9.00 USD")
	p.click("button", "Change to Pro")
	p.has("dialog", "Change to Pro")
	p.sees("#change-preview .due", "Due now", "$20.00") // the period has just begun
	p.state("change")
	p.click("button", "Change plan")
	p.sees("#news", "Your plan is Pro now.")
	p.sees("#plan", "Pro", "Active", "$29 a month")
	p.learns(latestPayment, "$20.00", "Paid")
	p.wantPayments(2)

	p.click("button", "Change to Starter")
	p.has("dialog", "Change to Starter")
	p.sees("#change-preview", "Due now\n$0.00", "Credit for your next invoices\n$20.00")
	p.state("change-down")
	p.click("button", "Change plan")
	p.sees("#news", "Your plan is Starter now.")
	p.learns("#plan", "Starter", "Active")
	p.wantPayments(2)

	p.click("button", "Change to Pro")
	p.has("dialog", "Change to Pro")
	p.sees("#change-preview", "Your credit\n-$20.00", "Due now\n$0.00")
	p.click("button", "Keep my plan")
	p.sees("#plan", "Starter", "Active")
}

func (p *tab) wantPayments(want int64) {
	p.t.Helper()
	if got := p.number(`document.querySelectorAll('#payments tbody tr').length`); got != want {
		p.t.Errorf("there are %d payments, want %d: %s", got, want, p.text("#payments"))
	}
}

func cancelAndResume(p *tab) {
	p.signIn("resume@example.com")
	p.subscribe("Pro", "29.00 USD")
	p.click("button", "Cancel…")
	p.has("dialog", "Cancel your plan?")
	p.sees("#cancel-end", "You keep it until ")
	p.state("cancel")
	p.click("button", "Cancel my plan")
	p.sees("#news", "Pro ends on ")
	p.sees("#plan", "Pro", "Ending", "ends on ")
	p.pro("200 Open")
	p.state("ending")

	p.click("button", "Keep my plan")
	p.sees("#news", "Pro goes on as before.")
	p.sees("#plan", "Pro", "Active", "renews on ")

	p.click("button", "Cancel…")
	p.click("radio", "Now The paid feature closes at once.")
	p.click("button", "Cancel my plan")
	p.sees("#news", "Pro has ended.")
	p.sees("#plan", "No plan")
	p.refused(proRefused)
	p.pro("402 A plan is needed")
	p.has("button", "Choose Pro")
	p.state("ended")
}

func usePortal(p *tab) {
	p.signIn("portal@example.com")
	p.subscribe("Starter", "9.00 USD")
	p.click("button", "Billing portal")
	p.has("heading", "Your subscriptions")
	p.sees("main", "Starter", "Active", "Renews on ", "9.00 USD", "Visa ending in 4242")
	p.state("portal")
	p.click("button", "Cancel Starter")
	p.sees("main", "Your plan is cancelled.", "Ends on ")
	p.click("link", "Return")
	p.has("heading", "Your billing")
	p.learns("#plan", "Starter", "Ending")

	p.click("button", "Billing portal")
	p.click("button", "Keep Starter")
	p.sees("main", "Your plan goes on.")
	p.fill("New card number", brokeCard)
	p.click("button", "Save card")
	p.sees("main", "Your card is saved.", "0341")
	p.click("link", "Return")
	p.has("heading", "Your billing")
	p.learns("#plan", "Starter", "Active")

	p.click("button", "Change to Pro yearly")
	p.has("dialog", "Change to Pro yearly")
	p.refused("502 /api/v1/payments/stripe/update-subscription")
	p.click("button", "Change plan")
	p.sees("#trouble", "The payment failed. Your plan has not changed.")
	p.sees("#plan", "Starter", "Active")
	p.wantPayments(1)
	p.state("payment-failed")
}
