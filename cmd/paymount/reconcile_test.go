package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/stripetest"
)

func TestAServerFindsOutWhatItMissedWhileItWasAway(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment := withStripe(t, stripe, "sqlite:"+filepath.Join(t.TempDir(), "state.db"))
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	first := start(t, environment)
	session := first.checkout(t, user, price.ID)
	first.stop(t)
	if err := stripe.Complete(session); err != nil { // and no webhook tells of it
		t.Fatal(err)
	}
	second := start(t, environment)
	eventually(t, "the subscription is there", func() bool {
		return second.call(t, http.MethodGet, "/pro", user, "").status == http.StatusOK
	})
}

func TestAServerReconcilesAtEachInterval(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_RECONCILE_INTERVAL"] = "1s"
	s := start(t, environment)
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	eventually(t, "the first run is logged", func() bool {
		_, logged := s.logs.attribute("reconciled", "took")
		return logged
	})
	if err := stripe.Complete(s.checkout(t, user, price.ID)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a later run finds the subscription", func() bool {
		return s.call(t, http.MethodGet, "/pro", user, "").status == http.StatusOK
	})
}

func TestAServerServesWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	environment := withStripe(t, stripe, "memory:")
	stripe.Close()
	s := start(t, environment)
	s.want(t, http.StatusOK, http.MethodGet, "/healthz", "", "")
	eventually(t, "the failure is logged", func() bool {
		problem, _ := s.logs.attribute("reconciled in part, trying again later", "error")
		return strings.Contains(problem, "no answer")
	})
	s.want(t, http.StatusOK, http.MethodGet, "/healthz", "", "")
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestAnIntervalOfZeroTurnsReconcilingOff(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_RECONCILE_INTERVAL"] = "0"
	s := start(t, environment)
	s.want(t, http.StatusOK, http.MethodGet, "/healthz", "", "")
	s.stop(t)
	if calls := stripe.Calls(); len(calls) > 0 {
		t.Errorf("Stripe was asked: %v", calls)
	}
	for _, interval := range []string{"often", "-1m", "1ms"} {
		_, err := parse(t, configured("PAYMOUNT_RECONCILE_INTERVAL", interval))
		if err == nil || !strings.Contains(err.Error(), "PAYMOUNT_RECONCILE_INTERVAL") {
			t.Errorf("an interval of %q: %v", interval, err)
		}
	}
}
