package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// signIn returns a token of the demo.
func (s *instance) signIn(t *testing.T, email string) string {
	t.Helper()
	return s.want(t, http.StatusOK, http.MethodPost, "/demo/sign-in", "", `{"email": "`+email+`"}`).field("token")
}

// offers returns what the demo sells, by name.
func (s *instance) offers(t *testing.T) map[string]offer {
	t.Helper()
	var c catalog
	body := s.want(t, http.StatusOK, http.MethodGet, "/demo/catalog", "", "").body
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	offers := map[string]offer{}
	for _, o := range c.Offers {
		offers[o.Name] = o
	}
	return offers
}

// pay buys an offer as a person with a browser does, and returns the address where they end up.
func (s *instance) pay(t *testing.T, token string, o offer) string {
	t.Helper()
	mode := "payment"
	if o.Interval != "" {
		mode = "subscription"
	}
	page := s.want(t, http.StatusOK, http.MethodPost, mountPath+"/checkout-session", token, `{"price_id": "`+o.PriceID+`",
		"mode": "`+mode+`", "allow_existing_subscription": `+map[bool]string{true: "true", false: "false"}[o.Interval == ""]+`,
		"success_url": "`+s.url+`/success?session_id={CHECKOUT_SESSION_ID}", "cancel_url": "`+s.url+`/"}`).field("checkout_url")
	client := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	form := url.Values{"email": {"buyer@example.com"}, "card": {"4242 4242 4242 4242"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		t.Fatalf("the checkout page answers %s", response.Status)
	}
	return response.Header.Get("Location")
}

func TestInTheDemoAPersonBuysAPlanAndManagesIt(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	if want := "open " + s.url + "/ "; !strings.Contains(s.stdout.String(), want) {
		t.Errorf("the output is %q, want %q in it", s.stdout, want)
	}
	token, offers := s.signIn(t, "Ada@Example.com"), s.offers(t)
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", token, "")

	landed := s.pay(t, token, offers["Pro"])
	session, ok := strings.CutPrefix(landed, s.url+"/success?session_id=")
	if !ok {
		t.Fatalf("the checkout ends at %q", landed)
	}
	settled := s.want(t, http.StatusOK, http.MethodGet, mountPath+"/checkout-session/"+session+"?wait=10", token, "")
	if settled.field("status") != "complete" || !strings.Contains(settled.body, `"status":"active"`) {
		t.Errorf("the session is %s", settled.body)
	}
	pro := s.want(t, http.StatusOK, http.MethodGet, "/pro", token, "")
	if pro.field("plan") != "Pro" || pro.field("user_id") != "ada@example.com" {
		t.Errorf("/pro answers %s", pro.body)
	}
	if second := s.call(t, http.MethodPost, mountPath+"/checkout-session", token, `{"price_id": "`+offers["Starter"].PriceID+
		`", "success_url": "`+s.url+`/", "cancel_url": "`+s.url+`/"}`); second.field("code") != "subscription_exists" {
		t.Errorf("a second plan: %d %s", second.status, second.body)
	}

	s.pay(t, token, offers["Billing handbook"])
	eventually(t, "both payments are listed", func() bool {
		return strings.Contains(s.call(t, http.MethodGet, mountPath+"/my-payments", token, "").body, `"total":2`)
	})
	change := `"new_price_id": "` + offers["Starter"].PriceID + `", "proration_behavior": "always_invoice"`
	quote := s.want(t, http.StatusOK, http.MethodPost, mountPath+"/update-subscription/preview", token,
		`{`+change+`}`).field("quote")
	changed := s.want(t, http.StatusOK, http.MethodPost, mountPath+"/update-subscription", token,
		`{`+change+`, "quote": "`+quote+`"}`)
	if quote == "" || changed.field("price_id") != offers["Starter"].PriceID {
		t.Errorf("with the quote %q the change answers %s", quote, changed.body)
	}
	portal := s.want(t, http.StatusOK, http.MethodPost, mountPath+"/customer-portal", token, `{"return_url": "`+s.url+`/"}`)
	if portal.field("portal_url") == "" {
		t.Errorf("the portal answers %s", portal.body)
	}
	s.want(t, http.StatusOK, http.MethodPost, mountPath+"/cancel-subscription", token, `{}`)
	s.want(t, http.StatusOK, http.MethodPost, mountPath+"/resume-subscription", token, `{}`)
	s.want(t, http.StatusOK, http.MethodPost, mountPath+"/cancel-subscription", token, `{"cancel_immediately": true}`)
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", token, "")
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestTheDemoSignsInOnlyAddresses(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	for _, body := range []string{``, `{}`, `{"email": "ada"}`, `{"email": "Ada <ada@example.com>"}`, `{"email": 1}`, `[`} {
		if got := s.call(t, http.MethodPost, "/demo/sign-in", "", body); got.field("code") != "validation_error" {
			t.Errorf("%s: %d %s, want validation_error", body, got.status, got.body)
		}
	}
}

func TestThePageNeedsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	for _, path := range []string{"/", "/success?session_id=cs_test_1"} {
		page := s.want(t, http.StatusOK, http.MethodGet, path, "", "")
		if !strings.Contains(page.body, "<title>Paymount demo</title>") {
			t.Errorf("%s is not the page", path)
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") {
			t.Errorf("%s has the policy %q", path, policy)
		}
	}
	s.want(t, http.StatusNotFound, http.MethodGet, "/elsewhere", "", "")

	reference := regexp.MustCompile(`(?:src|href)="([^"#][^"]*)"|from '([^']+)'`)
	inline := regexp.MustCompile(`<script[^>]*>[^<]|<style| style="| on[a-z]+="|https?://[^ ]*\.(js|css)`)
	files, err := fs.Glob(pageFiles, "page/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files of the page: %v, %v", files, err)
	}
	for _, name := range files {
		file := s.want(t, http.StatusOK, http.MethodGet, "/"+name, "", "").body
		if name == "page/index.html" && inline.MatchString(file) {
			t.Errorf("%s has something inline or from outside: %s", name, inline.FindString(file))
		}
		for _, match := range reference.FindAllStringSubmatch(file, -1) {
			path := match[1] + match[2]
			if !strings.HasPrefix(path, "/page/") {
				t.Errorf("%s refers to %s, which is not the page's", name, path)
				continue
			}
			s.want(t, http.StatusOK, http.MethodGet, path, "", "")
		}
	}
}
