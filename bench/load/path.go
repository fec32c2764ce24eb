package main

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/paymount/paymount/bench/internal/fixture"
)

// mountPath is where the reference server has the endpoints.
const mountPath = "/api/v1/payments/stripe"

// path is one that is attacked.
type path struct {
	name string
	next vegeta.Targeter
}

// paths are the three that carry the load of an app. Each request is about another user than the one before.
func paths(base string, users int) []path {
	base += mountPath
	var reads, checkouts, events atomic.Int64
	tokens := tokens(min(users, 1000))
	return []path{
		{"my-subscription", func(t *vegeta.Target) error {
			t.Method, t.URL = http.MethodGet, base+"/my-subscription"
			t.Header = http.Header{"Authorization": {tokens[reads.Add(1)%int64(len(tokens))]}}
			return nil
		}},
		{"webhook", func(t *vegeta.Target) error {
			n := events.Add(1)
			t.Method, t.URL = http.MethodPost, base+"/webhooks/"+fixture.ProjectID+"/test"
			t.Body = fixture.Event(fmt.Sprintf("evt_load%d", n), "customer.subscription.updated",
				fixture.Subscription(fmt.Sprintf("sub_%d", n%int64(users)+1)))
			t.Header = http.Header{"Stripe-Signature": {fixture.Sign(t.Body, time.Now())}}
			return nil
		}},
		{"checkout", func(t *vegeta.Target) error {
			t.Method, t.URL = http.MethodPost, base+"/checkout-session"
			t.Body = []byte(checkoutBody)
			t.Header = http.Header{
				"Authorization": {token(fmt.Sprintf("user_%d", checkouts.Add(1)%int64(users)+1))}, "Content-Type": {"application/json"},
			}
			return nil
		}},
	}
}

const checkoutBody = `{"price_id": "` + fixture.PriceID + `", "success_url": "` + fixture.Origin + `/welcome", "cancel_url": "` +
	fixture.Origin + `/plans", "allow_existing_subscription": true}`

func tokens(n int) []string {
	var all []string
	for i := range n {
		all = append(all, token(fmt.Sprintf("user_%d", i+1)))
	}
	return all
}

// token returns the Authorization header of a user.
func token(user string) string {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": user, "project_id": fixture.ProjectID, "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(tokenSecret))
	if err != nil {
		return "" // it does not fail; an empty token would be answered with 401, and be reported
	}
	return "Bearer " + signed
}
