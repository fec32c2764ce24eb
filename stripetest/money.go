package stripetest

import (
	"fmt"
	"strings"
)

// money writes an amount, as Stripe counts it, for a person: "19.00 USD".
func money(amount int64, currency string) string {
	divisor, digits := decimals(currency)
	sign, size := "", uint64(amount) //nolint:gosec // two's complement: below, it is the size of a negative amount too
	if amount < 0 {
		sign, size = "-", -size
	}
	text := fmt.Sprintf("%s%d", sign, size/divisor)
	if digits > 0 {
		text += fmt.Sprintf(".%0*d", digits, size%divisor)
	}
	return text + " " + strings.ToUpper(currency)
}

// decimals returns by what Stripe's amounts of a currency are to be divided, and how many digits to write after the point.
// Two currencies have no decimals, but Stripe goes on counting them in hundredths
// (https://docs.stripe.com/currencies#special-cases).
func decimals(currency string) (divisor uint64, digits int) {
	switch currency {
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf":
		return 1, 0 // https://docs.stripe.com/currencies#zero-decimal
	case "isk", "ugx":
		return 100, 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 1000, 3 // https://docs.stripe.com/currencies#three-decimal
	}
	return 100, 2
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
