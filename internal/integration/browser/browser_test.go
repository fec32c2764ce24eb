package browser_test

import "testing"

func TestTheDemoInABrowser(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	executable := buildServer(t)
	server, browser := startServer(t, executable), startChromium(t, chromium)
	for name, flow := range map[string]func(p *tab){
		"a plan is bought, at the second try":       buyAtTheSecondTry,
		"a bank asks back":                          authenticate,
		"a checkout is cancelled":                   cancelTheCheckout,
		"the back button leads to the plans":        goBack,
		"something is paid once":                    payOnce,
		"a second plan is refused":                  buyTwice,
		"a plan is changed at the price shown":      changePlan,
		"a plan is cancelled and resumed":           cancelAndResume,
		"the portal shows invoices and can cancel":  usePortal,
		"a plan is bought with the keyboard alone":  useKeyboard,
		"an address that is none cannot be used":    mistypeAddress,
		"amounts are written as Stripe counts them": writeMoney,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flow(newTab(browser, t, server))
		})
	}
	for name, flow := range map[string]func(p *tab){
		"a plan renews":                     renew,
		"a renewal fails and is tried anew": failToRenew,
	} {
		own := startServer(t, executable) // its clock is moved
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flow(newTab(browser, t, own))
		})
	}
}
