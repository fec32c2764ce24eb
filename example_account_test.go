package paymount_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// shop is an app that renders its pages on the server, with templ or html/template.
type shop struct {
	billing *paymount.Service
	price   string
}

func (s shop) account(user string) paymount.Account {
	return s.billing.For(subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeTest}, ID: user})
}

// buy is where the form of the page with the plans goes to: it sends the user on to Stripe.
func (s shop) buy(w http.ResponseWriter, r *http.Request) {
	session, err := s.account(r.FormValue("user")).Checkout(r.Context(), checkout.Request{ // your app asks its own session who it is
		Lines:      []checkout.Line{{PriceID: s.price}},
		SuccessURL: "https://app.example.com/welcome", CancelURL: "https://app.example.com/plans",
	})
	var reason *subscription.Error
	switch {
	case err == nil:
		http.Redirect(w, r, session.URL, http.StatusSeeOther)
	case errors.As(err, &reason):
		w.WriteHeader(httperr.Status(reason.Code))
		_, _ = fmt.Fprint(w, reason.Message)
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// countSeats is a job: a team pays for as many seats as it has members.
func (s shop) countSeats(ctx context.Context, members map[string]int64) error {
	for team, n := range members {
		_, err := s.account(team).SetQuantity(ctx, "", "", n)
		if err != nil && !errors.Is(err, subscription.ErrNone) { // it has bought nothing
			return err
		}
	}
	return nil
}

// deleteAccount ends all that a user pays for.
func (s shop) deleteAccount(ctx context.Context, user string) error {
	open, err := s.account(user).Subscriptions(ctx, false)
	for _, plan := range open {
		if _, err := s.account(user).Cancel(ctx, subscription.Cancellation{SubscriptionID: plan.ID, Immediately: true}); err != nil {
			return err
		}
	}
	return err
}

// A page that opens a checkout, a job that sets seats, and the deletion of an account: Go code instead of JSON endpoints.
func Example_serverRenderedPages() {
	stripe, app := newShop()
	defer stripe.Close()
	post := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/buy", strings.NewReader("user=ada"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		app.buy(w, r)
		return w
	}
	to := post().Header().Get("Location")
	_ = stripe.Complete(to[strings.LastIndex(to, "/")+1:]) // a person pays
	again := post()
	fmt.Println(again.Code, again.Body)

	ctx := context.Background()
	err := app.countSeats(ctx, map[string]int64{"ada": 5, "bob": 3})
	plan, entitled, _ := app.account("ada").Entitled(ctx)
	fmt.Println(entitled, plan.Plan().Quantity, err)

	err = app.deleteAccount(ctx, "ada")
	_, entitled, _ = app.account("ada").Entitled(ctx)
	fmt.Println(entitled, err)
	// Output:
	// 400 You already have a subscription.
	// true 5 <nil>
	// false <nil>
}

// newShop is the app with a fake Stripe.
func newShop() (*stripetest.Server, shop) {
	stripe, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		return nil, shop{}
	}
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Team", Amount: 900, Interval: "month"})
	nobody := func(*http.Request) (auth.Identity, error) { return auth.Identity{}, auth.ErrNoCredentials }
	billing, err := paymount.New(paymount.Config{
		Store:           memstore.New(),
		Credentials:     project.Static{"shop": {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		Authenticator:   auth.AuthenticatorFunc(nobody), // no endpoint is mounted
		RedirectOrigins: []string{"https://app.example.com"},
		EntitlementMode: project.ModeTest,
		StripeURL:       stripe.URL,
	})
	if err != nil {
		fmt.Println(err)
	}
	return stripe, shop{billing, price.ID}
}

// The portal opens at one thing, and Stripe sends the owner back once that is done.
func ExampleAccount_Portal() {
	var account paymount.Account // from Service.For
	newCard := func(w http.ResponseWriter, r *http.Request) {
		url, err := account.Portal(r.Context(), subscription.Portal{
			ReturnURL: "https://app.example.com/account", Purpose: subscription.PortalPaymentMethod,
		})
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, url, http.StatusSeeOther)
	}
	_ = newCard
}

// What was shown is what is charged, or nothing is changed.
func ExampleAccount_Update() {
	var account paymount.Account // from Service.For
	upgrade := func(ctx context.Context, agreed func(cents int64, currency string) bool) error {
		change := subscription.Update{PriceID: "price_team", Proration: subscription.AlwaysInvoice}
		shown, err := account.Preview(ctx, change)
		if err != nil || !agreed(shown.AmountDue, shown.Currency) {
			return err
		}
		change.Quote = shown.Quote
		_, err = account.Update(ctx, change)
		return err // subscription.ErrConflict when it costs something else by now
	}
	_ = upgrade
}
