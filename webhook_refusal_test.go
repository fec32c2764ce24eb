package paymount_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

func TestARefusedWebhooksReasonIsLogged(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct{ path, payload, signature, reason string }{
		"no secret":     {"none/test", ping, sign(ping, "x", now), "no signing secret is configured"},
		"other secret":  {projectID + "/test", ping, sign(ping, "whsec_x", now), "none of the 1 signing secrets"},
		"old":           {projectID + "/test", ping, sign(ping, secret, now.Add(-10*time.Minute)), "signed 600 s ago"},
		"no header":     {projectID + "/test", ping, "", "no Stripe-Signature header"},
		"bad header":    {projectID + "/test", ping, "t=,v1=zz", "header is malformed"},
		"thin":          {projectID + "/test", `{}`, sign(`{}`, secret, now), "not an event"},
		"other mode":    {projectID + "/live", ping, sign(ping, secret, now), "of the other mode"},
		"other project": {"unknown/test", ping, sign(ping, secret, now), "not configured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
				c.Now = func() time.Time { return now }
				static, _ := c.Credentials.(project.Static)
				static["none"] = map[project.Mode]project.Credentials{project.ModeTest: {SecretKey: stripetest.TestKey}}
			})
			b.hook(test.path, test.payload, test.signature)
			projectID, mode, _ := strings.Cut(test.path, "/")
			for _, part := range []string{"webhook refused", test.reason, "project=" + projectID, "mode=" + mode} {
				if !strings.Contains(b.logs.String(), part) {
					t.Errorf("the log has no %q:\n%s", part, b.logs)
				}
			}
			for _, kept := range []string{secret, stripetest.TestKey} {
				if strings.Contains(b.logs.String(), kept) {
					t.Error("the log has a secret")
				}
			}
		})
	}
}

func TestAFloodOfRefusedWebhooksIsNotAFloodInTheLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 200 {
		b.hook(projectID+"/test", ping, "")
		b.hook(strings.Repeat("x", 1000)+"/test", ping, "")
	}
	if n := strings.Count(b.logs.String(), "webhook refused"); n > 24 {
		t.Errorf("%d lines for 400 refusals", n)
	}
}

func TestAnAuthenticatorsOwnFailureIsLogged(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Authenticator = auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
			return auth.Identity{}, errors.New("the session store is away")
		})
	})
	for _, path := range []string{"/billing/my-subscription", "/pro"} {
		want(t, path, b.as(user, "GET", path, nil).status, 503)
		if !strings.Contains(b.logs.String(), "path="+strings.TrimPrefix(path, "/billing")) ||
			!strings.Contains(b.logs.String(), "the session store is away") {
			t.Errorf("%s: the log does not tell:\n%s", path, b.logs)
		}
	}
}

// withoutProject is an app whose authenticator names no project.
func withoutProject(t *testing.T, options ...option) *bundle {
	t.Helper()
	return setup(t, append(options, func(c *paymount.Config, _ *stripetest.Options) {
		c.Authenticator = auth.AuthenticatorFunc(func(r *http.Request) (auth.Identity, error) {
			id, err := plainBearer(r)
			id.ProjectID = ""
			return id, err
		})
	})...)
}

func TestAnIdentityWithoutAProjectIsLogged(t *testing.T) {
	t.Parallel()
	b := withoutProject(t)
	want(t, "status", b.as(user, "GET", "/billing/my-subscription", nil).status, 401)
	if !strings.Contains(b.logs.String(), "ProjectID") {
		t.Errorf("the log does not tell:\n%s", b.logs)
	}
	b = withoutProject(t)
	b.as("bad", "GET", "/billing/my-subscription", nil)
	b.as("", "GET", "/billing/my-subscription", nil)
	want(t, "what a bad token leaves in the log", b.logs.String(), "")
}

func TestAnAppWithOneProjectNeedNotNameIt(t *testing.T) {
	t.Parallel()
	b := withoutProject(t, func(c *paymount.Config, _ *stripetest.Options) { c.DefaultProject = projectID })
	b.buy()
	want(t, "status", b.status(user), "active")
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	want(t, "without credentials", b.as("", "GET", "/pro", nil).header.Get("WWW-Authenticate"), `Bearer realm="paymount"`)
}

func TestACallerWhomTheHostPutIntoTheContextActsInTheDefaultProject(t *testing.T) {
	t.Parallel()
	b := withoutProject(t, func(c *paymount.Config, _ *stripetest.Options) { c.DefaultProject = projectID })
	b.buy()
	r, w := httptest.NewRequestWithContext(t.Context(), "GET", "/my-subscription", nil), httptest.NewRecorder()
	b.service.Handler().ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), auth.Identity{UserID: user})))
	want(t, "status", w.Code, 200)
	if !strings.Contains(w.Body.String(), "active") {
		t.Errorf("got %s", w.Body)
	}
}

func TestAFailedRequestIsNamedInTheLog(t *testing.T) {
	t.Parallel()
	b := setup(t, withTeams)
	b.stripe.RevokeKey(stripetest.TestKey)
	a := b.as("ada/"+team, "POST", "/billing/checkout-session", b.order(), "X-Request-Id", "edge-17")
	want(t, "status", a.status, 502)
	for _, part := range []string{
		"request failed", "project=" + projectID, "mode=test", "request_id=edge-17", "stripe_request_id=req_", "path=/checkout-session",
		"user=ada", "owner=" + team,
	} {
		if !strings.Contains(b.logs.String(), part) {
			t.Errorf("the log has no %q:\n%s", part, b.logs)
		}
	}
}
