package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/cmd/paymount/internal/admission"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

// crowded is a server with one place for each project and kind, whose API answers once leave is closed.
type crowded struct {
	mux            *http.ServeMux
	entered, leave chan struct{}
	served         chan int
}

func newCrowded() *crowded {
	c := &crowded{mux: http.NewServeMux(), entered: make(chan struct{}), leave: make(chan struct{}), served: make(chan int)}
	key := project.Credentials{SecretKey: testKey}
	l := newLimits(project.Static{"a": {project.ModeTest: key}, "b": {project.ModeTest: key}})
	for _, kind := range []*admission.Kind{&l.webhooks, &l.users, &l.waiting, &l.gate} {
		kind.Places = admission.NewShare(9, 1)
	}
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.entered <- struct{}{}
		<-c.leave
		w.WriteHeader(http.StatusNoContent)
	})
	l.mount(c.mux, routesWithin{
		verify: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				caller := auth.Identity{UserID: "user-1", ProjectID: r.Header.Get("Project")}
				next.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), caller)))
			})
		},
		api: busy, pro: busy,
	})
	return c
}

func (c *crowded) call(t *testing.T, method, path, projectID string) int {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	r.Header.Set("Project", projectID)
	c.mux.ServeHTTP(w, r)
	return w.Code
}

func TestNoKindOfWorkAndNoProjectShutsAnotherOut(t *testing.T) {
	t.Parallel()
	c := newCrowded()
	type request struct{ method, path, projectID string }
	requests := []request{
		{http.MethodPost, mountPath + "/webhooks/a/test", ""},
		{http.MethodPost, mountPath + "/webhooks/b/test", ""},
		{http.MethodPost, mountPath + "/webhooks/unknown/test", ""},
		{http.MethodGet, "/pro", "a"},
		{http.MethodGet, "/pro", "b"},
		{http.MethodPost, mountPath + "/checkout-session", "a"},
		{http.MethodGet, mountPath + "/my-subscription", "b"},
		{http.MethodGet, mountPath + "/checkout-session/cs_test_1?wait=30", "a"},
		{http.MethodGet, mountPath + "/checkout-session/cs_test_1?wait=30", "b"},
	}
	for _, r := range requests { // each of them finds its place beside all those before it
		go func() { c.served <- c.call(t, r.method, r.path, r.projectID) }()
		select {
		case <-c.entered:
		case code := <-c.served:
			t.Fatalf("%s %s of %q is answered with %d", r.method, r.path, r.projectID, code)
		}
	}
	for _, r := range append(requests, request{http.MethodPost, mountPath + "/webhooks/other/live", ""}) {
		if code := c.call(t, r.method, r.path, r.projectID); code != http.StatusServiceUnavailable {
			t.Errorf("a second %s %s of %q is answered with %d, want 503", r.method, r.path, r.projectID, code)
		}
	}
	close(c.leave)
	for range requests {
		if code := <-c.served; code != http.StatusNoContent {
			t.Errorf("answered with %d", code)
		}
	}
}

// idle sends the head of a webhook and returns once the server waits for its body, or has answered.
func (s *instance) idle(t *testing.T, path, token string) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	head := "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\nContent-Type: application/json\r\n" +
		"Authorization: Bearer " + token + "\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

func TestIdleConnectionsShutNobodyOut(t *testing.T) {
	t.Parallel()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 2900, Interval: "month"})
	s := start(t, withStripe(t, stripe, "memory:"))
	s.receive(t, stripe)
	user := token(t, jwt.MapClaims{"project_id": "shop"})
	session := s.checkout(t, user, price.ID)
	for range 515 {
		s.idle(t, mountPath+"/webhooks/shop/test", "")
		s.idle(t, mountPath+"/checkout-session", user)
	}
	s.want(t, http.StatusPaymentRequired, http.MethodGet, "/pro", user, "")
	s.checkout(t, user, price.ID)
	if err := stripe.Complete(session); err != nil {
		t.Fatal(err)
	}
	if err := stripe.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.want(t, http.StatusOK, http.MethodGet, "/pro", user, "")
}
