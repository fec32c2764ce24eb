package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// skip moves the demo's clock and returns the time that it shows then.
func (s *instance) skip(t *testing.T, token, step string) time.Time {
	t.Helper()
	skipped := s.want(t, http.StatusOK, http.MethodPost, "/demo/clock", token, `{"skip": "`+step+`"}`)
	now, err := time.Parse(time.RFC3339, skipped.field("now"))
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// setCard says whether the user's card fails from now on.
func (s *instance) setCard(t *testing.T, token, fails string) {
	t.Helper()
	body := s.want(t, http.StatusOK, http.MethodPost, "/demo/card", token, `{"fails": `+fails+`}`).body
	if !strings.Contains(body, `"card_fails":`+fails) {
		t.Errorf("the card is set to fails=%s and the answer is %s", fails, body)
	}
}

// wantPayments compares the statuses of the user's payments, newest first.
func (s *instance) wantPayments(t *testing.T, token string, statuses ...string) {
	t.Helper()
	var list struct {
		Payments []struct {
			Status string `json:"status"`
		} `json:"payments"`
	}
	body := s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-payments", token, "").body
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list.Payments {
		got = append(got, p.Status)
	}
	if strings.Join(got, " ") != strings.Join(statuses, " ") {
		t.Errorf("the payments are %v, want %v: %s", got, statuses, body)
	}
}

func (s *instance) wantPlan(t *testing.T, token, status string) {
	t.Helper()
	if got := s.want(t, http.StatusOK, http.MethodGet, mountPath+"/my-subscription", token, ""); got.field("status") != status {
		t.Errorf("the plan is %s, want %s", got.body, status)
	}
}

func TestOnTheDemosClockPlansRenewAndFailedPaymentsCloseTheGate(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	user, offers := s.signIn(t, "ada@example.com"), s.offers(t)
	s.pay(t, user, offers["Pro"])
	eventually(t, "the plan is there", func() bool {
		return s.call(t, http.MethodGet, "/pro", user, "").status == http.StatusOK
	})

	before := time.Now()
	if now := s.skip(t, user, "month"); now.Before(before.AddDate(0, 0, 28)) || now.After(before.AddDate(0, 0, 32)) {
		t.Errorf("a month after %s it is %s", before, now)
	}
	s.wantPayments(t, user, "succeeded", "succeeded")

	s.setCard(t, user, "true")
	s.skip(t, user, "month")
	s.wantPlan(t, user, "past_due")
	s.wantPayments(t, user, "failed", "succeeded", "succeeded")
	s.want(t, http.StatusOK, http.MethodGet, "/pro", user, "") // in the grace period
	s.skip(t, user, "week")
	s.wantPlan(t, user, "past_due")
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "")

	s.setCard(t, user, "false")
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "") // until Stripe tries again
	s.skip(t, user, "day")
	s.wantPlan(t, user, "active")
	s.wantPayments(t, user, "succeeded", "succeeded", "succeeded")
	s.want(t, http.StatusOK, http.MethodGet, "/pro", user, "")
}

func TestTheDemosClockHasBounds(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	user := s.signIn(t, "ada@example.com")
	if got := s.want(t, http.StatusOK, http.MethodGet, "/demo/clock", user, ""); !strings.Contains(got.body, `"card_fails":null`) {
		t.Errorf("a user without a plan has the card %s", got.body)
	}
	s.want(t, http.StatusNotFound, http.MethodPost, "/demo/card", user, `{"fails": true}`)
	for _, body := range []string{``, `{}`, `[`, `{"skip": "year"}`, `{"skip": 1}`} {
		s.want(t, http.StatusUnprocessableEntity, http.MethodPost, "/demo/clock", user, body)
	}
	for _, body := range []string{``, `{}`, `[`, `{"fails": null}`, `{"fails": "yes"}`} {
		s.want(t, http.StatusUnprocessableEntity, http.MethodPost, "/demo/card", user, body)
	}
	furthest := time.Now().AddDate(5, 1, 0)
	for months := 0; ; months++ {
		got := s.call(t, http.MethodPost, "/demo/clock", user, `{"skip": "month"}`)
		if got.status == http.StatusConflict {
			if months < 12 {
				t.Errorf("the clock stops after %d months", months)
			}
			return
		}
		if now, err := time.Parse(time.RFC3339, got.field("now")); err != nil || now.After(furthest) {
			t.Fatalf("after %d months: %d %s", months, got.status, got.body)
		}
	}
}

func TestTheDemosClockIsMovedByItsOwnPageAlone(t *testing.T) {
	t.Parallel()
	s := startTheDemo(t, nil)
	for _, path := range []string{"/demo/clock", "/demo/card"} {
		s.want(t, http.StatusUnauthorized, http.MethodPost, path, "", `{"skip": "day", "fails": true}`)
	}
	s.want(t, http.StatusUnauthorized, http.MethodGet, "/demo/clock", "", "")

	user := s.signIn(t, "ada@example.com")
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
		for _, path := range []string{"/demo/clock", "/demo/card", "/demo/sign-in"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(`{"skip": "day"}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+user)
			request.Header.Set(header, value)
			response, err := (&http.Client{Timeout: patience}).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s: %s answers %s, want 403", path, header, value, response.Status)
			}
		}
	}
}

func TestOnlyTheDemoHasAClockToMove(t *testing.T) {
	t.Parallel()
	s := start(t, withStripe(t, stripetest.New(t), "memory:"))
	for _, path := range []string{"/demo/clock", "/demo/card", "/demo/sign-in"} {
		s.want(t, http.StatusNotFound, http.MethodPost, path, "", `{"skip": "day"}`)
	}
}
