package stripe_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

func TestAllOpenSessionsAndSubscriptionsOfACustomerAreFoundHoweverManyPages(t *testing.T) {
	t.Parallel()
	fake := stripetest.New(t, stripetest.Options{})
	gateway := stripe.New(fake.URL, nil)
	credentials := project.Credentials{SecretKey: stripetest.TestKey}
	customer := fake.AddCustomer("a@example.com").ID
	price := fake.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"}).ID
	const many = 203
	for i := range many {
		_, err := gateway.CreateSession(t.Context(), credentials, stripe.SessionParams{
			SessionParams: checkout.SessionParams{
				Mode: checkout.ModeSubscription, Lines: []checkout.Line{{PriceID: price, Quantity: 1}},
				SuccessURL: "https://a.example/", CancelURL: "https://a.example/",
			},
			CustomerID: customer, OwnerID: "u",
		}, "key"+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fake.AddSubscription(customer, price, nil); err != nil {
			t.Fatal(err)
		}
	}
	sessions, err := gateway.OpenSessions(t.Context(), credentials, customer)
	if err != nil || len(sessions) != many {
		t.Errorf("%d of %d open sessions are found, %v", len(sessions), many, err)
	}
	ids, err := gateway.Subscriptions(t.Context(), credentials, customer)
	if err != nil || len(ids) != many {
		t.Errorf("%d of %d subscriptions are found, %v", len(ids), many, err)
	}
	if pages := len(fake.Calls(http.MethodGet, "/v1/checkout/sessions")); pages != 3 {
		t.Errorf("they took %d calls, want 3", pages)
	}
}

func TestACustomerIsFoundHoweverManyHaveBeenMadeSince(t *testing.T) {
	t.Parallel()
	fake := stripetest.New(t, stripetest.Options{})
	gateway := stripe.New(fake.URL, nil)
	credentials := project.Credentials{SecretKey: stripetest.TestKey}
	ours := stripe.CustomerParams{Metadata: map[string]string{"user_id": "u", "project_id": "p"}}
	made, err := gateway.CreateCustomer(t.Context(), credentials, ours, "key")
	if err != nil {
		t.Fatal(err)
	}
	for range 2_100 {
		fake.AddCustomer("a@example.com")
	}
	found, err := gateway.FindCustomer(t.Context(), credentials, ours, time.Now().Add(-time.Minute), time.Now().Add(time.Minute))
	if err != nil || found != made {
		t.Errorf("found %q, %v, want %q", found, err, made)
	}
}
