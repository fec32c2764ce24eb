package fidelity_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// exchange is one API call with its answer.
type exchange struct {
	method, path string
	form         url.Values
	version      string // of the request; empty for the default
	status       int
	body         []byte
}

func (e exchange) String() string { return e.method + " " + e.path + " " + e.form.Encode() }

// recorder calls an API and keeps what was said.
type recorder struct {
	t         *testing.T
	base, key string
	client    *http.Client
	said      []exchange
}

func newRecorder(t *testing.T, base string) *recorder {
	t.Helper()
	return &recorder{t: t, base: base, key: stripetest.TestKey, client: &http.Client{Timeout: time.Minute}}
}

// call makes one call, with parameters as name, value, name, value.
func (r *recorder) call(method, path string, pairs ...string) exchange {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	e := r.send(exchange{method: method, path: path, form: form})
	r.said = append(r.said, e)
	return e
}

// send makes a call without keeping it.
func (r *recorder) send(e exchange) exchange {
	r.t.Helper()
	target, body := r.base+e.path, io.Reader(nil)
	if e.method == http.MethodPost {
		body = strings.NewReader(e.form.Encode())
	} else if len(e.form) > 0 {
		target += "?" + e.form.Encode()
	}
	request, err := http.NewRequestWithContext(r.t.Context(), e.method, target, body)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if e.version != "" {
		request.Header.Set("Stripe-Version", e.version)
	}
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	e.status = response.StatusCode
	if e.body, err = io.ReadAll(response.Body); err != nil {
		r.t.Fatal(err)
	}
	return e
}

// post makes a call that has to be accepted, and returns the answer.
func (r *recorder) post(path string, pairs ...string) map[string]any {
	r.t.Helper()
	return r.accepted(r.call(http.MethodPost, path, pairs...))
}

// get makes a call that has to be accepted, and returns the answer.
func (r *recorder) get(path string, pairs ...string) map[string]any {
	r.t.Helper()
	return r.accepted(r.call(http.MethodGet, path, pairs...))
}

// remove makes a DELETE that has to be accepted, and returns the answer.
func (r *recorder) remove(path string, pairs ...string) map[string]any {
	r.t.Helper()
	return r.accepted(r.call(http.MethodDelete, path, pairs...))
}

// refused makes a call that has to be refused with a status.
func (r *recorder) refused(status int, method, path string, pairs ...string) {
	r.t.Helper()
	if e := r.call(method, path, pairs...); e.status != status {
		r.t.Errorf("%s: status %d, %s; want %d", e, e.status, e.body, status)
	}
}

func (r *recorder) accepted(e exchange) map[string]any {
	r.t.Helper()
	if e.status != http.StatusOK {
		r.t.Fatalf("%s: status %d, %s; want 200", e, e.status, e.body)
	}
	return object(decode(r.t, e.body))
}
