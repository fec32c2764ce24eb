package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
)

// endpoints lists every endpoint of end users, with the action that it takes.
func endpoints() map[string]auth.Action {
	return map[string]auth.Action{
		"POST /checkout-session":            auth.Buy,
		"GET /checkout-session/cs_1":        auth.View,
		"GET /my-subscription":              auth.View,
		"GET /my-subscriptions":             auth.View,
		"GET /my-payments":                  auth.View,
		"POST /customer-portal":             auth.Manage,
		"POST /cancel-subscription":         auth.Manage,
		"POST /resume-subscription":         auth.Manage,
		"POST /update-subscription":         auth.Manage,
		"POST /update-subscription/preview": auth.Manage,
	}
}

func authorizing(hook auth.Authorize) option {
	return func(c *paymount.Config, _ *stripetest.Options) { c.Authorize = hook }
}

func TestEachEndpointAsksForItsAction(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []auth.Action
	b := setup(t, authorizing(func(_ context.Context, caller auth.Identity, action auth.Action) error {
		mu.Lock()
		defer mu.Unlock()
		want(t, "who is asked about", caller.UserID, user)
		asked = append(asked, action)
		return auth.ErrForbidden
	}))
	for endpoint, action := range endpoints() {
		method, path, _ := strings.Cut(endpoint, " ")
		mu.Lock()
		asked = nil
		mu.Unlock()
		// The body is no JSON, and the query is wrong: neither is looked at.
		a := b.as(user, method, "/billing"+path+"?test_mode=maybe", "{")
		want(t, endpoint+": status", a.status, http.StatusForbidden)
		want(t, endpoint+": code", a.code(), "forbidden")
		mu.Lock()
		if len(asked) != 1 || asked[0] != action {
			t.Errorf("%s asks for %v, want %s once", endpoint, asked, action)
		}
		mu.Unlock()
	}
	want(t, "calls to Stripe", len(b.stripe.Calls()), 0)
}

func TestWhoIsNotSignedInIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	b := setup(t, authorizing(func(context.Context, auth.Identity, auth.Action) error {
		t.Error("the hook was asked")
		return nil
	}))
	want(t, "status", b.as("", http.MethodGet, "/billing/my-subscription", nil).status, http.StatusUnauthorized)
}

func TestTheGateNeedsNoPermission(t *testing.T) {
	t.Parallel()
	var refuse atomic.Bool
	b := setup(t, authorizing(func(context.Context, auth.Identity, auth.Action) error {
		if refuse.Load() {
			return auth.ErrForbidden
		}
		return nil
	}))
	b.buy()
	refuse.Store(true)
	want(t, "the list", b.as(user, http.MethodGet, "/billing/my-subscription", nil).status, http.StatusForbidden)
	want(t, "the gate", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusNoContent)
}

func TestAnAnswerIsNotRepeatedToWhoMayNotAskAnyMore(t *testing.T) {
	t.Parallel()
	var refuse atomic.Bool
	b := setup(t, authorizing(func(context.Context, auth.Identity, auth.Action) error {
		if refuse.Load() {
			return auth.ErrForbidden
		}
		return nil
	}))
	post := func() answer {
		return b.as(user, http.MethodPost, "/billing/checkout-session", b.order(), "Idempotency-Key", "key")
	}
	want(t, "at first", post().status, http.StatusOK)
	refuse.Store(true)
	want(t, "then", post().status, http.StatusForbidden)
}

func TestAHookThatCannotTellIsNoPermission(t *testing.T) {
	t.Parallel()
	b := setup(t, authorizing(func(context.Context, auth.Identity, auth.Action) error {
		return errors.New("the roles' database is away")
	}))
	a := b.as(user, http.MethodGet, "/billing/my-subscription", nil)
	want(t, "status", a.status, http.StatusServiceUnavailable)
	want(t, "Retry-After", a.header.Get("Retry-After"), "2")
	if strings.Contains(a.raw, "roles") {
		t.Errorf("the answer tells why: %s", a.raw)
	}
	if logs := b.logs.String(); !strings.Contains(logs, "the roles' database is away") {
		t.Errorf("the log does not tell why: %s", logs)
	}
}

func TestAMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Authenticator = auth.AuthenticatorFunc(func(r *http.Request) (auth.Identity, error) {
			id, err := plainBearer(r)
			id.Scope = r.Header.Get("X-Scope")
			return id, err
		})
		c.Authorize = auth.RequireScope(map[auth.Action]string{auth.Buy: "billing:write", auth.Manage: "billing:write"})
	})
	for scope, status := range map[string]int{
		"":                             http.StatusForbidden,
		"billing:read":                 http.StatusForbidden,
		"billing:writer":               http.StatusForbidden,
		"Billing:Write":                http.StatusForbidden,
		"billing:write":                http.StatusOK,
		"openid billing:write profile": http.StatusOK,
	} {
		a := b.as(user, http.MethodPost, "/billing/checkout-session", b.order(), "X-Scope", scope)
		want(t, scope+": status", a.status, status)
		challenge := ""
		if status == http.StatusForbidden {
			challenge = `Bearer error="insufficient_scope", scope="billing:write"`
		}
		want(t, scope+": challenge", a.header.Get("WWW-Authenticate"), challenge)
	}
	want(t, "to look", b.as(user, http.MethodGet, "/billing/my-subscription", nil).status, http.StatusOK)
}
