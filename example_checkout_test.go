package paymount_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// Go code sells by the same rules as the endpoints: a page that is rendered on the server, say.
func ExampleAccount_Checkout() {
	stripe, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stripe.Close()
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	nobody := func(*http.Request) (auth.Identity, error) { return auth.Identity{}, auth.ErrNoCredentials }
	billing, err := paymount.New(paymount.Config{
		Store:           memstore.New(),
		Credentials:     project.Static{"shop": {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		Authenticator:   auth.AuthenticatorFunc(nobody), // no endpoint is mounted
		EntitlementMode: project.ModeTest,
		RedirectOrigins: []string{"https://app.example.com"},
		StripeURL:       stripe.URL,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	ada := billing.For(subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeTest}, ID: "ada"})
	order := checkout.Request{
		Lines:      []checkout.Line{{PriceID: price.ID}},
		SuccessURL: "https://app.example.com/welcome?session={CHECKOUT_SESSION_ID}",
		CancelURL:  "https://app.example.com/plans",
	}
	session, err := ada.Checkout(ctx, order)
	fmt.Println("to pay:", session.Status, session.URL != "", err)

	_ = stripe.Complete(session.ID)                      // a person pays, and returns
	done, err := ada.CheckoutSession(ctx, session.ID, 0) // also when no webhook has come
	fmt.Println("paid:", done.Status, done.Subscription.Status, err)

	_, err = ada.Checkout(ctx, order)
	fmt.Println("again:", errors.Is(err, subscription.ErrExists))

	var wrong *subscription.Error
	if _, err = ada.Checkout(ctx, checkout.Request{Lines: order.Lines, SuccessURL: "/welcome"}); errors.As(err, &wrong) {
		for _, field := range wrong.Fields {
			fmt.Println(field.Field + ": " + field.Message)
		}
	}
	// Output:
	// to pay: open true <nil>
	// paid: complete active <nil>
	// again: true
	// success_url: The URL must be absolute, with http or https
	// cancel_url: Field required
}
