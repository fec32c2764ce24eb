package stripetest

import (
	"fmt"
	"strings"
)

// money writes an amount in the currency's smallest unit for a person: "19.00 USD".
func money(amount int64, currency string) string {
	code := strings.ToUpper(currency)
	switch currency { // https://docs.stripe.com/currencies#zero-decimal
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf":
		return fmt.Sprintf("%d %s", amount, code)
	}
	return fmt.Sprintf("%d.%02d %s", amount/100, amount%100, code)
}

// label is the price for a person: "19.00 USD / month", "5.00 USD / 3 months".
func (p *Price) label() string {
	switch {
	case !p.Recurring():
		return money(p.UnitAmount, p.Currency)
	case p.IntervalCount == 1:
		return money(p.UnitAmount, p.Currency) + " / " + p.Interval
	default:
		return fmt.Sprintf("%s / %d %ss", money(p.UnitAmount, p.Currency), p.IntervalCount, p.Interval)
	}
}
