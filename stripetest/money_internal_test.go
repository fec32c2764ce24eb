package stripetest

import "testing"

// The amounts are those of https://docs.stripe.com/currencies#special-cases and its neighbours.
func TestMoneyIsWrittenAsStripeCountsTheCurrency(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amount   int64
		currency string
		want     string
	}{
		{1900, "usd", "19.00 USD"},
		{5, "eur", "0.05 EUR"},
		{0, "usd", "0.00 USD"},
		{-1250, "usd", "-12.50 USD"},
		{-50, "usd", "-0.50 USD"},
		{500, "jpy", "500 JPY"},
		{-500, "jpy", "-500 JPY"},
		{500, "isk", "5 ISK"},
		{500, "ugx", "5 UGX"},
		{-500, "ugx", "-5 UGX"},
		{5120, "kwd", "5.120 KWD"},
		{1000, "bhd", "1.000 BHD"},
		{50, "jod", "0.050 JOD"},
		{-1250, "omr", "-1.250 OMR"},
		{12340, "tnd", "12.340 TND"},
		{-9223372036854775808, "usd", "-92233720368547758.08 USD"},
	} {
		if got := money(test.amount, test.currency); got != test.want {
			t.Errorf("%d %s is written %q, want %q", test.amount, test.currency, got, test.want)
		}
	}
}
