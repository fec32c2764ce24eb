package checkout_test

import (
	"context"
	"fmt"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/subscription"
)

// A host gives its students a longer trial, and sells nothing to who is locked out.
func ExampleCustomize() {
	var customize checkout.Customize = func(_ context.Context, id auth.Identity, session *checkout.SessionParams) error {
		switch id.UserID {
		case "mallory":
			return subscription.ErrConflict.Because("Your account is locked.")
		case "ada":
			session.TrialDays = 30
		}
		session.Metadata["campaign"] = "spring"
		return nil
	}
	for _, user := range []string{"ada", "bob", "mallory"} {
		session := checkout.SessionParams{Metadata: map[string]string{}, Options: checkout.Options{TrialDays: 7}}
		err := customize(context.Background(), auth.Identity{UserID: user, ProjectID: "shop"}, &session)
		fmt.Println(user, session.TrialDays, err)
	}
	// Output:
	// ada 30 <nil>
	// bob 7 <nil>
	// mallory 7 conflict: Your account is locked.
}

// What a page asks for: the plan in a quantity, and where people go from Stripe's page. Account.Checkout takes it.
func ExampleRequest() {
	var account paymount.Account // from Service.For
	buy := func(ctx context.Context, price string, seats int64) (url string, err error) {
		session, err := account.Checkout(ctx, checkout.Request{
			Mode:       checkout.ModeSubscription,
			Lines:      []checkout.Line{{PriceID: price, Quantity: seats}},
			SuccessURL: "https://app.example.com/welcome?session={CHECKOUT_SESSION_ID}",
			CancelURL:  "https://app.example.com/plans",
			Metadata:   map[string]string{"campaign": "spring"},
		})
		return session.URL, err
	}
	_ = buy
}

// The page that people come back to shows what they have bought, also while the webhook is still on its way.
func ExampleOutcome() {
	var account paymount.Account // from Service.For
	welcome := func(ctx context.Context, sessionID string) (string, error) {
		bought, err := account.CheckoutSession(ctx, sessionID, 10*time.Second)
		switch {
		case err != nil:
			return "", err
		case bought.Status != checkout.StatusComplete:
			return "Your payment has not arrived yet.", nil
		case bought.Subscription != nil:
			return "Welcome to " + bought.Subscription.Plan().PlanName, nil
		}
		return "Thank you.", nil // a one-time payment
	}
	_ = welcome
}

// Options that hold for every session are part of the configuration.
func ExampleOptions() {
	config := paymount.Config{CheckoutOptions: checkout.Options{TrialDays: 14, AllowPromotionCodes: true, AutomaticTax: true}}
	_ = config
}
