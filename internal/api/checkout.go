package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/auth"
	words "github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/subscription"
)

const (
	// checkoutTimeout bounds the work on one session: several calls to Stripe in the worst case.
	checkoutTimeout = 45 * time.Second
	// maxWait is for how many seconds a client may ask to wait for a session.
	maxWait = 30
)

// order is the body of POST /checkout-session, and what is wrong with values in it that a words.Request has no place for.
type order struct {
	request  words.Request
	mistakes []subscription.FieldError
}

// CreateCheckoutSession returns the handler of POST /checkout-session.
func CreateCheckoutSession(c *Config, use *checkout.Checkout) http.Handler {
	type answer struct {
		SessionID    string `json:"session_id"`
		CheckoutURL  string `json:"checkout_url"`
		ClientSecret string `json:"client_secret,omitempty"`
	}
	return Handler(c, Endpoint[order, answer]{
		Method: http.MethodPost, Name: "checkout-session", Action: auth.Buy, Timeout: checkoutTimeout,
		Parse: parseOrder,
		Check: func(o order) []subscription.FieldError { return append(o.mistakes, use.Check(o.request)...) },
		Serve: func(ctx context.Context, buyer customer.Buyer, o order) (answer, error) {
			session, err := use.Create(ctx, buyer, o.request)
			return answer{SessionID: session.ID, CheckoutURL: session.URL, ClientSecret: session.ClientSecret}, err
		},
	})
}

func parseOrder(f *Form) order {
	metadata, mistakes := parseMetadata(f)
	return order{mistakes: mistakes, request: words.Request{
		Mode: words.Mode(f.Choice("mode", string(words.ModeSubscription), string(words.ModePayment))),
		// To the use case zero means that no quantity is given: a client that gives it is wrong.
		Lines:      []words.Line{{PriceID: f.RequiredString("price_id"), Quantity: f.Int("quantity", 0, 1, math.MaxInt64)}},
		SuccessURL: f.RequiredString("success_url"), CancelURL: f.RequiredString("cancel_url"),
		Metadata:                  metadata,
		AllowExistingSubscription: f.Bool("allow_existing_subscription", false),
	}}
}

// parseMetadata returns the client's metadata, with numbers and booleans as strings, and which values are none of them.
func parseMetadata(f *Form) (map[string]string, []subscription.FieldError) {
	var mistakes []subscription.FieldError
	metadata := map[string]string{}
	given := f.Object("metadata")
	for _, key := range slices.Sorted(maps.Keys(given)) {
		value, ok := scalar(given[key])
		if !ok {
			mistakes = append(mistakes, subscription.FieldError{
				Field: "metadata", Kind: "string_type",
				Message: fmt.Sprintf("The value of %q should be a string, a number or a boolean", key),
			})
		}
		metadata[key] = value
	}
	return metadata, mistakes
}

// scalar returns a JSON string as it reads, and a number or a boolean as it is written.
func scalar(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	case '{', '[', 'n':
		return "", false
	}
	return string(raw), true
}

// CheckoutSession returns the handler of GET /checkout-session/{session_id}, for the success page.
func CheckoutSession(c *Config, use *checkout.Checkout) http.Handler {
	type request struct {
		id   string
		wait time.Duration
	}
	type answer struct {
		SessionID     string       `json:"session_id"`
		Status        words.Status `json:"status"`
		PaymentStatus string       `json:"payment_status"`
		Mode          words.Mode   `json:"mode"`
		Subscription  *View        `json:"subscription"`
	}
	return Handler(c, Endpoint[request, answer]{
		Method: http.MethodGet, Name: "checkout-session-status", Action: auth.View, Timeout: checkoutTimeout + maxWait*time.Second,
		Parse: func(f *Form) request {
			return request{f.PathValue("session_id"), time.Duration(f.QueryInt("wait", 0, 0, maxWait)) * time.Second}
		},
		Serve: func(ctx context.Context, buyer customer.Buyer, in request) (answer, error) {
			o, err := use.Status(ctx, buyer, in.id, in.wait)
			out := answer{SessionID: o.ID, Status: o.Status, PaymentStatus: o.PaymentStatus, Mode: o.Mode}
			if o.Subscription != nil {
				view := ViewOf(*o.Subscription)
				out.Subscription = &view
			}
			return out, err
		},
	})
}
