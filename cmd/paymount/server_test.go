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

const webhookSecret = "whsec_ofTheServerTests"

// withStripe is the environment of a server with one project, shop, at a fake Stripe.
func withStripe(t *testing.T, stripe *stripetest.Server, database string) map[string]string {
	t.Helper()
	return map[string]string{
		"PAYMOUNT_DATABASE_URL": database, "STRIPE_SECRET_KEY": stripetest.TestKey, "STRIPE_WEBHOOK_SECRET": webhookSecret,
		"PAYMOUNT_PROJECT": "shop", "STRIPE_API_BASE": stripe.URL, "PAYMOUNT_HS256_SECRET": hsSecret,
		"PAYMOUNT_REDIRECT_ORIGINS": "https://shop.example",
	}
}

// receive lets the fake Stripe send its webhooks to the server.
func (s *instance) receive(t *testing.T, stripe *stripetest.Server) {
	t.Helper()
	_, err := stripe.AddWebhook(stripetest.Webhook{
		URL: s.url + mountPath + "/webhooks/shop/test", Secrets: []string{webhookSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkout begins a checkout of a price and returns the session's id.
func (s *instance) checkout(t *testing.T, token, price string) string {
	t.Helper()
	return s.want(t, http.StatusOK, http.MethodPost, mountPath+"/checkout-session", token, `{"price_id": "`+price+`",
		"success_url": "https://shop.example/thanks", "cancel_url": "https://shop.example/"}`).field("session_id")
}

func TestAPurchaseOpensThePaidFeatureAndOutlivesARestart(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	file := filepath.Join(t.TempDir(), "state ?#%41.db")
	environment := withStripe(t, stripe, "sqlite:"+file)
	user := token(t, jwt.MapClaims{"project_id": "shop"})

	first := start(t, environment)
	first.receive(t, stripe)
	first.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "")
	if err := stripe.Complete(first.checkout(t, user, price.ID)); err != nil {
		t.Fatal(err)
	}
	if err := stripe.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.want(t, http.StatusOK, http.MethodGet, "/pro", user, "")
	if _, ok := first.logs.attribute("changed", "change"); !ok {
		t.Errorf("the log tells of no change: %s", first.logs)
	}
	if code := first.stop(t); code != 0 {
		t.Fatalf("exit code %d, want 0", code)
	}

	if _, err := os.Stat(file); err != nil {
		t.Errorf("the state is not where it should be: %v", err)
	}
	stripe.ResetCalls()
	environment["PAYMOUNT_RECONCILE_INTERVAL"] = "0"
	second := start(t, environment)
	if got := second.want(t, http.StatusOK, http.MethodGet, "/pro", user, ""); got.field("plan") != "Pro" {
		t.Errorf("after a restart /pro answers %s", got.body)
	}
	if calls := stripe.Calls(); len(calls) > 0 {
		t.Errorf("after a restart Stripe was asked: %v", calls)
	}
}

func TestOnlyTokensOfAProjectAreServed(t *testing.T) {
	t.Parallel()
	s := start(t, withStripe(t, stripetest.New(t), "memory:"))
	for name, tt := range map[string]struct {
		token  string
		status int
		code   string
	}{
		"no token":           {"", 401, "unauthorized"},
		"a token of nobody":  {"nonsense", 401, "unauthorized"},
		"no project":         {token(t, jwt.MapClaims{}), 401, "unauthorized"},
		"a refresh token":    {token(t, jwt.MapClaims{"project_id": "shop", "type": "refresh"}), 401, "unauthorized"},
		"another project":    {token(t, jwt.MapClaims{"project_id": "other"}), 404, "not_configured"},
		"the project itself": {token(t, jwt.MapClaims{"project_id": "shop"}), 200, ""},
	} {
		got := s.call(t, http.MethodGet, mountPath+"/my-subscription", tt.token, "")
		if got.status != tt.status || got.field("code") != tt.code {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, tt.status, tt.code)
		}
		if challenge := got.header.Get("WWW-Authenticate"); (challenge != "") != (tt.status == http.StatusUnauthorized) {
			t.Errorf("%s: the challenge is %q", name, challenge)
		}
	}
}

func TestAConfiguredServerHasNoDemo(t *testing.T) {
	t.Parallel()
	s := start(t, withStripe(t, stripetest.New(t), "memory:"))
	s.want(t, http.StatusNotFound, http.MethodGet, "/", "", "")
	s.want(t, http.StatusNotFound, http.MethodPost, "/demo/sign-in", "", `{"email": "ada@example.com"}`)
	s.want(t, http.StatusNotFound, http.MethodGet, "/page/app.js", "", "")
	s.want(t, http.StatusOK, http.MethodGet, "/healthz", "", "")
	if s.stdout.String() != "" {
		t.Errorf("the standard output is %q, want none", s.stdout)
	}
}

func TestTestModeNeverOpensALiveGate(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	environment := withStripe(t, stripe, "memory:")
	environment["PAYMOUNT_MODE"] = "live"
	s := start(t, environment)
	s.receive(t, stripe)
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	session := s.checkout(t, user, price.ID)
	if err := stripe.Complete(session); err != nil {
		t.Fatal(err)
	}
	s.want(t, http.StatusOK, http.MethodGet, mountPath+"/checkout-session/"+session+"?wait=10", user, "")
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "")
}

func TestARequestInFlightFinishesBeforeTheServerStops(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	s := start(t, withStripe(t, stripe, "memory:"))
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	session := s.checkout(t, user, price.ID)

	asked, goOn := make(chan struct{}), make(chan struct{})
	_, err := stripe.Inject(stripetest.Fault{
		Path: "/v1/checkout/sessions/*", Wait: goOn, OnHit: func(stripetest.Call) { close(asked) },
	})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan answer, 1)
	go func() { answered <- s.call(t, http.MethodGet, mountPath+"/checkout-session/"+session, user, "") }()
	<-asked
	s.cancel()
	eventually(t, "the server says that it stops", func() bool {
		_, ok := s.logs.attribute("stopping, requests in flight may finish", "level")
		return ok
	})
	select {
	case <-s.exited:
		t.Fatal("the server has stopped with a request in flight")
	case got := <-answered:
		t.Fatalf("the request was answered while Stripe was silent: %d %s", got.status, got.body)
	default:
	}
	close(goOn)
	if got := <-answered; got.status != http.StatusOK || got.field("status") != "open" {
		t.Errorf("the request in flight is answered with %d %s", got.status, got.body)
	}
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestABadConfigurationEndsWithCodeTwoAndALineForEachMistake(t *testing.T) {
	t.Parallel()
	var stdout, stderr output
	environment := map[string]string{"STRIPE_SECRET_KEY": testKey, "PAYMOUNT_MODE": "both"}
	code := run(t.Context(), []string{"serve"}, func(name string) string { return environment[name] }, &stdout, &stderr)
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if code != 2 || len(lines) != 2 || !strings.Contains(lines[0], "PAYMOUNT_MODE") || !bothNamed(lines[1]) {
		t.Errorf("exit code %d, log %q", code, lines)
	}
	wantNoSecrets(t, environment, stderr.String())
}

func TestAnAddressInUseEndsWithCodeOne(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	var stdout, stderr output
	args := []string{"demo", "-addr", strings.TrimPrefix(s.url, "http://")}
	if code := run(t.Context(), args, func(string) string { return "" }, &stdout, &stderr); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if problem, _ := stderr.attribute("the server failed", "error"); !strings.HasPrefix(problem, "PAYMOUNT_ADDR: ") {
		t.Errorf("the log is %s", &stderr)
	}
}

func TestHelpEndsWithCodeZeroAndShowsNoValue(t *testing.T) {
	t.Parallel()
	environment := configured()
	for _, args := range [][]string{{"-h"}, {"help"}, {"serve", "-h"}, {"demo", "--help"}} {
		var stdout, stderr output
		code := run(t.Context(), args, func(name string) string { return environment[name] }, &stdout, &stderr)
		if code != 0 || !strings.Contains(stdout.String(), "USAGE") || stderr.String() != "" {
			t.Errorf("%q: exit code %d, output %q, log %q", args, code, &stdout, &stderr)
		}
		wantNoSecrets(t, environment, strings.ReplaceAll(stdout.String(), "Bearer ", ""))
	}
}
