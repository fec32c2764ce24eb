package paymount_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
)

// cookies takes the cookie "session" for a signed-in user, and plainBearer's header as well.
func cookies(r *http.Request) (auth.Identity, error) {
	if c, err := r.Cookie("session"); err == nil {
		return auth.Identity{UserID: c.Value, ProjectID: projectID}, nil
	}
	return plainBearer(r)
}

func withCookies(c *paymount.Config, _ *stripetest.Options) {
	c.Authenticator = auth.AuthenticatorFunc(cookies)
}

// posts are the paths of all end-user POSTs.
func posts() []string {
	return []string{
		"/checkout-session", "/customer-portal", "/cancel-subscription", "/resume-subscription", "/update-subscription",
		"/update-subscription/preview",
	}
}

func TestAPageOfAnotherOriginCannotPostInAUsersName(t *testing.T) {
	t.Parallel()
	b := setup(t, withCookies)
	b.buy()
	session := []string{"Cookie", "session=" + user}
	for _, path := range posts() {
		for name, header := range map[string][]string{
			"another site":             {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
			"another host of the site": {"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.com"},
			"an opaque origin":         {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			"an older browser":         {"Origin", "https://evil.example"},
			"entered in a dialog":      {"Sec-Fetch-Site", "cross-site", "Authorization", "Basic dTpw"},
		} {
			a := b.as("", http.MethodPost, "/billing"+path, "{}", slices.Concat(session, header)...)
			if a.status != http.StatusForbidden || a.code() != "cross_origin" {
				t.Errorf("%s from %s: %d %s", path, name, a.status, a.raw)
			}
		}
	}
	want(t, "subscription", b.as(user, http.MethodGet, "/billing/my-subscription", nil).body["cancel_at"], nil)
}

func TestAPageOfATrustedOriginCanPost(t *testing.T) {
	t.Parallel()
	trusting := func(origins ...string) option {
		return func(c *paymount.Config, _ *stripetest.Options) {
			c.RedirectOrigins = append(c.RedirectOrigins, "https://App2.example.com:443/")
			c.TrustedOrigins = origins
		}
	}
	for name, test := range map[string]struct {
		trust  option
		header []string
		status int
	}{
		"a redirect origin by default":  {trusting(), []string{"Sec-Fetch-Site", "same-site", "Origin", origin}, 200},
		"as browsers write it":          {trusting(), []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app2.example.com"}, 200},
		"a trusted one":                 {trusting("https://www.example.com"), []string{"Origin", "https://www.example.com"}, 200},
		"a trusted IPv6 address":        {trusting("http://[0:0::1]:3000"), []string{"Origin", "http://[::1]:3000"}, 200},
		"a redirect origin not trusted": {trusting("https://www.example.com"), []string{"Origin", origin}, 403},
		"where none is trusted":         {trusting([]string{}...), []string{"Origin", origin}, 403},
		"its own page":                  {trusting(), []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"what the user types":           {trusting(), []string{"Sec-Fetch-Site", "none"}, 200},
		"no browser":                    {trusting(), nil, 200},
		"another origin, with a header": {
			trusting(), []string{"Sec-Fetch-Site", "cross-site", "Authorization", "Bearer " + user}, 200,
		},
		"another port of a trusted one":   {trusting(), []string{"Origin", origin + ":8443"}, 403},
		"another scheme of a trusted one": {trusting(), []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://app.example.com"}, 403},
	} {
		b := setup(t, withCookies, test.trust)
		header := slices.Concat([]string{"Cookie", "session=" + user}, test.header)
		a := b.as("", http.MethodPost, "/billing/checkout-session", b.order(), header...)
		if a.status != test.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestABodyMustSayThatItIsJSON(t *testing.T) {
	t.Parallel()
	b := setup(t, withCookies)
	b.buy()
	for name, test := range map[string]struct {
		who, contentType string
		body             any
		status           int
	}{
		"JSON":                             {user, "application/json", "{}", 200},
		"JSON with its charset":            {user, "Application/JSON; charset=utf-8", "{}", 200},
		"no type":                          {user, "", "{}", 415},
		"a form":                           {user, "application/x-www-form-urlencoded", "{}", 415},
		"a text":                           {user, "text/plain", "{}", 415},
		"another JSON type":                {user, "application/vnd.api+json", "{}", 415},
		"a type that is none":              {user, "application/json/x", "{}", 415},
		"nothing":                          {user, "", "", 200},
		"nothing, called a form":           {user, "application/x-www-form-urlencoded", "", 200},
		"by a cookie, JSON":                {"", "application/json", "{}", 200},
		"by a cookie, no type":             {"", "", "{}", 415},
		"by a cookie, nothing":             {"", "", "", 415},
		"by a cookie, no body":             {"", "", nil, 415},
		"by a cookie, an empty form":       {"", "application/x-www-form-urlencoded", "", 415},
		"by a cookie, nothing called JSON": {"", "application/json", "", 200},
	} {
		header := []string{"Content-Type", test.contentType}
		if test.who == "" {
			header = append(header, "Cookie", "session="+user)
		}
		a := b.as(test.who, http.MethodPost, "/billing/cancel-subscription", test.body, header...)
		if a.status != test.status || a.status == 415 && a.code() != "unsupported_media_type" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestWebhooksComeFromAnywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.as("", http.MethodPost, "/billing/webhooks/"+projectID+"/test", updated, "Content-Type", "text/plain",
		"Stripe-Signature", sign(updated, secret, time.Now()), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	want(t, "webhook", a.status, http.StatusOK)
}
