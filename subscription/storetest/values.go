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
			f.see(sub)
			f.see(p)
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/a description of any length is kept", func(f *fixture) {
			p := f.pay("ann", "pi_1")
			p.Description = strings.Repeat("long ", 20_000)
			f.see(p)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/numbers are exact", func(f *fixture) {
			sub, p := f.sub("ann", "sub_1"), f.pay("ann", "pi_1")
			sub.Items[0].Quantity, sub.Items[1].Quantity = math.MaxInt64, 1<<53+1
			p.Amount, p.AmountRefunded = math.MaxInt64, 1<<53+1
			f.see(sub)
			f.see(p)
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
			f.see(sub)
			f.see(p)
			f.wantSubs("ann", sub)
			f.wantPage("ann", 0, 10, 1, p)
		}},
		testCase{"values/a subscription with many items keeps their order", func(f *fixture) {
			sub := f.sub("ann", "sub_1")
			for i := range 20 {
				sub.Items = append(sub.Items, subscription.Item{ID: fmt.Sprintf("si_x%d", 7*i%20), Quantity: int64(i)})
			}
			f.see(sub)
			f.wantSubs("ann", sub)
		}},
	)
}

// keeps puts odd wherever a text can stand.
func (f *fixture) keeps(odd string) {
	f.Helper()
	g := f.in(project.Scope{ProjectID: odd, Mode: f.scope.Mode})
	sub, p := g.sub(odd, "sub_"+odd), g.pay(odd, "pi_"+odd)
	sub.CustomerID, sub.Status, sub.ScheduleID = odd, subscription.Status(odd), odd
	sub.Items = []subscription.Item{{ID: odd, PriceID: odd, ProductID: odd, PlanName: odd, Quantity: 1}}
	sub.Metadata = map[string]string{odd: odd}
	p.CustomerID, p.PaymentIntentID, p.Currency, p.Description = odd, odd, odd, odd
	p.Metadata = map[string]string{odd: odd}
	g.save(withNotification(g.over(g.object(sub.ID), sub, odd), notified(1, sub)))
	g.see(p, odd)
	g.wantSubs(odd, sub)
	g.wantPage(odd, 0, 10, 1, p)
	g.wantPayments(odd, subscription.Page{Limit: 10, After: p.Mark()}, 0)
	g.wantRecorded(sub.ID, []string{odd}, odd, odd+" too")
	g.wantRecorded(p.ID, []string{odd}, odd)
	g.equal("what the host knows", g.object(sub.ID).Notification.Notified, sub)
	changed := sub.Clone()
	changed.Items[0].Quantity = 2
	g.see(&changed, odd+" too", odd+" three")
	g.note(sub.ID, notified(2, sub))
	g.equal("what the host knows then", g.object(sub.ID).Notification.Notified, sub)
	g.wantRecorded(sub.ID, []string{odd, odd + " three"}, odd, odd+" three", odd+" four")

	p.SubscriptionID = odd
	g.see(p)
	g.wantPage(odd, 0, 10, 1, p)

	intent := subscription.Intent{Attempt: odd, ObjectID: odd, Data: []byte(odd)}
	g.adopt(odd, odd, 0, intent)
	g.wantIntent(odd, subscription.IntentCustomer, 1, intent)
	g.wantCustomerOwner(odd, odd)
	g.swap(odd, subscription.IntentCheckout, 0, intent)
	g.wantIntent(odd, subscription.IntentCheckout, 1, intent)
	g.swapCursor(0, []byte(text(odd)))
	g.wantCursor(1, text(odd))
}

// nearlyEqual uses ids that databases can take for the same: other case, spaces, composed and decomposed letters.
func nearlyEqual(f *fixture) {
	near := []string{"e", "E", "\u00e9", "e\u0301", "e ", " e", "e\t", "\uff45", "\u0435", "e\u200b", "ee", "1", "01", "1.0"}
	for i, user := range near {
		g, id := f.in(project.Scope{ProjectID: user, Mode: f.scope.Mode}), "sub_"+user
		g.wantSubs("x")
		g.see(g.sub("x", "sub_1"))
		f.wantSubs(user)
		f.wantObject(f.of(id))
		f.see(f.sub(user, id), "evt_of_"+user)
		f.wantSubs(user, f.sub(user, id))
		f.wantVersions(id, 1, 0)
		f.adopt(user, user, 0, intentFor(user, user))
		f.wantCustomerOwner(user, user)
		for j, other := range near {
			var want []string
			if i == j {
				want = []string{"evt_of_" + other}
			}
			f.wantRecorded(id, want, "evt_of_"+other)
		}
	}
}
