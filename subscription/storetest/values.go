package storetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// oddTexts returns texts that stores are known to stumble over.
func oddTexts() map[string]string {
	return map[string]string{
		"quotes":             `'"''""` + "`" + `$1 ? :x @p %s ''`,
		"backslashes":        `\\ \n \' \x00 \u0000 C:\temp\`,
		"patterns":           `100%_[a-z]*(.+)?`,
		"SQL":                `x'); DROP TABLE subscriptions; --`,
		"JSON":               `{"a": [null, "\u00e9"]}`,
		"HTML":               `<b>&amp;</b>`,
		"accents":            "Zo\u00eb \u00c5ngstr\u00f6m \u00df",
		"emoji":              "\U0001F469\u200D\U0001F680 \U0001F4B3",
		"other scripts":      "\u0393\u03b5\u03b9\u03ac \u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
		"control characters": "a\x01\t\n\r\x1f\x7fb",
		"odd characters":     "\u2028\u2029\ufeff\uffff\U0010ffff",
		"spaces around":      "  a  ",
		"255 characters":     strings.Repeat("0123456789abcde", 17),
		"255 wide ones":      strings.Repeat("\u754c", 255),
	}
}

func valueCases() []testCase {
	var all []testCase
	for name, odd := range oddTexts() {
		all = append(all, testCase{"values/texts with " + name + " are kept", func(f *fixture) { f.keeps(odd) }})
	}
	return append(all,
		testCase{"values/ids that are nearly equal are different", nearlyEqual},
		testCase{"values/metadata is kept up to Stripe's limits", func(f *fixture) {
			sub, p := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
			for i := range 50 {
				key := fmt.Sprintf("%040d", i)
				sub.Metadata[key], p.Metadata[key] = strings.Repeat("\u00e9", 500), strings.Repeat("x", 500)
			}
			sub.Metadata["empty"], sub.Metadata[""] = "", "no key"
			f.see(saw(0, sub))
			f.see(sawPayment(0, p))
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/a description of any length is kept", func(f *fixture) {
			p := f.pay("ann", "pi_1")
			p.Description = strings.Repeat("long ", 20_000)
			f.see(sawPayment(0, p))
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/numbers are exact", func(f *fixture) {
			sub, p := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
			sub.Items[0].Quantity, sub.Items[1].Quantity = math.MaxInt64, 1<<53+1
			p.Amount, p.AmountRefunded = math.MaxInt64, 1<<53+1
			f.see(saw(0, sub))
			f.see(sawPayment(0, p))
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/times are exact seconds in UTC", func(f *fixture) {
			sub, p := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
			sub.CurrentPeriodStart = time.Date(1970, time.January, 1, 0, 0, 1, 0, time.UTC)
			sub.CurrentPeriodEnd = time.Date(2024, time.March, 31, 2, 30, 59, 0, time.UTC) // does not exist in Berlin
			sub.CancelAt = time.Date(2038, time.January, 19, 3, 14, 8, 0, time.UTC)
			sub.TrialEnd = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
			p.CreatedAt = sub.CancelAt
			f.see(saw(0, sub))
			f.see(sawPayment(0, p))
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/a subscription with many items keeps their order", func(f *fixture) {
			sub := f.sub("ann", "sub_1")
			for i := range 20 {
				sub.Items = append(sub.Items, subscription.Item{ID: fmt.Sprintf("si_x%d", 7*i%20), Quantity: int64(i)})
			}
			f.see(saw(0, sub))
			f.wantSubs("ann", sub)
		}},
	)
}

// keeps puts odd wherever a text can stand.
func (f *fixture) keeps(odd string) {
	f.Helper()
	g := f.in(project.Scope{ProjectID: odd, Mode: f.scope.Mode})
	sub, p := g.sub(odd, odd), g.pay(odd, "pi_"+odd)
	sub.CustomerID, sub.Status, sub.ScheduleID = odd, subscription.Status(odd), odd
	sub.Items = []subscription.Item{{ID: odd, PriceID: odd, ProductID: odd, PlanName: odd, Quantity: 1}}
	sub.Metadata = map[string]string{odd: odd}
	p.CustomerID, p.PaymentIntentID, p.Currency, p.Description = odd, odd, odd, odd
	p.Metadata = map[string]string{odd: odd}
	g.settle(g.applyChange(saw(g.draw(sub.ID), sub, odd)), true)
	g.see(sawPayment(0, p, odd))
	g.wantSubs(odd, sub)
	g.wantPage(odd, 0, 10, 1, p)
	g.wantDrawn(false, sub.ID, odd)
	g.wantDrawn(false, p.ID, odd)

	p.SubscriptionID = odd
	g.see(sawPayment(0, p))
	g.wantPage(odd, 0, 10, 1, p)

	intent := subscription.Intent{Attempt: odd, ObjectID: odd, Data: []byte(odd)}
	g.swap(odd, subscription.IntentCustomer, 0, intent)
	g.wantIntent(odd, subscription.IntentCustomer, 1, intent)
	g.wantCustomerOwner(odd, odd)
	g.adopt(odd, odd+" too")
	g.wantCustomerOwner(odd+" too", odd)
}

// nearlyEqual uses ids that databases can take for the same: other case, spaces, composed and decomposed letters.
func nearlyEqual(f *fixture) {
	near := []string{"e", "E", "\u00e9", "e\u0301", "e ", " e", "e\t", "\uff45", "\u0435", "e\u200b", "ee", "1", "01", "1.0"}
	for i, id := range near {
		g := f.in(project.Scope{ProjectID: id, Mode: f.scope.Mode})
		g.wantSubs("x")
		g.see(saw(0, g.sub("x", "sub_1")))
		f.wantSubs(id)
		f.equal(fmt.Sprintf("the first ticket of object %q", id), f.draw(id, "evt_1"), 1)
		f.see(saw(0, f.sub(id, id), fmt.Sprintf("evt_of_%s", id)))
		f.wantSubs(id, f.sub(id, id))
		f.swap(id, subscription.IntentCustomer, 0, subscription.Intent{Attempt: id, ObjectID: id})
		f.wantCustomerOwner(id, id)
		for j, other := range near {
			f.wantDrawn(i != j, id, fmt.Sprintf("evt_of_%s", other))
		}
	}
}
