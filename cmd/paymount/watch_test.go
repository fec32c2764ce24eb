package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/stripetest"
)

const (
	testProject = `"test": {"secret_key": "` + stripetest.TestKey + `", "webhook_secrets": ["` + webhookSecret + `"]}`
	liveProject = `"live": {"secret_key": "` + liveKey + `"}`
)

// withFile is the environment of a server whose credentials are in a file, and a function that rewrites the file.
func withFile(t *testing.T, stripe *stripetest.Server, modes string) (environment map[string]string, rewrite func(modes string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.json")
	rewrite = func(modes string) {
		next := path + ".next" // renamed, as a deployment does it, so that nobody reads a half
		if err := os.WriteFile(next, []byte(`{"projects": {"shop": {`+modes+`}}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(modes)
	environment = withStripe(t, stripe, "memory:")
	environment["STRIPE_SECRET_KEY"], environment["STRIPE_WEBHOOK_SECRET"], environment["PAYMOUNT_PROJECT"] = "", "", ""
	environment["PAYMOUNT_CREDENTIALS"] = path
	return environment, rewrite
}

func TestAReloadDoesNotChangeTheModeOfTheGateAndIsLogged(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment, rewrite := withFile(t, stripe, testProject)
	s := start(t, environment)
	s.receive(t, stripe)
	rewrite(testProject + ", " + liveProject)
	eventually(t, "the log tells of live keys", func() bool {
		problem, _ := s.logs.attribute("the credentials file has live keys now", "problem")
		return strings.Contains(problem, "PAYMOUNT_MODE")
	})
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	if err := stripe.Complete(s.checkout(t, user, price.ID)); err != nil {
		t.Fatal(err)
	}
	if err := stripe.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.want(t, http.StatusOK, http.MethodGet, "/pro", user, "")
	s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-subscription?test_mode=false", user, "")
}

func TestTheModeOfTheGateStaysLiveWhenLiveKeysGo(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment, rewrite := withFile(t, stripe, testProject+", "+liveProject)
	s := start(t, environment)
	s.receive(t, stripe)
	rewrite(testProject)
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	session := s.checkout(t, user, price.ID)
	if err := stripe.Complete(session); err != nil {
		t.Fatal(err)
	}
	if err := stripe.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.want(t, http.StatusNotFound, http.MethodGet, mountPath+"/my-subscription?test_mode=false", user, "") // the reload was seen
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "")
}

func TestNobodyIsRemindedOfAModeThatWasChosen(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	environment, _ := withFile(t, stripe, testProject)
	for mode, want := range map[string]bool{"": true, "test": false, "live": false} {
		environment["PAYMOUNT_MODE"] = mode
		s, err := parse(t, environment)
		if err != nil {
			t.Fatal(err)
		}
		if watch := newKeyWatch(s, nil); (watch.problem != "") != want {
			t.Errorf("with the mode %q the problem is %q", mode, watch.problem)
		}
	}
}

func TestAMistakeInAChangedFileIsLoggedAndChangesNothing(t *testing.T) {
	t.Parallel()
	environment, rewrite := withFile(t, stripetest.New(t), testProject)
	environment["PAYMOUNT_RECONCILE_INTERVAL"] = "0"
	s := start(t, environment)
	rewrite(`"test": {"secret_key": "` + liveKey + `"}`)
	eventually(t, "the log tells of the mistake", func() bool {
		problem, _ := s.logs.attribute("credentials file not usable, keeping the last good content", "error")
		return strings.Contains(problem, "not a key of test mode")
	})
	s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-subscription", token(t, jwt.MapClaims{"project_id": "shop"}), "")
}

func TestLiveKeysThatComeLaterAreNotSentUnencrypted(t *testing.T) {
	t.Parallel()
	environment, rewrite := withFile(t, stripetest.New(t), testProject)
	environment["STRIPE_API_BASE"] = "http://stripe.invalid"
	s := start(t, environment)
	rewrite(testProject + ", " + liveProject)
	eventually(t, "the log tells of live keys", func() bool {
		problem, _ := s.logs.attribute("the credentials file has live keys now", "problem")
		return strings.Contains(problem, "plain http")
	})
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	s.want(t, http.StatusNotFound, http.MethodGet, mountPath+"/my-subscription?test_mode=false", user, "")
}
