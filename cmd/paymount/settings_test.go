package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/stripetest"
)

func TestTrialDaysAndProrationsAreThoseOfTheSettings(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_TRIAL_DAYS"], environment["PAYMOUNT_PRORATIONS"] = "14", "none"
	s := start(t, environment)
	s.receive(t, stripe)
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	s.buy(t, stripe, user, price.ID)
	s.wantPlan(t, user, "trialing")
	for behaviour, status := range map[string]int{"create_prorations": http.StatusUnprocessableEntity, "none": http.StatusOK} {
		s.want(t, status, http.MethodPost, mountPath+"/update-subscription", user,
			`{"new_price_id": "`+price.ID+`", "quantity": 2, "proration_behavior": "`+behaviour+`"}`)
	}
}

// buy buys a price, and returns once its webhooks have arrived.
func (s *instance) buy(t *testing.T, stripe *stripetest.Server, token, price string) {
	t.Helper()
	if err := stripe.Complete(s.checkout(t, token, price)); err != nil {
		t.Fatal(err)
	}
	if err := stripe.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedPaymentKeepsTheGateOpenForTheGraceOfTheSettings(t *testing.T) {
	t.Parallel()
	for grace, want := range map[string]int{"": http.StatusOK, "1h": http.StatusOK, "0": http.StatusPaymentRequired} {
		t.Run("grace "+grace, func(t *testing.T) {
			t.Parallel()
			// A month ago, so that the renewal that fails is due about now.
			var skipped atomic.Int64
			began := time.Now().AddDate(0, -1, 0)
			stripe, err := stripetest.Start(stripetest.Options{Now: func() time.Time { return began.Add(time.Duration(skipped.Load())) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stripe.Close)
			price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
			environment := withStripe(t, stripe, "memory:")
			environment["PAYMOUNT_PAST_DUE_GRACE"], environment["PAYMOUNT_RECONCILE_INTERVAL"] = grace, "0"
			s := start(t, environment)
			user := token(t, jwt.MapClaims{"project_id": "shop"})
			session := s.checkout(t, user, price.ID)
			if err := stripe.Complete(session); err != nil {
				t.Fatal(err)
			}
			if err := stripe.SetCardFails(stripe.Subscriptions()[0].Customer, true); err != nil {
				t.Fatal(err)
			}
			skipped.Store(int64(time.Since(began)))
			stripe.Tick()
			s.receive(t, stripe) // not before: webhooks are signed by the fake's clock
			found := s.want(t, http.StatusOK, http.MethodGet, mountPath+"/checkout-session/"+session, user, "")
			if !strings.Contains(found.body, `"past_due"`) {
				t.Fatalf("the subscription is %s", found.body)
			}
			s.want(t, want, http.MethodGet, "/pro", user, "")
		})
	}
}

func TestTheOwnerClaimNamesWhoPays(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_OWNER_CLAIM"] = "org_id"
	s := start(t, environment)
	s.receive(t, stripe)
	member := func(user, team string) string {
		return token(t, jwt.MapClaims{"sub": user, "project_id": "shop", "org_id": team})
	}
	s.buy(t, stripe, member("ada", "team_7"), price.ID)
	s.wantPlan(t, member("bob", "team_7"), "active")
	s.want(t, http.StatusOK, http.MethodGet, "/pro", member("bob", "team_7"), "")
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", member("ada", "team_8"), "")
	s.want(t, http.StatusUnauthorized, http.MethodGet, "/pro", token(t, jwt.MapClaims{"sub": "ada", "project_id": "shop"}), "")
}

func TestTheManageScopeIsForEveryPost(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_MANAGE_SCOPE"] = "billing:manage"
	s := start(t, environment)
	reader := token(t, jwt.MapClaims{"project_id": "shop", "scope": "billing:read"})
	manager := token(t, jwt.MapClaims{"project_id": "shop", "scp": []string{"billing:manage"}})
	for _, path := range []string{
		"/checkout-session", "/customer-portal", "/cancel-subscription", "/resume-subscription", "/update-subscription",
		"/update-subscription/preview",
	} {
		a := s.call(t, http.MethodPost, mountPath+path, reader, "{")
		if a.status != http.StatusForbidden ||
			a.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope", scope="billing:manage"` {
			t.Errorf("%s without the scope: %d, %v", path, a.status, a.header)
		}
		if a := s.call(t, http.MethodPost, mountPath+path, manager, "{"); a.status == http.StatusForbidden {
			t.Errorf("%s with the scope: %d", path, a.status)
		}
	}
	s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-subscription", reader, "")
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", reader, "")
}
