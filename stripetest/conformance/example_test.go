package conformance_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/stripetest/conformance"
)

// Ask Stripe with a key of test mode. The report is the text of an issue.
func ExampleRun() {
	report, err := conformance.Run(context.Background(), conformance.Config{
		Key: os.Getenv("STRIPE_TEST_KEY"), // sk_test_… or rk_test_…
		Progress: func(report conformance.Report) {
			if n := len(report.Results); n > 0 {
				fmt.Println(report.Results[n-1].ID, report.Results[n-1].Outcome)
			}
		},
	})
	fmt.Println(report, err)
}

// A fake is asked at its own address, and its clock is moved from Go.
func ExampleRun_fake() {
	srv, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	report, err := conformance.Run(context.Background(), conformance.Config{
		BaseURL: srv.URL, Key: stripetest.TestKey, Pace: -1,
		Only: []string{"cancel/now", "clock/renewal"},
		AdvanceTo: func(_ context.Context, to time.Time) error {
			srv.Advance(to.Sub(srv.Now()))
			return nil
		},
	})
	fmt.Println(report.Count(conformance.Held), "held,", report.Count(conformance.Refuted), "refuted", err)
	// Output: 2 held, 0 refuted <nil>
}
