package browser_test

import (
	"encoding/json"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// writeMoney looks at how the page writes amounts, in currencies that the demo sells nothing in
// (https://docs.stripe.com/currencies#special-cases).
func writeMoney(p *tab) {
	p.open("/")
	const expression = `import('/page/format.js').then(({ money }) => [
		[1900, 'usd'], [1900, 'USD', { short: true }], [1950, 'usd', { short: true }], [-1250, 'usd'], [500, 'jpy'], [500, 'isk'],
		[-500, 'ugx'], [500, 'ugx', { short: true }], [5120, 'kwd'], [12340, 'tnd'],
	].map((args) => money(...args).replace(/\u00a0/g, ' ')))`
	answer, err := chromedp.Call(p.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, AwaitPromise: new(true), ReturnByValue: new(true),
	})
	if err != nil || answer.ExceptionDetails != nil {
		p.t.Fatal(err, answer)
	}
	var got []string
	if err := json.Unmarshal(answer.Result.Value, &got); err != nil {
		p.t.Fatal(err)
	}
	want := []string{
		"$19.00", "$19", "$19.50", "-$12.50", "¥500", "ISK 5", "-UGX 5", "UGX 5", "KWD 5.120", "TND 12.340",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			p.t.Fatalf("amounts are written %q, want %q", got, want)
		}
	}
}
