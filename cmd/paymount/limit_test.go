package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRequestsBeyondTheLimitAreToldToComeAgain(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := make(limit, 2).handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- struct{}{}
		<-leave
		w.WriteHeader(http.StatusNoContent)
	}))
	call := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
		return w
	}
	served := make(chan int)
	for range 2 {
		go func() { served <- call().Code }()
		<-entered
	}
	if w := call(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("the third is answered with %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	leave <- struct{}{}
	if code := <-served; code != http.StatusNoContent {
		t.Errorf("the first is answered with %d", code)
	}
	go func() { served <- call().Code }()
	<-entered // there is room again
	close(leave)
	for range 2 {
		if code := <-served; code != http.StatusNoContent {
			t.Errorf("answered with %d", code)
		}
	}
}

func TestThoseWhoWaitForAPaymentShutNobodyOut(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mount(mux, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			entered <- struct{}{}
			<-leave
		}
		w.WriteHeader(http.StatusNoContent)
	}), 1)
	call := func(method, path string) int {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, mountPath+path, http.NoBody))
		return w.Code
	}
	served := make(chan int)
	go func() { served <- call(http.MethodGet, "/checkout-session/cs_test_1?wait=30") }()
	<-entered
	if code := call(http.MethodPost, "/checkout-session"); code != http.StatusNoContent {
		t.Errorf("while somebody waits, a checkout is answered with %d", code)
	}
	if code := call(http.MethodGet, "/checkout-session/cs_test_2?wait=30"); code != http.StatusServiceUnavailable {
		t.Errorf("another one who would wait is answered with %d", code)
	}
	close(leave)
	if code := <-served; code != http.StatusNoContent {
		t.Errorf("the one who waited is answered with %d", code)
	}
}
