package stripecli_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

const (
	projectID = "shop"
	origin    = "https://app.example.com"
)

// app is a mounted service. It learns the signing secret from the CLI, as a developer copies it from the terminal.
type app struct {
	stripe *stripetest.Server
	url    string
	secret atomic.Value
}

func (a *app) ResolveCredentials(context.Context, string, project.Mode) (project.Credentials, error) {
	secret, _ := a.secret.Load().(string)
	return project.Credentials{SecretKey: stripetest.TestKey, WebhookSecrets: []string{secret}}, nil
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{stripe: stripetest.New(t)}
	service, err := paymount.New(paymount.Config{
		Store: memstore.New(), Credentials: a, RedirectOrigins: []string{origin}, StripeURL: a.stripe.URL,
		Authenticator: auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
			return auth.Identity{UserID: "ada", ProjectID: projectID}, nil
		}),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service.Handler())
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// call makes a call of the user and decodes the answer, which has to be 200.
func (a *app) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d, %v", method, path, response.StatusCode, err)
	}
}

// buy checks a subscription out and pays.
func (a *app) buy(t *testing.T) {
	t.Helper()
	price := a.stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	var checkout struct {
		SessionID string `json:"session_id"`
	}
	a.call(t, http.MethodPost, "/checkout-session",
		`{"price_id": "`+price.ID+`", "success_url": "`+origin+`/", "cancel_url": "`+origin+`/"}`, &checkout)
	if err := a.stripe.Complete(checkout.SessionID); err != nil {
		t.Fatal(err)
	}
}

// settle waits until every webhook has been answered.
func (a *app) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	defer cancel()
	if err := a.stripe.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestTheStripeCLIForwardsACheckoutAndResendsAnEvent(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	stripe := install(t, a.stripe.URL)
	lines := stripe.listen(t, a.url+"/webhooks/"+projectID+"/test")
	ready := waitFor(t, lines, "Ready!", "whsec_")
	t.Log(ready)
	a.secret.Store(regexp.MustCompile(`whsec_\w+`).FindString(ready))

	a.buy(t)
	a.settle(t)
	var subscription *struct{ Status string }
	a.call(t, http.MethodGet, "/my-subscription", "", &subscription)
	if subscription == nil || subscription.Status != "active" {
		t.Fatalf("after the checkout the subscription is %+v", subscription)
	}
	id := ""
	for _, e := range a.stripe.Events() {
		if e.Type == "checkout.session.completed" {
			id = e.ID
		}
	}
	t.Log(waitFor(t, lines, "[200]", "POST", id))
	for _, attempt := range a.stripe.Attempts() {
		if attempt.Status != http.StatusOK {
			t.Errorf("%s was answered %d, %v", attempt.EventType, attempt.Status, attempt.Err)
		}
	}

	if out, err := stripe.command(t.Context(), "events", "resend", id).CombinedOutput(); err != nil {
		t.Fatalf("events resend: %v: %s", err, out)
	}
	t.Log(waitFor(t, lines, "[200]", "POST", id))
	a.settle(t)
	delivered := 0
	for _, attempt := range a.stripe.Attempts() {
		if attempt.EventID == id && attempt.Status == http.StatusOK {
			delivered++
		}
	}
	if delivered != 2 {
		t.Errorf("the event was delivered %d times; want 2", delivered)
	}
}
