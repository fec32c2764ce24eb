package browser_test

import "github.com/chromedp/chromedp"

// Test cards, see https://docs.stripe.com/testing.
const (
	goodCard       = "4242 4242 4242 4242"
	declinedCard   = "4000 0000 0000 0002"
	challengedCard = "4000 0027 6000 3184"
	brokeCard      = "4000 0000 0000 0341" // can be saved, and then pays nothing
)

// refusals of the server that are part of a flow.
const (
	proRefused      = "402 /pro"
	checkoutRefused = "400 /api/v1/payments/stripe/checkout-session"
	cardRefused     = "402 /c/pay/{id}"
	bankRefused     = "402 /c/pay/{id}/authenticate"
)

// signIn opens the page as a user who has not been there yet.
func (p *tab) signIn(email string) {
	p.t.Helper()
	p.open("/")
	p.fill("Or with any email address", email)
	p.click("button", "Sign in")
	p.has("heading", "Your billing")
	p.sees("#who-email", email)
}

// pay pays on the checkout page, and comes back.
func (p *tab) pay(card, amount string) {
	p.t.Helper()
	p.fill("Card number", card)
	p.click("button", "Pay "+amount)
}

// subscribe buys a plan.
func (p *tab) subscribe(plan, amount string) {
	p.t.Helper()
	p.click("button", "Choose "+plan)
	p.pay(goodCard, amount)
	p.sees("#news", "Thank you. "+plan+" is active and renews on ")
	p.sees("#plan", plan, "Active")
}

// pro opens the paid feature and waits for its answer.
func (p *tab) pro(texts ...string) {
	p.t.Helper()
	p.click("button", "Open /pro")
	p.sees("#pro-answer", texts...)
}

func buyAtTheSecondTry(p *tab) {
	p.signIn("plan@example.com")
	p.sees("#plan", "No plan")
	p.sees("#payments", "No payments yet.")
	p.refused(proRefused)
	p.pro("402 A plan is needed", "subscription_required")
	p.state("no-plan")

	p.click("button", "Choose Pro")
	p.has("heading", "Subscribe")
	p.sees("main", "Pro", "29.00 USD")
	p.state("checkout")
	p.refused(cardRefused)
	p.pay(declinedCard, "29.00 USD")
	p.sees("#error", "Your card was declined.")
	p.has("textbox", "Card number")
	p.state("checkout-declined")
	p.pay(goodCard, "29.00 USD")

	p.sees("#news", "Thank you. Pro is active and renews on ")
	p.at("/")
	p.sees("#plan", "Pro", "Active", "$29 a month")
	p.pro("200 Open", `"plan": "Pro"`)
	p.state("active")

	p.learns("#payments tbody", "$29.00", "Paid")
	p.sees("#plan", "Pro", "Active")
	p.click("button", "Sign out")
	p.has("button", "Sign in")
}

func authenticate(p *tab) {
	p.signIn("bank@example.com")
	p.click("button", "Choose Starter")
	p.pay(challengedCard, "9.00 USD")
	p.has("heading", "Your bank asks: is this you?")
	p.state("authenticate")
	p.refused(bankRefused)
	p.click("button", "Fail")
	p.sees("#error", "Your card could not be authenticated.")
	p.pay(challengedCard, "9.00 USD")
	p.click("button", "Complete")
	p.sees("#news", "Thank you. Starter is active and renews on ")
}

func cancelTheCheckout(p *tab) {
	p.signIn("cancel@example.com")
	p.click("button", "Choose Starter")
	p.click("link", "Cancel")
	p.sees("#news", "The checkout was cancelled. You have not been charged.")
	p.at("/")
	p.sees("#plan", "No plan")
	p.sees("#payments", "No payments yet.")
	p.state("cancelled")
}

// goBack leaves the checkout page by the browser's back button, and chooses another plan.
func goBack(p *tab) {
	p.signIn("back@example.com")
	p.click("button", "Choose Pro")
	p.has("heading", "Subscribe")
	if err := chromedp.Do(p.ctx, chromedp.NavigateBack()); err != nil {
		p.t.Fatal(err)
	}
	p.sees("#plan", "No plan")
	p.subscribe("Starter", "9.00 USD")
}

func payOnce(p *tab) {
	p.signIn("once@example.com")
	p.click("button", "Buy Billing handbook")
	p.sees("main", "Billing handbook", "19.00 USD")
	p.pay(goodCard, "19.00 USD")
	p.sees("#news", "Thank you. Your payment has been received.")
	p.learns("#payments tbody", "$19.00", "Paid")
	p.sees("#plan", "No plan")
	p.refused(proRefused)
	p.pro("402 A plan is needed")
	p.state("paid-once")
}

// buyTwice has a second tab, which still shows the plans for sale.
func buyTwice(p *tab) {
	p.signIn("twice@example.com")
	second := newTab(p.browser, p.t, p.url)
	second.signIn("twice@example.com")
	p.subscribe("Starter", "9.00 USD")
	second.refused(checkoutRefused)
	second.click("button", "Choose Pro")
	second.sees("#trouble", "You already have a plan. Change that one instead of buying a second.")
	second.sees("#plan", "Starter", "Active")
	second.has("button", "Change to Pro")
	second.state("second-plan")
	p.click("button", "Buy Billing handbook")
	p.pay(goodCard, "19.00 USD")
	p.sees("#news", "Thank you. Your payment has been received.")
	p.learns("#payments tbody", "$19.00", "$9.00")
}

func mistypeAddress(p *tab) {
	p.open("/")
	p.has("heading", "Sign in")
	p.state("sign-in")
	p.fill("Or with any email address", "nobody")
	p.click("button", "Sign in")
	p.sees("#email-error", "Enter an email address")
	p.state("sign-in-error")
	p.fill("Or with any email address", "somebody@example.com")
	p.click("button", "Sign in")
	p.sees("#plan", "No plan")
}
