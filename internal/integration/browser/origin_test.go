package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

// answered is a POST that the host has got, and its answer to it.
type answered struct {
	cookie bool
	status int
}

// cookieHost is a host whose users are signed in by a cookie, with one user who has a plan.
type cookieHost struct {
	*httptest.Server

	posts chan answered
}

func newCookieHost(t *testing.T) *cookieHost {
	t.Helper()
	stripe := stripetest.New(t)
	service, err := paymount.New(paymount.Config{
		Store:       memstore.New(),
		Credentials: project.Static{"shop": {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		Authenticator: auth.AuthenticatorFunc(func(r *http.Request) (auth.Identity, error) {
			cookie, err := r.Cookie("session")
			if err != nil {
				return auth.Identity{}, auth.ErrNoCredentials
			}
			return auth.Identity{UserID: cookie.Value, ProjectID: "shop"}, nil
		}),
		RedirectOrigins: []string{"https://shop.example"}, EntitlementMode: project.ModeTest, StripeURL: stripe.URL,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &cookieHost{posts: make(chan answered, 1)}
	mux := http.NewServeMux()
	mux.Handle("/billing/", http.StripPrefix("/billing", service.Handler()))
	mux.HandleFunc("/sign-in", func(w http.ResponseWriter, _ *http.Request) {
		// Without SameSite, as many hosts set it: for two minutes it comes with a form of another site.
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "ada", Path: "/", HttpOnly: true})
		page(w, "")
	})
	mux.HandleFunc("/own", func(w http.ResponseWriter, r *http.Request) {
		script, _ := url.QueryUnescape(r.URL.RawQuery)
		page(w, script)
	})
	h.Server = httptest.NewServer(h.record(mux))
	t.Cleanup(h.Close)

	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	session := h.call(t, http.MethodPost, "/checkout-session", fmt.Sprintf(
		`{"price_id": %q, "success_url": "https://shop.example/", "cancel_url": "https://shop.example/"}`, price.ID))
	id, _ := session["session_id"].(string)
	if err := stripe.Complete(id); err != nil {
		t.Fatal(err)
	}
	h.call(t, http.MethodGet, "/checkout-session/"+id+"?wait=20", "")
	return h
}

// record tells of each POST of a browser.
func (h *cookieHost) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		maps.Copy(w.Header(), recorder.Header())
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
		if r.Method == http.MethodPost && strings.HasPrefix(r.UserAgent(), "Mozilla/") {
			_, err := r.Cookie("session")
			h.posts <- answered{cookie: err == nil, status: recorder.Code}
		}
	})
}

// call is a request of the user, not by a browser.
func (h *cookieHost) call(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+"/billing"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "session=ada")
	r.Header.Set("Content-Type", "application/json")
	res, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %v, %v", method, path, res.StatusCode, answer, err)
	}
	return answer
}

func page(w io.Writer, script string) {
	_, _ = io.WriteString(w, "<!doctype html><title>A page</title><script>addEventListener('load', () => {"+script+"});</script>")
}

func TestPagesOfOtherOriginsCannotActForAUser(t *testing.T) {
	t.Parallel()
	browser := startChromium(t, findChromium(t))
	const form = `const f = document.createElement('form');
		f.method = 'post'; f.action = TARGET; document.body.append(f); f.submit();`
	const fetchJSON = `fetch(TARGET, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'});`
	fetch := func(blob string) string {
		return `fetch(TARGET, {method: 'POST', mode: 'no-cors', credentials: 'include', body: ` + blob + `});`
	}
	const otherSite, otherPort = "localhost", "127.0.0.1" // the host is at 127.0.0.1; a port does not make another site
	for name, test := range map[string]struct {
		at, script string
		status     int
	}{
		"a form of another site":            {otherSite, form, http.StatusForbidden},
		"a form of the same site":           {otherPort, form, http.StatusForbidden},
		"a Blob of a page of the same site": {otherPort, fetch(`new Blob(['{"cancel_immediately": true}'])`), http.StatusForbidden},
		"an empty Blob of the same site":    {otherPort, fetch(`new Blob([])`), http.StatusForbidden},
		"a Blob of the host's own page":     {"", fetch(`new Blob([])`), http.StatusUnsupportedMediaType},
		"a request of the host's own page":  {"", fetchJSON, http.StatusOK},
		"a form of the host's own page":     {"", form, http.StatusUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := newCookieHost(t) //nolint:contextcheck // the browser's context is not the host's
			script := strings.ReplaceAll(test.script, "TARGET", "'"+host.URL+"/billing/cancel-subscription'")
			other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { page(w, script) }))
			t.Cleanup(other.Close)
			visit := host.URL + "/own?" + url.QueryEscape(script)
			if test.at != "" {
				visit = strings.Replace(other.URL, "127.0.0.1", test.at, 1)
			}
			ctx := emptyTab(browser, t)
			if err := chromedp.Do(ctx, chromedp.Navigate(host.URL+"/sign-in"), chromedp.Navigate(visit)); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-host.posts:
				if !got.cookie || got.status != test.status {
					t.Errorf("the host answers %d (with the cookie: %v), want %d", got.status, got.cookie, test.status)
				}
			case <-ctx.Done():
				t.Fatal("the host was not asked")
			}
			cancelled := host.call(t, http.MethodGet, "/my-subscription", "")["cancel_at"] != nil //nolint:contextcheck // as above
			if cancelled != (test.status == http.StatusOK) {
				t.Errorf("the subscription is cancelled: %v", cancelled)
			}
		})
	}
}

// emptyTab opens a tab without the watch of newTab: these pages belong to several hosts.
func emptyTab(browser context.Context, t *testing.T) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	return ctx
}
