package stripetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// call is the shortest client: one POST with the test key, its decoded answer.
func call(srv *stripetest.Server, path string, form url.Values) (map[string]any, error) {
	body := strings.NewReader(form.Encode())
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, srv.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+stripetest.TestKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer, errors.Join(err, resp.Body.Close())
}

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
	}
}

// Start a fake, sell a subscription, look at what Stripe would have now.
func Example() {
	srv, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	price := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1900, Interval: "month"})
	session, err := call(srv, "/v1/checkout/sessions", url.Values{
		"mode":                    {"subscription"},
		"success_url":             {"https://shop.example/welcome?session={CHECKOUT_SESSION_ID}"},
		"line_items[0][price]":    {price.ID},
		"line_items[0][quantity]": {"1"},
	})
	check(err)
	id, _ := session["id"].(string)
	fmt.Println(session["status"], session["payment_status"])

	check(srv.Complete(id, stripetest.Buyer{Email: "ada@example.com"}))
	sub := srv.Subscriptions()[0]
	fmt.Println(sub.Status, sub.Items[0].Price == price.ID)
	// Output:
	// open unpaid
	// active true
}

// In a test, New stops the server with the test.
func ExampleNew() {
	test := func(t *testing.T) {
		t.Helper()
		srv := stripetest.New(t)
		t.Setenv("STRIPE_API_BASE", srv.URL)
		// … run the code under test, then compare what it made:
		if n := len(srv.Customers()); n != 1 {
			t.Errorf("%d customers, want 1", n)
		}
	}
	_ = test
}

// Webhooks can be held and delivered by hand, here newest first.
func ExampleServer_Hold() {
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Type string `json:"type"`
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err == nil {
			fmt.Println(event.Type)
		}
	}))
	defer shop.Close()
	srv, err := stripetest.Start(stripetest.Options{Hold: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	_, err = srv.AddWebhook(stripetest.Webhook{URL: shop.URL, Secrets: []string{"whsec_example"}})
	check(err)

	customer := srv.AddCustomer("ada@example.com")
	check(srv.DeleteCustomer(customer.ID))
	pending := srv.Pending()
	for i := range pending {
		_, err := srv.Deliver(context.Background(), pending[len(pending)-1-i])
		check(err)
	}
	// Output:
	// customer.deleted
	// customer.created
}

// A fault after execution is the hard case: Stripe acted, and the answer was lost.
func ExampleServer_Inject() {
	srv, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	_, err = srv.Inject(stripetest.Fault{Method: "POST", Path: "/v1/customers", Acted: true, Drop: true})
	check(err)
	_, err = call(srv, "/v1/customers", url.Values{"email": {"ada@example.com"}})
	fmt.Println("answer lost:", err != nil)
	fmt.Println("customers:", len(srv.Customers()))
	// Output:
	// answer lost: true
	// customers: 1
}

// The server's clock can be moved: here a renewal fails, and the retry after three days is paid.
func ExampleServer_Advance() {
	srv, err := stripetest.Start(stripetest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	price := srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1900, Interval: "week"})
	customer := srv.AddCustomer("ada@example.com")
	sub, err := srv.AddSubscription(customer.ID, price.ID, nil)
	check(err)

	check(srv.SetCardFails(customer.ID, true))
	srv.Advance(7 * 24 * time.Hour)
	sub, _ = srv.Subscription(sub.ID)
	fmt.Println(sub.Status)

	check(srv.SetCardFails(customer.ID, false))
	srv.Advance(3 * 24 * time.Hour)
	sub, _ = srv.Subscription(sub.ID)
	fmt.Println(sub.Status)
	// Output:
	// past_due
	// active
}
